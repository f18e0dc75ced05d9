"""Jobs by message: `vnx.submit` and `vnx.submit_many`, which a service that has Celery sends by their names.

Whoever can write to the broker has an operator's authority. The messages are acknowledged late: one whose worker dies
is run again, and its key, else its id, makes it the same job.
"""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import structlog
from celery import Task
from celery.exceptions import Reject

from vnx_jobs.adapters.redis.server import UnansweredError
from vnx_jobs.documents.asked import arrays_of, need_key, rows_of, texts
from vnx_jobs.model.authority import Caller, Role
from vnx_jobs.model.errors import Code, JobError, Refused, StateServerError
from vnx_jobs.model.specs import parse
from vnx_jobs.ports import Accepted
from vnx_jobs.submission import Request
from vnx_jobs.wiring import House

from .app import app
from .dead import LONGEST, keep
from .process import house

Answer: TypeAlias = dict[str, Any]
_MAX_NAME: Final = 64


class Desk:
    """Takes one message. It has no rules of its own."""

    def __init__(self, house: House, task: str, message: str) -> None:
        self._house, self._task, self._message = house, task, message
        self._who = "celery"

    def one(self, fields: dict[str, Any]) -> Answer:
        """Submit one job."""
        self._name(fields)
        array = fields.get("array")
        with self._audited("vnx.submit", array if isinstance(array, str) else "") as jobs:
            accepted = self._house.submission.submit(self._request(fields, self._task))
            jobs.append(accepted.job)
        return _accepted(accepted)

    def many(self, fields: dict[str, Any]) -> Answer:
        """Submit many jobs, each for itself; the answers stand in their order."""
        self._name(fields)
        with self._audited("vnx.submit_many", arrays_of(fields.get("jobs"))) as jobs:
            rows = rows_of(fields)
            judged = [self._judged(row, f"{self._task}/{place}", (batch, place)) for row, (batch, place) in rows]
            stored = iter(self._house.submission.submit_many([one for one in judged if isinstance(one, Request)]))
            answers = [next(stored) if isinstance(one, Request) else one for one in judged]
            jobs += [one.job for one in answers if isinstance(one, Accepted) and not one.known]
        if refusals := [one for one in answers if isinstance(one, Refused)]:
            more = f" (and {len(refusals) - 1} more of {len(rows)} rows)" if refusals[1:] else ""
            self._keep(refusals[0], more)
        return {"answers": [_accepted(one) if isinstance(one, Accepted) else _refusal(one) for one in answers]}

    def refused(self, error: JobError) -> Answer:
        """Tell of a refusal, and put what was asked for among the dead letters."""
        self._keep(error)
        return _refusal(error)

    def _keep(self, error: JobError, more: str = "") -> None:
        """Put the message among the dead letters, once: a thousand wrong rows must not push out all others."""
        keep(self._house, f"{error.code}: {error.message}"[:1000] + more, self._task, self._message)

    def _name(self, fields: dict[str, Any]) -> None:
        by = fields.pop("by", "")
        if not (isinstance(by, str) and len(by) <= _MAX_NAME and by.isprintable()):
            raise Refused(Code.INVALID, f"by must be a text of at most {_MAX_NAME} printable characters")
        self._who = by or "celery"

    def _judged(self, row: dict[str, Any], key: str, where: tuple[str, int]) -> Request | Refused:
        try:
            return self._request(dict(row), key, where)
        except Refused as error:
            return error

    def _request(self, given: dict[str, Any], key: str, where: tuple[str, int] = ("", 0)) -> Request:
        key = need_key(given.pop("key", key))
        after, hooks = texts(given, "after"), texts(given, "hooks")
        if isinstance(given.get("array"), str):
            self._house.settings.array(given["array"])
        spec = parse(given)
        before = tuple(self._house.reads.job(one).id for one in dict.fromkeys(after))
        batch, place = where
        return Request(spec, key, batch, str(place + 1) if batch else "", place, before, self._by, hooks=hooks)

    @property
    def _by(self) -> str:
        return "celery" if self._who == "celery" else f"{self._who}@celery"

    @contextmanager
    def _audited(self, what: str, array: str) -> Iterator[list[str]]:
        jobs: list[str] = []
        outcome = "done"
        try:
            yield jobs
        except JobError as error:
            outcome = str(error.code)
            raise
        except BaseException:
            outcome = str(Code.INTERNAL)
            raise
        finally:
            self._write(what, array, jobs, outcome)

    def _write(self, what: str, array: str, jobs: Collection[str], outcome: str) -> None:
        who = Caller(self._by, Role.OPERATOR, None, "celery")
        try:
            self._house.authority.wrote(who, what, array=array, jobs=jobs, outcome=outcome)
        except StateServerError as error:  # what was done is done, and its result is to be told
            structlog.get_logger().warning("audit_silent", what=what, why=error.message)


def _accepted(accepted: Accepted) -> Answer:
    return {"job": accepted.job, "created": not accepted.known}


def _refusal(error: JobError) -> Answer:
    return {"refused": {"code": str(error.code), "message": error.message}}


def answer(
    house: House, task: str, given: tuple[object, ...], named: object, take: Callable[[Desk, dict[str, Any]], Answer]
) -> Answer:
    """Answer a message, whatever it holds. Raises UnansweredError while the state server is away."""
    desk = Desk(house, task, "")
    try:
        text = _text(given)
        desk = Desk(house, task, text[:LONGEST])
        need_key(task)
        return take(desk, _fields(given, named, len(text.encode()), house.settings.api.body))
    except UnansweredError:
        raise
    except JobError as error:
        return desk.refused(error)
    except Exception:  # noqa: BLE001 -- no message ends in a traceback that its sender is shown
        structlog.get_logger().exception("submitting_failed", task=task)
        return desk.refused(JobError(Code.INTERNAL, "the program has a fault; the worker's log tells more"))


def _fields(given: tuple[object, ...], named: object, size: int, most: int) -> dict[str, Any]:
    if size > most:
        raise Refused(Code.TOO_LARGE, f"a message holds at most {most} bytes")
    if named or len(given) != 1 or not isinstance(given[0], dict):
        raise Refused(Code.INVALID, "args must be a list of one JSON object, and kwargs empty")
    return dict(given[0])


def _text(given: object) -> str:
    """Return a message as it is kept. Raises Refused(invalid) for what is no text, or nested too deeply."""
    try:
        text = json.dumps(given, ensure_ascii=False)
        text.encode()
    except RecursionError:
        raise Refused(Code.INVALID, "the message is nested too deeply") from None
    except ValueError:  # halves of a character are no text: nothing could store them
        raise Refused(Code.INVALID, "the message holds what is no text") from None
    return text


def _run(
    task: Any,  # noqa: ANN401 -- celery is untyped
    given: tuple[object, ...],
    named: object,
    take: Callable[[Desk, dict[str, Any]], Answer],
) -> Answer:
    try:
        return answer(house(), str(task.request.id), given, named, take)
    except UnansweredError as error:  # it is run again when the state server is back
        raise Reject(error.message, requeue=True) from None


class Asking(Task):  # type: ignore[misc]  # celery is untyped
    """A task of messages whose arguments are of Celery's form; others are put aside."""

    def before_start(self, task_id: str, args: object, kwargs: object) -> None:
        """Refuse what no function can be called with: Celery would call it all the same."""
        if not (isinstance(args, list | tuple) and isinstance(kwargs, dict)):
            keep(house(), "args must be a list of one JSON object, and kwargs empty", str(task_id), repr(args))
            raise Reject("no arguments", requeue=False)


@app.task(  # type: ignore[untyped-decorator]  # celery is untyped
    name="vnx.submit",
    bind=True,
    base=Asking,
    typing=False,
    ignore_result=False,
    acks_late=True,
    reject_on_worker_lost=True,
)
def submit(self: Any, /, *given: object, **named: object) -> Answer:  # noqa: ANN401 -- celery is untyped
    """Submit one job; return its id, or why it was refused."""
    return _run(self, given, named, Desk.one)


@app.task(  # type: ignore[untyped-decorator]  # celery is untyped
    name="vnx.submit_many",
    bind=True,
    base=Asking,
    typing=False,
    ignore_result=False,
    acks_late=True,
    reject_on_worker_lost=True,
)
def submit_many(self: Any, /, *given: object, **named: object) -> Answer:  # noqa: ANN401 -- celery is untyped
    """Submit many jobs, each for itself; return an answer for each, or why all were refused."""
    return _run(self, given, named, Desk.many)
