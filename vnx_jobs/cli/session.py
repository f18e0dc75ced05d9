"""What a command works with: the settings, the parts built from them, and the array that is meant if none is named."""

import getpass
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from vnx_jobs.model.authority import Caller, Role
from vnx_jobs.model.errors import Code, JobError, Refused, StateServerError

if TYPE_CHECKING:  # slow: whoever asks for help, or speaks over HTTP, needs none of it
    from vnx_jobs.reads import Reads
    from vnx_jobs.settings import Settings
    from vnx_jobs.wiring import House


@contextmanager
def opened(settings: "Settings | None" = None) -> "Iterator[House]":
    """Give the parts of this process, and let go of them afterwards. Raises Refused for settings with mistakes."""
    from vnx_jobs.observability.logs import log_to  # noqa: PLC0415 -- slow, see above
    from vnx_jobs.settings import load  # noqa: PLC0415 -- as above
    from vnx_jobs.wiring import House  # noqa: PLC0415 -- as above

    log_to(level="error")
    house = House(settings or load())
    try:
        yield house
    finally:
        house.close()


@contextmanager
def finding_again(house: "House") -> "Iterator[Callable[[], Reads]]":
    """Give what opens the reading parts anew, wherever the state server is by then: it may have moved."""
    latest = house

    def anew() -> "Reads":
        nonlocal latest
        latest.close()
        latest = type(house)(house.settings)
        return latest.reads

    try:
        yield anew
    finally:
        if latest is not house:
            latest.close()


def array_meant(settings: "Settings", named: str | None) -> str:
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


@dataclass(slots=True)
class Told:
    """What the audit trail will say besides."""

    jobs: Collection[str] = ()
    outcome: str = "done"
    """The code of a refusal that is told, and not raised."""
    array: str = ""
    """Which array it is about, where that is known later; several with commas."""


@contextmanager
def audited(house: "House", what: str, array: str = "") -> Iterator[Told]:
    """Leave a line in the audit trail, whatever comes of what is done within; who is at the terminal is an admin."""
    told = Told()
    try:
        yield told
    except JobError as error:
        told.outcome = str(error.code)
        raise
    except BaseException:
        told.outcome = str(Code.INTERNAL)
        raise
    finally:
        _write(house, what, told.array or array, told.jobs, told.outcome)


def _write(house: "House", what: str, array: str, jobs: Collection[str], outcome: str) -> None:
    who = Caller(f"{sender().removesuffix('@cli')}@{socket.gethostname()}", Role.ADMIN, None, "local")
    try:
        house.authority.wrote(who, what, array=array, jobs=jobs, outcome=outcome)
    except StateServerError as error:  # what was done is done, and its result is to be told
        click.echo(f"note: the audit trail has no line of this: {error.message}", err=True)
