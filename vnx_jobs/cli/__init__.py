"""The command line: `vnx-jobs`. It speaks to submission and to reads, and starts and ends the embedded stack."""

import sys


def main() -> None:
    """Run the program on the words of its command line, and leave with one of the documented statuses."""
    from .program import run  # noqa: PLC0415 -- who imports this package for one of its modules needs no click

    sys.exit(run(sys.argv[1:]))
