"""Refusals as answers: one form for all of them, and what is said of them in the OpenAPI document."""

import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from vnx_jobs.documents.meanings import http_status
from vnx_jobs.documents.problems import MEDIA_TYPE, ProblemDocument
from vnx_jobs.model.errors import Code, JobError, Refused
from vnx_jobs.model.mistakes import rule

from .doors import note_early_refusal

_AGAIN_AFTER: Final = 2
"""Seconds after which a request is to be sent again that the state server could not answer."""
_BY_STATUS: Final = {404: Code.NO_SUCH_ROUTE, 405: Code.METHOD}


class ProblemResponse(JSONResponse):
    """A refusal."""

    media_type = MEDIA_TYPE


def problem(error: JobError, **more: Any) -> ProblemResponse:  # noqa: ANN401 -- members that a kind of answer adds
    """Return the answer that refuses for this reason."""
    document = ProblemDocument.of(error, **more)
    return ProblemResponse(document.told(), document.status, headers=_headers(error))


def _headers(error: JobError) -> dict[str, str]:
    match error.code:
        case Code.UNAUTHORIZED:
            return {"WWW-Authenticate": "Bearer"}
        case Code.STATE_SERVER:
            return {"Retry-After": str(_AGAIN_AFTER)}
        case Code.TOO_MANY:
            return {"Retry-After": str(error.details.get("retry_after", 1))}
        case Code.METHOD if allowed := error.details.get("allow"):
            return {"Allow": str(allowed)}
        case _:
            return {}


def install(app: FastAPI) -> None:
    """Let every error of an application be answered by a problem document."""
    app.add_exception_handler(JobError, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _fault)


async def _refused(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, JobError)  # noqa: S101 -- it is installed for these alone
    await run_in_threadpool(note_early_refusal, request, error.code)
    return problem(error)


async def _misread(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- as above
    said = "; ".join(f"{_named(one['loc'])} {_lower(rule(str(one['msg'])))}" for one in error.errors())
    await run_in_threadpool(note_early_refusal, request, Code.INVALID)
    return problem(Refused(Code.INVALID, said))


async def _no_route(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 -- as above
    code = _BY_STATUS.get(error.status_code, Code.INVALID)
    allow = (error.headers or {}).get("Allow", "")
    return problem(Refused(code, f"{request.method} {request.url.path}: {error.detail}", allow=allow))


async def _fault(request: Request, error: Exception) -> ProblemResponse:
    # as text: what local variables hold, a token for instance, is for no log
    told = "".join(traceback.format_exception(error))
    structlog.get_logger().error("request_failed", path=request.url.path, traceback=told)
    return problem(JobError(Code.INTERNAL, "the service has a fault, which its log tells; nothing more is known"))


def _named(place: Sequence[str | int]) -> str:
    """Return the name of what is wrong: of one of several values, the name that they are given by."""
    return next(str(part) for part in reversed(place) if isinstance(part, str))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


_EVERYWHERE: Final = (Code.UNAUTHORIZED, Code.FORBIDDEN, Code.INVALID, Code.TOO_MANY, Code.STATE_SERVER, Code.INTERNAL)
_WITH_BODY: Final = (Code.TOO_LARGE, Code.MEDIA_TYPE)


def refusals(*codes: Code, body: bool = False) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of the refusals of a route: those that all have, and some of its own."""
    every = (*_EVERYWHERE, *(_WITH_BODY if body else ()), *codes)
    told: dict[int | str, dict[str, Any]] = {}
    for code in every:
        status = http_status(code)
        entry = told.setdefault(status, {"description": "", "content": {MEDIA_TYPE: _content()}})
        words = [word for word in entry["description"].split(", ") if word]
        entry["description"] = ", ".join([*words, str(code)])
        entry["content"][MEDIA_TYPE]["examples"][str(code)] = {"value": _example(code)}
    return told


def _content() -> dict[str, Any]:
    return {"schema": {"$ref": "#/components/schemas/ProblemDocument"}, "examples": {}}


def _example(code: Code) -> Mapping[str, Any]:
    return ProblemDocument.of(JobError(code, "what is wrong, and what to do, in one line")).told()
