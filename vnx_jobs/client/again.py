"""Trying again: what may be repeated, how long, and how soon."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_before_delay

from vnx_jobs.model.errors import Code

from .errors import ClientError, Refused, UnreachableError

_FIRST: Final = 0.1
_LONGEST: Final = 2.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Makes calls again that were not answered or came too soon, for so many seconds."""

    seconds: float

    def __call__(self, call: Callable[[], T], *, repeatable: bool = True) -> T:
        """Return what a call returns; one that is not repeatable is made again only if it was not carried out."""
        retrying = Retrying(
            retry=retry_if_exception(may_pass if repeatable else too_soon),
            stop=stop_before_delay(self.seconds),
            wait=_pause_of,
            reraise=True,
        )
        return retrying(call)


def too_soon(error: BaseException) -> bool:
    """Say whether a request was turned away because there were too many."""
    return isinstance(error, Refused) and error.code == Code.TOO_MANY


def may_pass(error: BaseException) -> bool:
    """Say whether the same request may be answered a little later."""
    return (isinstance(error, UnreachableError) and not error.lasting) or too_soon(error)


def _pause_of(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return pause(state.attempt_number, error.retry_after if isinstance(error, ClientError) else 0.0)


def pause(attempt: int, asked: float) -> float:
    """Return the seconds until the next attempt: longer each time, not before what was asked for, with some chance."""
    return max(asked, min(_LONGEST, _FIRST * 2.0 ** min(attempt - 1, 10))) + random.uniform(0, _FIRST)  # noqa: S311 -- no secret


@dataclass(slots=True)
class Outage:
    """Counts how long nothing came from a stream that is begun again and again."""

    patience: float
    _attempts: int = 0
    _since: float = 0.0

    def over(self) -> None:
        """Note that something came."""
        self._attempts = 0

    def wait(self, error: ClientError) -> None:
        """Wait until the next attempt, or raise the error if that is more than it has patience for."""
        if not self._attempts:
            self._since = time.monotonic()
        self._attempts += 1
        seconds = pause(self._attempts, error.retry_after)
        if time.monotonic() - self._since + seconds > self.patience:
            raise error
        time.sleep(seconds)
