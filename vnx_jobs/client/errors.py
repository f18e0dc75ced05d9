"""What a client raises: one tree, whichever way it speaks."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.model.errors import Code

_CODES: Final = {str(code): code for code in Code}


class ClientError(Exception):
    """What every error of a client is. Its text is one line, and holds no secret."""

    retry_after: float = 0.0
    """Seconds after which the other side asks to be asked again."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refused(ClientError):  # noqa: N818 -- it reads as what happened, and is called so at every door
    """A request was not accepted, and nothing came of it."""

    report: Mapping[str, Any] | None = None
    """What is wrong with each row, if a manifest was refused: a `ReportDocument` as JSON has it."""

    def __init__(self, code: str, message: str, job: str | None = None, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.args = (code, message, job, retry_after)  # by which it is copied
        self.code: str = _CODES.get(code, code)
        """Why: one of `vnx_jobs.model.errors.Code`, or one that a newer service has."""
        self.job = job
        """The job that it is about, if it is about one."""
        self.retry_after = retry_after

    def __str__(self) -> str:
        return self.message


class UnreachableError(ClientError):
    """No answer came from the service, or none to it from the state server, for as long as the client was patient.

    A request that changes something may have been carried out. `key` makes the same request find what came of it.
    """

    key: str = ""
    """What was, or would have been, the key of a submission: `submit(..., key=error.key)` goes on with it."""

    lasting: bool = False
    """Whether it is so until a person mends it: a certificate is not trusted, or only one side speaks TLS."""

    def __init__(self, message: str, retry_after: float = 0.0, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.lasting = lasting


class AnswerError(ClientError):
    """The answer is none that this version understands, or tells of a fault of the service."""


class WaitTimeoutError(ClientError, TimeoutError):
    """What was waited for was not over in time. Nothing was changed by that: it goes on."""

    def __init__(self, message: str, jobs: Sequence[JobDocument] = ()) -> None:
        super().__init__(message)
        self.args = (message, tuple(jobs))
        self.jobs = tuple(jobs)
        """The jobs that were not over, as they stood."""

    def __str__(self) -> str:
        return self.message


class EventsLostError(ClientError):
    """Events that were asked for are kept no more: read again how things stand, and listen from now on."""
