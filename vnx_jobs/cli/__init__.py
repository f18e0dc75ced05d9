"""The command line: `vnx-jobs`. It speaks to submission and to reads, and starts and ends the embedded stack."""

import gc
import sys
from typing import Final

_COLLECTED: Final = (50_000, 20, 100)
"""How rarely garbage in circles is looked for. The rows of a batch are none, and looking cost a sixth of its time."""


def main() -> None:
    """Run the program on the words of its command line, and leave with one of the documented statuses."""
    try:
        from .program import run  # noqa: PLC0415 -- who imports this package for one of its modules needs no click

        gc.set_threshold(*_COLLECTED)
        status = int(run(sys.argv[1:]))
    except KeyboardInterrupt:  # while the program was still being loaded, or was leaving
        sys.stderr.write("error: interrupted\n")
        status = 130
    sys.exit(status)
