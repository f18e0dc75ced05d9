"""Bodies of requests: read whole, and understood, before anything is done."""

import json
import re
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from vnx_jobs.model.errors import Code, Refused

_SURROGATE: Final = re.compile(rb"\\u[dD][89abAB]|\\u[dD][c-fC-F]")
_SHOWN: Final = 100
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
        found = json.loads(body, object_pairs_hook=_once)
        if _SURROGATE.search(body):  # halves of a character are no text: nothing could store them
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise Refused(Code.INVALID, "the body is nested too deeply") from None
    except ValueError as error:
        raise Refused(Code.INVALID, f"the body is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refused(Code.INVALID, "the body must be one JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose names are given once each: of two, readers take the first, or the last, or neither."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise Refused(Code.INVALID, f"{next(one for one in names if names.count(one) > 1)[:_SHOWN]!r} is given twice")
    return found


JsonObject: TypeAlias = Annotated[dict[str, Any], Depends(_fields)]
"""The JSON object that a request brings."""
