"""A process that is there before it does anything: it waits to be let go, and becomes the program that it was given.

`python -m vnx_jobs.copier.gate DESCRIPTOR PARENT PROGRAM [WORD ...]` reads one byte from the descriptor, closes it, and
executes the program in its own place: same process, same group. If the other end of the descriptor is closed first, as
by its starter's death, it ends with status 75 and nothing was done. What it becomes is asked to end (TERM) when the
thread that started it dies.
"""

import os
import signal
import sys
from typing import Final

from vnx_jobs.copier.bonds import die_with_parent

NEVER_LET_GO: Final = 75
NO_PROGRAM: Final = 127


def main(words: list[str]) -> int:
    """Wait, and become the program. Returns only if that is not to be, or cannot be."""
    descriptor, parent, command = int(words[0]), int(words[1]), words[2:]
    if not die_with_parent(parent, signal.SIGTERM) or not os.read(descriptor, 1):
        return NEVER_LET_GO
    os.close(descriptor)
    try:
        os.execv(command[0], command)  # noqa: S606 -- an argument list, no shell: this is what the gate is for
    except OSError as error:
        sys.stderr.write(f"error: {command[0]} cannot be run: {error.strerror}\n")
        return NO_PROGRAM


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
