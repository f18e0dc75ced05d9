"""What each code means to a caller: its HTTP status and its exit status."""

from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from vnx_jobs.model.errors import Code

_REFUSED: Final = 2
_NO_STACK: Final = 3


def _meanings() -> dict[Code, tuple[HTTPStatus, int]]:
    conflict, unfit = HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
    special = {
        Code.STATE_SERVER: (HTTPStatus.SERVICE_UNAVAILABLE, _NO_STACK),
        Code.INTERNAL: (HTTPStatus.INTERNAL_SERVER_ERROR, _REFUSED),
    }
    missing = (
        *(Code.UNKNOWN_ARRAY, Code.UNKNOWN_POOL, Code.NO_SUCH_VOLUME, Code.NO_SUCH_SNAPSHOT, Code.NO_SUCH_GROUP),
        *(Code.NO_SUCH_HOST, Code.NO_SUCH_JOB, Code.NO_SUCH_BACKUP, Code.NO_SUCH_SCHEDULE, Code.NO_SUCH_BATCH),
        *(Code.NO_SUCH_ROUTE, Code.UNKNOWN_REPOSITORY, Code.UNKNOWN_HOST, Code.UNKNOWN_HOOK, Code.NO_ARCHIVE),
    )
    present = (
        *(Code.ATTACHED, Code.NOT_ATTACHED, Code.READ_ONLY, Code.NAME_IN_USE, Code.COPIES_LIMIT, Code.DEPTH_LIMIT),
        *(Code.SLOTS_LIMIT, Code.HAS_COPIES, Code.SNAP_COPY_IN_GROUP, Code.IN_GROUP, Code.NOT_IN_GROUP, Code.IN_USE),
        *(Code.NUMBERS_LIMIT, Code.HAS_SNAPSHOTS, Code.NOTHING_TO_DO, Code.NOT_LEFT_OVER, Code.KEY_CONFLICT),
        *(Code.PREDECESSOR, Code.IDENTITY, Code.CANCELLED, Code.ORDER_REFUSED, Code.ARRAY_REFUSED, Code.ATTEMPTS),
        *(Code.COPY_FAILED, Code.COPIER_DIED, Code.STALLED, Code.DEVICE, Code.REPOSITORY, Code.REPOSITORY_IN_USE),
        *(Code.CREDENTIALS, Code.MISSING_TOOL, Code.NO_SPACE, Code.CONTENT, Code.MODIFIED, Code.PINNED, Code.NEWEST),
        Code.LAST_PROVED,
    )
    statuses = {
        **dict.fromkeys(missing, HTTPStatus.NOT_FOUND),
        **dict.fromkeys(present, conflict),
        Code.INVALID: unfit,
        Code.NOT_SUPPORTED: unfit,
        Code.METHOD: HTTPStatus.METHOD_NOT_ALLOWED,
        Code.MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        Code.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Code.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
        Code.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
        Code.FORBIDDEN: HTTPStatus.FORBIDDEN,
    }
    return {**{code: (status, _REFUSED) for code, status in statuses.items()}, **special}


MEANINGS: Final = MappingProxyType(_meanings())
"""Of each code, the status of an HTTP answer, and the status that a command ends with."""


def http_status(code: Code) -> int:
    """Return the HTTP status of an answer that refuses for this reason."""
    return int(MEANINGS[code][0])


def exit_status(code: Code) -> int:
    """Return the status that a command ends with which is refused for this reason."""
    return MEANINGS[code][1]
