"""Refusals as documents (RFC 9457)."""

from typing import Any, Final, Self

from pydantic import ConfigDict

from vnx_jobs.model.errors import Code, JobError

from .document import Document
from .meanings import http_status

MEDIA_TYPE: Final = "application/problem+json"


class ProblemDocument(Document):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str
    """`urn:vnx-jobs:` and the code."""
    title: str
    status: int
    detail: str
    """One line: what is wrong, and what to do."""
    code: Code
    job: str | None = None
    """The job that it is about."""

    @classmethod
    def of(cls, error: JobError, **more: Any) -> Self:  # noqa: ANN401 -- members that a kind of answer adds
        """Tell of a refusal."""
        return cls(
            type=f"urn:vnx-jobs:{error.code}",
            title=str(error.code).replace("-", " ").capitalize(),
            status=http_status(error.code),
            detail=error.message,
            code=error.code,
            job=error.details.get("job"),
            **more,
        )
