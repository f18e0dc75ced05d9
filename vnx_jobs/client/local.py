"""What a client that speaks to the parts themselves needs besides: errors, values, lines of the audit trail."""

import getpass
import os
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import structlog

from vnx_jobs.documents.document import Document
from vnx_jobs.model import errors as told
from vnx_jobs.model.authority import Caller, Role
from vnx_jobs.model.errors import Code
from vnx_jobs.settings import HOME_VARIABLE, Settings, load
from vnx_jobs.wiring import House

from .errors import AnswerError, Refused, UnreachableError

D = TypeVar("D", bound=Document)


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the parts refuse as a client's own errors."""
    try:
        yield
    except told.Refused as error:
        raise refused(error) from None
    except told.StateServerError as error:
        raise UnreachableError(error.message) from None
    except told.JobError as error:
        raise AnswerError(error.message) from None


def refused(error: told.Refused) -> Refused:
    """Return a refusal of the parts as a client's own."""
    return Refused(error.code, error.message, error.details.get("job"))


def house_of(settings: Settings | None, home: Path | None) -> House:
    """Return the parts by some settings, else by those that the command line would find, in a home if one is named.

    Raises Refused(invalid), or UnreachableError if there is no state server.
    """
    with translated():
        if settings is None:
            settings = load({**os.environ, **({} if home is None else {HOME_VARIABLE: str(home)})})
        house = House(settings)
        try:
            house.events.last()
        except BaseException:
            house.close()
            raise
        return house


def alike(document: D) -> D:
    """Return a document as it is read from JSON: the same values as over HTTP, lists for tuples among them."""
    return document.model_validate_json(document.model_dump_json())


@dataclass(slots=True)
class Entry:
    """What the audit trail will say besides."""

    jobs: Collection[str] = ()


@contextmanager
def audited(house: House, what: str, array: str = "") -> Iterator[Entry]:
    """Leave a line in the audit trail, whatever comes of what is done within."""
    entry, outcome = Entry(), "done"
    try:
        yield entry
    except (told.JobError, Refused) as error:
        outcome = str(error.code)
        raise
    except BaseException:
        outcome = str(Code.INTERNAL)
        raise
    finally:
        _write(house, what, array, entry, outcome)


def _write(house: House, what: str, array: str, entry: Entry, outcome: str) -> None:
    who = Caller(f"{user()}@{socket.gethostname()}", Role.ADMIN, None, "local")
    try:
        house.authority.wrote(who, what, array=array, jobs=entry.jobs, outcome=outcome)
    except told.StateServerError as error:  # what was done is done, and its result is to be told
        structlog.get_logger().warning("audit_silent", what=what, why=error.message)


def user() -> str:
    """Return who runs this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a process without a user entry, as in some containers
        return "client"
