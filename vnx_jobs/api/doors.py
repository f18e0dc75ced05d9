"""Who is at the door: the caller behind a request, what he may, and the line of the audit trail that is left of it."""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Final, Protocol, TypeAlias

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from vnx_jobs.model.authority import Action, Caller, Role
from vnx_jobs.model.errors import Code, JobError, Refused, StateServerError
from vnx_jobs.model.record import Record
from vnx_jobs.model.schedule import Schedule
from vnx_jobs.submission import Submission
from vnx_jobs.wiring import House

from .bounds import Rate
from .manners import need_known_names, need_local_name, need_single_values
from .streaming import Hub
from .tally import Tally

_LOOKING: Final = frozenset({"GET", "HEAD"})


class Guards(Protocol):
    """Knows who is behind a token, and keeps the audit trail."""

    def identify(self, secret: str, origin: str) -> Caller:
        """Return who bears a secret. Raises Refused(unauthorized)."""
        ...

    def need(self, caller: Caller, action: Action, array: str = "") -> None:
        """Raise Refused(forbidden) unless somebody may do something."""
        ...

    def wrote(self, caller: Caller, what: str, *, array: str = "", jobs: Collection[str] = (), outcome: str) -> None:
        """Write a line of the audit trail."""
        ...


@dataclass(frozen=True, slots=True)
class Doors:
    """What every request needs, once a process."""

    house: House
    guards: Guards
    hub: Hub
    rate: Rate
    tally: Tally
    atomic: threading.BoundedSemaphore
    """Places for batches that are accepted whole: each may wait for another one of its name, and holds a thread."""
    is_open: bool
    """Whether anybody is an admin who reaches the port: on a loopback address alone."""


@dataclass(slots=True)
class Entry:
    """What the audit trail will say of a request."""

    jobs: Collection[str] = field(default=())
    outcome: str = "done"
    """The code of a refusal that is answered, and not raised."""
    array: str = ""
    """Which array it is about, where that is known only when the request has been looked at; several with commas."""


@dataclass(slots=True)
class Trail:
    """What the audit trail has of a request."""

    is_left: bool = False
    """Whether its line is written."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: who makes it, and what he may see and do."""

    doors: Doors
    caller: Caller
    what: str
    """Method and path, as the audit trail tells it."""
    welcome: Callable[[], bool]
    """Says whether his token is valid still: of what goes on for long it is asked again. Costs one round trip."""
    trail: Trail = field(default_factory=Trail)

    @property
    def house(self) -> House:
        """The parts of this process."""
        return self.doors.house

    @property
    def by(self) -> str:
        """Who is recorded as the sender of jobs and orders."""
        return f"{self.caller.name}@http"

    @property
    def arrays(self) -> list[str]:
        """The arrays that there are for this caller."""
        return sorted(name for name in self.house.settings.arrays if self.caller.sees(name))

    @property
    def scope(self) -> Collection[str] | None:
        """The arrays whose jobs he sees, whether they are in the settings or no more; None for all."""
        return self.caller.arrays

    @property
    def submission(self) -> Submission:
        """What takes his requests, and names to him no job that he does not see."""
        return replace(self.house.submission, may_name=self._sees) if self.scope is not None else self.house.submission

    def _sees(self, job: str) -> bool:
        try:
            return bool(self.job(job))
        except Refused:
            return False

    def need(self, action: Action, array: str = "") -> None:
        """Raise Refused(forbidden) if his role is too small."""
        self.doors.guards.need(self.caller, action, array)

    def array(self, name: str) -> str:
        """Return the name of an array that he sees. Raises Refused(unknown-array), naming those that he sees."""
        if name not in self.arrays:
            known = ", ".join(self.arrays) or "none"
            raise Refused(Code.UNKNOWN_ARRAY, f"there is no array {name!r} (arrays: {known})")
        return name

    def array_of(self, name: str, knows: Callable[[str], object]) -> str:
        """Return the name of an array that he sees: of the settings, or one that was and that something is left of.

        `knows` says what is left. Raises Refused(unknown-array).
        """
        if name not in self.arrays and self.caller.sees(name) and knows(name):
            return name
        return self.array(name)

    @property
    def only(self) -> str | None:
        """The array that is meant where none is named: the only one of the installation, if he sees it."""
        return self.arrays[0] if len(self.house.settings.arrays) == 1 and self.arrays else None

    def sees_all(self, schedule: Schedule) -> bool:
        """Whether he sees every array that a schedule names."""
        return self.scope is None or all(self.caller.sees(str(job.get("array", ""))) for job in schedule.jobs)

    def meant(self, array: str | None) -> list[str]:
        """Return the one array that he names, or all that he sees. Raises Refused(unknown-array)."""
        return self.arrays if array is None else [self.array(array)]

    def job(self, job: str) -> Record:
        """Return a job that he sees. Raises Refused(no-such-job)."""
        with contextlib.suppress(Refused):
            record = self.house.reads.job(job)
            if self.caller.sees(record.array):
                return record
        text = f"there is no job {job} (ended jobs are kept {self.house.settings.finished_days:g} days)"
        raise Refused(Code.NO_SUCH_JOB, text)

    @contextlib.contextmanager
    def audited(self, array: str = "") -> Iterator[Entry]:
        """Leave a line in the audit trail, whatever comes of what is done within."""
        entry = Entry()
        try:
            yield entry
        except JobError as error:
            entry.outcome = str(error.code)
            raise
        except BaseException:
            entry.outcome = str(Code.INTERNAL)
            raise
        finally:
            self._write(entry.array or array, entry)

    def _write(self, array: str, entry: Entry) -> None:
        self.trail.is_left = True
        try:
            self.doors.guards.wrote(self.caller, self.what, array=array, jobs=entry.jobs, outcome=entry.outcome)
        except StateServerError as error:  # what was done is done: its caller is to know
            structlog.get_logger().warning("audit_silent", what=self.what, why=error.message)


_BEARER: Final = HTTPBearer(auto_error=False, description="A token, as `vnx-jobs tokens add` shows it once.")


def _visit(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> Visit:
    """Identify the caller and count his request, which says nothing that its route does not know, and nothing twice."""
    doors: Doors = request.app.state.doors
    origin = request.client.host if request.client else "unknown"
    secret = "" if credentials is None else credentials.credentials
    if doors.is_open:
        need_local_name(request)
        caller = Caller(name="open", role=Role.ADMIN, arrays=None, origin=origin)
    else:
        caller = _identified(doors, origin, secret)
    doors.rate.take(f"token {caller.name}")
    welcome = partial(_is_welcome, doors, origin, secret)
    visit = Visit(doors, caller, f"{request.method} {request.url.path}", welcome)
    request.state.visit = visit
    need_known_names(request)
    need_single_values(request)
    return visit


def note_early_refusal(request: Request, code: Code) -> None:
    """Leave the line of a request that was refused before its route knew what it was about: of a body, for instance."""
    visit: Visit | None = getattr(request.state, "visit", None)
    changes_nothing = request.method in _LOOKING or request.url.path.endswith(":plan")
    if visit is not None and not visit.trail.is_left and not changes_nothing:
        with visit.audited() as entry:
            entry.outcome = str(code)


def _is_welcome(doors: Doors, origin: str, secret: str) -> bool:
    try:
        return doors.is_open or bool(doors.guards.identify(secret, origin))
    except Refused:
        return False
    except StateServerError:
        return True  # nobody knows better, and nothing is told meanwhile that was not known before


def _identified(doors: Doors, origin: str, secret: str) -> Caller:
    """Return who bears a secret; who guesses is counted by his address."""
    if not secret:
        doors.rate.take(f"address {origin}")
        raise Refused(Code.UNAUTHORIZED, "a token is needed: `Authorization: Bearer TOKEN`")
    try:
        return doors.guards.identify(secret, origin)
    except Refused:
        doors.rate.take(f"address {origin}")
        raise


Guest: TypeAlias = Annotated[Visit, Depends(_visit)]
"""The caller of a route."""


def recorded(error: Refused) -> str:
    """Return the job that a refusal names, if it names one."""
    return str(error.details.get("job", ""))
