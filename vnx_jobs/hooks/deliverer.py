"""The deliverer: takes messages that are due, sends each in a thread of its own, and notes what came of it.

At least once: what was sent, and not noted since the sender died, is sent again under the same id. Any number of
deliverers may run. One that hangs, or whose receivers hang, holds up neither the others nor what calls `tick`.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import structlog

from vnx_jobs.model.errors import JobError, Refused
from vnx_jobs.model.hooks import Delivery, Kind
from vnx_jobs.model.record import Record
from vnx_jobs.ports import JobStore
from vnx_jobs.ports.hooks import Hooks

from . import envelope
from .posting import Answer
from .signing import Secret, signed

PERIOD: Final = 1.0
"""Seconds between two ticks."""
AT_ONCE: Final = 16
"""Messages that one deliverer sends at one time; no more than four of them go to one hook (see the port)."""
LEASE: Final = 60.0
"""Seconds after which somebody else may send a message: longer than an attempt takes."""
_SEALED: Final = 5
"""Batches that a tick seals: each may have many jobs."""
FIRST: Final = 5.0
LONGEST: Final = 3600.0
_DOUBLINGS: Final = 10
PATIENCE: Final = 86_400.0
"""Seconds until a message is given up."""
KEEP: Final = 7 * 86_400.0
"""Seconds that it is kept then."""

Post: TypeAlias = Callable[[str, Mapping[str, str], bytes], Answer]


def back_off(attempt: int, draw: float) -> float:
    """Return the seconds until the next attempt: 5 s, doubled each time, to an hour; `draw`, 0 to 1, spreads them."""
    longest = min(LONGEST, FIRST * 2.0 ** min(attempt - 1, _DOUBLINGS))
    return longest * (0.75 + 0.25 * draw)


@dataclass(slots=True)
class Deliverer:
    """Delivers messages beside whatever else its process does."""

    hooks: Hooks
    store: JobStore
    post: Post
    secret: Secret
    installation: str
    document: Callable[[Record], Mapping[str, Any]]
    """How a job is told to programs."""
    at_once: int = AT_ONCE
    lease: float = LEASE
    draw: Callable[[], float] = random.random
    _under_way: set[threading.Thread] = field(default_factory=set)

    def tick(self) -> int:
        """Begin to send what is due; return how many messages that are. Takes some calls of the state server."""
        self._under_way = {thread for thread in self._under_way if thread.is_alive()}
        calls = self.hooks.calls()
        for batch in calls.unsealed[:_SEALED]:
            self.hooks.seal(batch)
        room = self.at_once - len(self._under_way)
        if room <= 0 or not (calls.due or calls.unsealed):
            return 0
        taken = self.hooks.claim(room, self.lease)
        for delivery in taken:
            # none is waited for when the process ends: what is not noted is sent again
            thread = threading.Thread(
                target=self._deliver, args=(delivery,), name=f"call back {delivery.id}", daemon=True
            )
            self._under_way.add(thread)
            thread.start()
        return len(taken)

    def rest(self, seconds: float) -> bool:
        """Wait until nothing is being sent; say whether it is so."""
        end = time.monotonic() + seconds
        for thread in self._under_way:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._under_way)

    def _deliver(self, delivery: Delivery) -> None:
        """Send a message and note what came of it; if it cannot be noted, its lease ends, and it is sent again."""
        log = structlog.get_logger().bind(hook=delivery.hook.name, message=delivery.id, attempt=delivery.attempt)
        try:
            answer = self._attempt(delivery)
            if answer.well:
                self.hooks.delivered(delivery, answer.text)
                log.info("called_back", answer=answer.text)
                return
            wait = max(back_off(delivery.attempt, self.draw()), min(answer.retry_after, LONGEST))
            self.hooks.missed(delivery, answer.text, wait=wait, patience=PATIENCE, keep=KEEP)
            log.warning("call_back_failed", why=answer.text, again_in=round(wait))
        except JobError as error:
            log.error("call_back_failed", why=error.message)  # noqa: TRY400 -- what is known is in the line
        except Exception:  # a thread's last line: the message is sent again
            log.exception("call_back_failed")

    def _attempt(self, delivery: Delivery) -> Answer:
        hook = delivery.hook
        try:
            if self.secret.mark() != hook.mark:
                return Answer(f"not sent: {self.secret.file} is not the secret that the hook was registered with")
            key = self.secret.key(hook.name, hook.generation)
        except Refused as refused:
            return Answer(f"not sent: {refused.message}")
        told = self._told(delivery)
        if told is None:
            return Answer("not sent: the job's record is kept no more")
        kind, data = told
        body = envelope.body(self.installation, delivery.id, kind, delivery.subject, delivery.at, data)
        return self.post(hook.url, _headers(key, delivery.id, body), body)

    def _told(self, delivery: Delivery) -> tuple[str, Mapping[str, Any]] | None:
        if delivery.kind is Kind.BATCH:
            states = {str(state): count for state, count in delivery.counts.items()}
            return envelope.BATCH_ENDED, {
                "batch": delivery.subject,
                "jobs": sum(delivery.counts.values()),
                "jobs_by_state": states,
            }
        record = self.store.get(delivery.subject)
        return None if record is None else (envelope.JOB_ENDED, self.document(record))


def _headers(key: bytes, message: str, body: bytes) -> Mapping[str, str]:
    return {"Content-Type": envelope.CONTENT_TYPE, **signed(key, message, int(time.time()), body)}
