"""What a command works with: the settings, the parts built from them, and the array that is meant if none is named."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.observability.logs import log_to
from vnx_jobs.settings import Settings, load
from vnx_jobs.wiring import House


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[House]:
    """Give the parts of this process, and let go of them afterwards. Raises Refused for settings with mistakes."""
    log_to(level="error")
    house = House(settings or load())
    try:
        yield house
    finally:
        house.close()


def array_meant(settings: Settings, named: str | None) -> str:
    """Return the array that is named, or the only one there is. Raises Refused if that is not one array."""
    if named:
        return named
    match sorted(settings.arrays):
        case [only]:
            return only
        case []:
            text = "no array is configured: name one in config.yaml, or start one with `vnx-jobs up --simulated-array`"
            raise Refused(Code.UNKNOWN_ARRAY, text)
        case several:
            raise Refused(Code.UNKNOWN_ARRAY, f"say which array is meant: --array with one of {', '.join(several)}")


def sender() -> str:
    """Return who is at the terminal, for the record."""
    try:
        return f"{getpass.getuser()}@cli"
    except (KeyError, OSError):  # a process without a user entry, as in some containers
        return "cli"
