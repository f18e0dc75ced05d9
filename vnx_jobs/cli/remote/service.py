"""The service that commands ask: a client's requests, and those that only the command line makes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from vnx_jobs.cli.where import Where
from vnx_jobs.client import ClientError, UnreachableError
from vnx_jobs.client import Refused as Turned
from vnx_jobs.client.again import Patience
from vnx_jobs.client.door import Part
from vnx_jobs.client.exchange import Exchange, understood
from vnx_jobs.client.over_http import HttpDoor, path_part
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.documents.plans import BatchPlanDocument
from vnx_jobs.documents.schedules import DifferenceDocument, ScheduleDocument
from vnx_jobs.model.errors import Code, JobError, Refused, StateServerError
from vnx_jobs.observability.logs import log_to

T = TypeVar("T")
_PATIENCE: Final = 3.0
"""Seconds for which what may be repeated is sent again: a person waits."""
_REPEATABLE: Final = ("/v1/jobs:plan", "/v1/batches:plan", "/v1/batches", "/v1/group-clones:plan", "/v1/schedules:plan")
"""What changes nothing, or changes nothing more when it is sent again. A job with a key is repeatable too."""
_CODES: Final = {str(code): code for code in Code}


class _Exchange(Exchange):
    """Sends again what may be sent again, for a while."""

    def ask(self, method: str, path: str, body: Mapping[str, Any] | bytes | None = None, **more: Any) -> Any:  # noqa: ANN401 -- as its parent
        """Return what the service answers."""
        keyed = "Idempotency-Key" in (more.get("headers") or {})
        repeatable = method == "GET" or keyed or path in _REPEATABLE
        send = super().ask
        return Patience(_PATIENCE)(lambda: send(method, path, body, **more), repeatable=repeatable)


class Service(HttpDoor):
    """A service. What it refuses is raised as the client's errors: `translated` makes the program's own of them."""

    def __init__(self, url: str, token: str | None, ca_file: Path | None) -> None:
        """Speak to the service at an address. Raises the client's Refused for what is no address, or no token."""
        self._service = _Exchange(url, token, ca_file)
        self.name = self._service.name

    def these(self, jobs: Sequence[str]) -> list[JobDocument]:
        """Return jobs; its errors are the program's own, for whoever waits and lives through outages."""
        with translated():
            return super().these(jobs)

    def array_meant(self, named: str | None) -> str:
        """Return the array that is named, or the only one that the token sees. Raises Refused(unknown-array)."""
        if named:
            return named
        match [one.array for one in self.arrays()]:
            case [only]:
                return only
            case []:
                raise Refused(Code.UNKNOWN_ARRAY, f"{self.name} shows this token no array")
            case several:
                raise Refused(Code.UNKNOWN_ARRAY, f"say which array is meant: --array with one of {', '.join(several)}")

    def plan_group_clones(self, fields: Mapping[str, Any]) -> BatchPlanDocument:
        """Say what clones of all volumes of a group's snapshot would do."""
        return self._service.post(BatchPlanDocument, "/v1/group-clones:plan", fields)

    def apply_policies(self, text: str, owner: str, array: str | None, *, planned: bool) -> DifferenceDocument:
        """Make the schedules of a policy file what it says, or say what would change."""
        path = "/v1/schedules:plan" if planned else "/v1/schedules:apply"
        asked, kind = {"owner": owner, "array": array}, {"Content-Type": "application/yaml"}
        told = self._service.ask("POST", path, text.encode(), asked=asked, headers=kind)
        with understood(path):
            return DifferenceDocument.model_validate(told)

    def schedule_with(self, name: str, runs: int) -> ScheduleDocument:
        """Return a schedule with so many of its next runs."""
        return self._service.get(ScheduleDocument, f"/v1/schedules/{path_part(name)}", {"next": runs})


def listed(read: Callable[[str], Part[T]]) -> Iterator[T]:
    """Read a list a part at a time, the next when the one before has been taken."""
    cursor: str | None = ""
    while cursor is not None:
        part, cursor = read(cursor)
        yield from part


@contextmanager
def opened(where: Where) -> Iterator[Service]:
    """Give the service that is named, and let go of it afterwards. Raises OSError for files that cannot be read.

    What goes wrong within is raised as the program's own errors: StateServerError if nobody answers.
    """
    log_to(level="error")
    token = None if where.token_file is None else where.token_file.read_text(encoding="utf-8", errors="replace").strip()
    if token == "":
        raise Refused(Code.INVALID, f"{where.token_file} holds no token")
    with translated(asks_for_a_token=token is None):
        service = Service(where.url, token, where.ca_file)
        try:
            yield service
        finally:
            service.close()


@contextmanager
def translated(*, asks_for_a_token: bool = False) -> Iterator[None]:
    """Raise the client's errors as the program's own. Raises Refused, StateServerError, JobError."""
    try:
        yield
    except Turned as error:
        if asks_for_a_token and error.code == Code.UNAUTHORIZED:
            text = "the service asks for a token: name the file that holds it by --token-file or VNX_JOBS_TOKEN_FILE"
            raise Refused(Code.UNAUTHORIZED, text) from None
        raise Refused(_CODES.get(error.code, Code.INVALID), error.message, job=error.job) from None
    except UnreachableError as error:
        if error.lasting:  # whoever waits through outages does not wait for this
            raise JobError(Code.STATE_SERVER, error.message) from None
        raise StateServerError(error.message) from None
    except ClientError as error:
        raise JobError(Code.INTERNAL, error.message) from None
