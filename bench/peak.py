"""Runs a program and writes its seconds and the most memory that it ever had, in KB, as JSON: `peak.py OUT PROGRAM...`.

A process of its own, which is small: a program's peak is counted from the fork on, when it is still its parent's copy.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(out: str, *words: str) -> int:
    """Run the program with its output thrown away, and return its exit status."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    began = time.perf_counter()
    child = os.posix_spawn(words[0], words, dict(os.environ), file_actions=[(os.POSIX_SPAWN_DUP2, quiet, 1)])
    _, status, used = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    with open(out, "w", encoding="ascii") as file:  # noqa: PTH123 -- pathlib would be half of its memory
        json.dump({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak_kb": used.ru_maxrss}, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
