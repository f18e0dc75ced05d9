"""What a mover's and a host's errors are called in the record: a line, and a code that stays the same."""

from collections.abc import Mapping
from typing import Final

from vnx_jobs.model.errors import Code, JobError
from vnx_jobs.model.transfer import Failed
from vnx_jobs.ports.mover import MoverError, MoverFault

_CODES: Final[Mapping[MoverFault, Code]] = {
    "stalled": Code.STALLED,
    "ended": Code.COPY_FAILED,
    "short-read": Code.DEVICE,
    "device": Code.DEVICE,
    "repository": Code.REPOSITORY,
    "no-archive": Code.NO_ARCHIVE,
    "locked": Code.REPOSITORY_IN_USE,
    "credentials": Code.CREDENTIALS,
    "missing-tool": Code.MISSING_TOOL,
    "space": Code.NO_SPACE,
}


class ContentError(Exception):
    """The bytes are not those of the backup."""


def failure(error: Exception) -> Failed:
    """Say in one line what an error was, with what was noted beside it."""
    text = "; ".join([str(error), *getattr(error, "__notes__", ())])
    return Failed(" ".join(text.split()), _code(error))


def _code(error: Exception) -> Code:
    if isinstance(error, MoverError):
        return _CODES[error.fault]
    if isinstance(error, JobError):
        return error.code
    return Code.CONTENT if isinstance(error, ContentError) else Code.DEVICE
