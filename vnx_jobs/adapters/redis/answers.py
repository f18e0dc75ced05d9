"""What the script answers to submissions, read back into values."""

from collections.abc import Mapping, Sequence
from typing import Any

from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted, Holding, KeyConflict, NotFree

from .server import Answer


def known_job(stored: Mapping[str, str], digest: str, state: str) -> Accepted | KeyConflict:
    """Read what an idempotency key stands for, and whether it is the same request."""
    job, now = stored["job"], State(state)
    return Accepted(job, now, known=True, rings=()) if stored["digest"] == digest else KeyConflict(job, now)


def admission(answer: Answer) -> Accepted | NotFree | KeyConflict:
    """Read the answer to a submission. Raises StateServerError for a record that is gone."""
    result, rings = answer
    match result[0]:
        case "new":
            return Accepted(result[1], State(result[2]), known=False, rings=rings, why=result[3])
        case "known":
            return Accepted(result[1], State(result[2]), known=True, rings=())
        case "conflict":
            return KeyConflict(result[1])
        case "refused":
            return not_free(result[1])
        case other:
            raise StateServerError(f"the record is gone ({other})")


def submitted(answers: Sequence[Any]) -> Sequence[Any]:
    """Return the answers of one run to its entries. Raises StateServerError if their gate is shut no more."""
    if answers and answers[0] == "taken-back":
        raise StateServerError(f"batch {answers[1]} was too long under way, and is taken back: submit it again")
    return answers


def not_free(raw: Sequence[Any]) -> NotFree:
    """Read which claim was not free."""
    key, used, limit, waiting, holders, *waiters = raw
    return NotFree(key, int(used), int(limit), int(waiting), tuple(holders), tuple(*waiters))


def holding(raw: Sequence[Any]) -> Holding:
    """Read who holds a key and who waits for it."""
    *counts, holders, waiters = raw
    used, alone, lent, limit, free, waiting, waiting_alone = map(int, counts)
    names = tuple(map(str, holders))
    return Holding(used, alone, lent, limit, free, waiting, waiting_alone, names, tuple(map(str, waiters)))
