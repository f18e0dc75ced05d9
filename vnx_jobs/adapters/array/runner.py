"""The one place that every array command goes through: slot, SP, login, limit, deadline, verdict, log."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

import structlog
from tenacity import RetryCallState, Retrying, retry_if_result, wait_exponential, wait_random

from vnx_jobs.model.errors import ArrayError, Refused, Verdict
from vnx_jobs.ports import CommandSlots
from vnx_jobs.settings import ArraySettings

from . import process
from .login import Login, login
from .process import Run
from .sps import StorageProcessors
from .verdicts import Judgement, Listing, judge_change, judge_read

_CLI_TIMEOUT: Final = (3, 1800)
"""The least and the most seconds that naviseccli's own `-t` takes (storops 1.2.12)."""
_LEAST_SHARE: Final = 0.5
"""Less than this share of its limit, and a command is not started: it would be killed while it is served."""
_READ_ATTEMPTS: Final = 3
_READ_PAUSE: Final = 0.01
"""Pause before a read is first repeated, as a share of its limit; doubled for the second time."""
_SLOT_GRACE: Final = 5.0
"""Seconds that a command slot is held beyond the limit: killing a child takes two at most."""
_NO_ANSWER: Final = frozenset({Verdict.UNREACHABLE, Verdict.NO_ANSWER})
_SHOWN: Final = 400
"""Characters of a failed command's answer that are logged."""

Judge: TypeAlias = Callable[[Sequence[str], Run], Judgement]


class Kind(StrEnum):
    """What a command is sent for."""

    READ = "read"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Runner:
    """Sends commands to one array. Immutable, but for the health of the SPs, which all copies share.

    Every command is logged as one `array_command` event; job and step come from structlog's context variables.
    """

    array: str
    settings: ArraySettings
    slots: CommandSlots
    sps: StorageProcessors
    deadline: float | None = None
    """Moment (time.monotonic()) at which every command is dead, or else is not started."""

    def until(self, deadline: float) -> "Runner":
        """Return the same runner for one turn, with a deadline."""
        return replace(self, deadline=deadline)

    def change(self, words: Sequence[str]) -> None:
        """Send a changing command, once: the other SP gets it only if the first one certainly did not.

        All of it is over within the write limit. Raises ArrayError.
        """
        limit = self.settings.pace.write_limit
        judgement = self._send(Kind.CHANGE, words, judge_change, limit, self._end(limit))
        self._check(judgement)

    def read(self, words: Sequence[str], listing: Listing) -> str | None:
        """Send a reading command and return its listing, or None if the array says that there is none.

        While there is no answer it is repeated, twice at most. All of it is over within the read limit. Raises
        ArrayError.
        """
        limit = self.settings.pace.read_limit
        end = self._end(limit)

        def judge(words: Sequence[str], run: Run) -> Judgement:
            return judge_read(words, run, listing)

        def is_last(state: RetryCallState) -> bool:
            return state.attempt_number >= _READ_ATTEMPTS or end - time.monotonic() < limit * _LEAST_SHARE

        patiently = Retrying(
            stop=is_last,
            wait=wait_exponential(multiplier=limit * _READ_PAUSE) + wait_random(max=limit * _READ_PAUSE),
            retry=retry_if_result(lambda judgement: judgement.verdict in _NO_ANSWER),
            retry_error_callback=_last_judgement,
        )
        judgement = patiently(self._send, Kind.READ, words, judge, limit, end)
        self._check(judgement)
        return None if judgement.absent else judgement.text

    def _end(self, limit: float) -> float:
        end = time.monotonic() + limit
        return end if self.deadline is None else min(end, self.deadline)

    def _check(self, judgement: Judgement) -> None:
        if judgement.verdict is not None:
            raise ArrayError(judgement.verdict, judgement.text, judgement.code)

    def _send(self, kind: Kind, words: Sequence[str], judge: Judge, limit: float, end: float) -> Judgement:
        """Send a command to the SP that is likelier to answer; to the other one if the first was not reached."""
        try:
            key = login(self.settings)
        except Refused as refused:
            return Judgement(Verdict.CREDENTIALS, f"{refused.message}; nothing was sent")
        judgement = Judgement(Verdict.UNREACHABLE, "the array has no storage processor")
        for sp, address in self.sps.in_order():
            if judgement.verdict is not Verdict.UNREACHABLE:
                break
            argv = self._argv(address, key, words, end)
            with self.slots.hold(self.array, max(0.0, end - time.monotonic()) + _SLOT_GRACE):
                run = process.run(argv, until=end, least=limit * _LEAST_SHARE)
            judgement = _masked(judge(words, run), key)
            if judgement.verdict in _NO_ANSWER:
                self.sps.failed(sp)  # EMC's Cinder driver too turns to the other SP after a time-out
            self._log(sp, kind, words, run, judgement)
        return judgement

    def _argv(self, address: str, key: Login, words: Sequence[str], end: float) -> list[str]:
        """Build the argument list. `-t` is not below the limit: the CLI's own time-out must not come before ours.

        It still ends a CLI that nothing else can reach.
        """
        least, most = _CLI_TIMEOUT
        timeout = min(most, max(least, math.ceil(end - time.monotonic())))
        return [str(self.settings.naviseccli), "-h", address, *key.words, "-t", str(timeout), *words]

    def _log(self, sp: str, kind: Kind, words: Sequence[str], run: Run, judgement: Judgement) -> None:
        event = {
            "array": self.array,
            "sp": sp,
            "kind": kind.value,
            "argv": list(words),
            "status": run.status,
            "seconds": round(run.seconds, 3),
        }
        log = structlog.get_logger()
        if judgement.verdict is None:
            log.info("array_command", **event, verdict="ok")
        else:
            log.warning("array_command", **event, verdict=judgement.verdict.value, answer=judgement.text[:_SHOWN])


def _masked(judgement: Judgement, key: Login) -> Judgement:
    return judgement if judgement.verdict is None else replace(judgement, text=key.masked(judgement.text))


def _last_judgement(state: RetryCallState) -> Judgement:
    if state.outcome is None:
        raise ValueError("no attempt was made")
    judgement: Judgement = state.outcome.result()
    return judgement
