"""Bodies of requests: read whole, and understood, before anything is done."""

from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.json_text import JsonError, read_json

_LARGE: Final = 1 << 16
"""Bytes from which on a body is understood in a thread, for it takes milliseconds."""


def media_type(request: Request) -> str:
    """Return what a request says that its body is."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _fields(request: Request) -> dict[str, Any]:
    kind = media_type(request)
    if kind != "application/json":
        text = f"the body must be application/json (it is said to be {kind or 'nothing'})"
        raise Refused(Code.MEDIA_TYPE, text)
    body = await request.body()
    return await run_in_threadpool(understood, body) if len(body) > _LARGE else understood(body)


def understood(body: bytes) -> dict[str, Any]:
    """Return the object that a JSON body holds. Raises Refused(invalid) for a body that is none."""
    try:
        found = read_json(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused(Code.INVALID, "the body is not UTF-8 text") from None
    except JsonError as error:
        raise Refused(Code.INVALID, f"the body cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise Refused(Code.INVALID, "the body must be one JSON object")
    return found


JsonObject: TypeAlias = Annotated[dict[str, Any], Depends(_fields)]
"""The JSON object that a request brings."""
