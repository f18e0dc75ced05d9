"""Call backs, their twin in memory."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vnx_jobs.model.hooks import Calls, Delivery, Hook, HookStanding, Kind, Pending
from vnx_jobs.model.states import ENDED, State

from .server import MemoryServer

_AT_ONCE: Final = 4
_FAILING: Final = 1


@dataclass(slots=True)
class _Message:
    """A message that is not delivered."""

    id: str
    kind: Kind
    subject: str
    at: int
    counts: Mapping[State, int]
    since: int
    """Its time counts from then."""
    due: int
    out: bool = False
    """Whether somebody has its lease, which ends when it is due."""
    tries: int = 0
    answer: str = ""
    lost: int = 0
    """Until when it is kept, after it was given up."""


@dataclass(slots=True)
class _Hook:
    """A hook, and what is to be told to it."""

    hook: Hook
    messages: dict[str, _Message] = field(default_factory=dict)
    sent: int = 0
    bad: int = 0
    last: int = 0
    answer: str = ""


@dataclass(slots=True)
class _Telling:
    """A batch with hooks."""

    hooks: tuple[str, ...]
    round: int = 0
    sealed: bool = False
    fresh: int = 0
    """Jobs nobody was told of."""
    counts: Counter[State] = field(default_factory=Counter)
    untold: set[str] = field(default_factory=set)


class MemoryHooks:
    """Implements Hooks."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self._hooks: dict[str, _Hook] = {}
        self._telling: dict[str, _Telling] = {}
        self._unsealed: dict[str, int] = {}
        self._seen: set[str] = set()
        """Jobs that were gathered once, of batches with hooks."""
        self._rounds = 0
        server.ends.append(self._ended)

    def add(self, hook: Hook) -> bool:
        """Register a hook."""
        with self._server.moment():
            return self._hooks.setdefault(hook.name, _Hook(hook)).hook == hook

    def remove(self, name: str) -> bool:
        """Forget a hook and all that was to be told to it."""
        with self._server.moment():
            return self._hooks.pop(name, None) is not None

    def known(self, names: Collection[str]) -> frozenset[str]:
        """Return those of some names under which a hook is registered."""
        with self._server.moment():
            return frozenset(names) & self._hooks.keys()

    def find(self, name: str = "") -> tuple[HookStanding, ...]:
        """Return how things stand with a hook, or with all, by name."""
        with self._server.moment():
            return tuple(self._standing(one) for key, one in sorted(self._hooks.items()) if name in {"", key})

    def _standing(self, one: _Hook) -> HookStanding:
        lost = sum(bool(message.lost) for message in self._kept(one))
        waiting = len(one.messages) - lost
        return HookStanding(one.hook, waiting, lost, one.sent, one.bad, one.last, one.answer)

    def _kept(self, one: _Hook) -> list[_Message]:
        now = self._server.now()
        one.messages = {name: each for name, each in one.messages.items() if not each.lost or each.lost > now}
        return list(one.messages.values())

    def pending(self, name: str, most: int) -> tuple[Pending, ...]:
        """Return messages that are not delivered."""
        with self._server.moment():
            one = self._hooks.get(name)
            kept = [] if one is None else sorted(self._kept(one), key=lambda each: (not each.lost, each.due, each.id))
            return tuple(
                Pending(
                    each.id,
                    each.kind,
                    each.subject,
                    each.at,
                    each.tries,
                    each.answer,
                    0 if each.lost else each.due,
                )
                for each in kept[:most]
            )

    def again(self, name: str) -> int:
        """Have all that waits, or was given up, tried now."""
        with self._server.moment():
            if name not in self._hooks:
                return 0
            now = self._server.now()
            kept = self._kept(self._hooks[name])
            chosen = [each for each in kept if each.lost or (each.due > now and not each.out)]
            for each in chosen:
                each.since = each.due = now
                each.lost = 0
            return len(chosen)

    def calls(self) -> Calls:
        """Say what is to be done now."""
        with self._server.moment():
            now = self._server.now()
            due = any(each.due <= now and not each.lost for one in self._hooks.values() for each in self._kept(one))
            return Calls(due, tuple(batch for batch, until in self._unsealed.items() if until <= now))

    def claim(self, most: int, lease: float) -> tuple[Delivery, ...]:
        """Take messages that are due."""
        with self._server.moment():
            taken: list[Delivery] = []
            for one in self._hooks.values():
                taken += self._claim(one, most - len(taken), lease)
            return tuple(taken)

    def _claim(self, one: _Hook, most: int, lease: float) -> list[Delivery]:
        now = self._server.now()
        kept = [each for each in self._kept(one) if not each.lost]
        for each in kept:
            each.out = each.out and each.due > now
        bound = (_FAILING if one.bad else _AT_ONCE) - sum(each.out for each in kept)
        due = sorted((each for each in kept if each.due <= now), key=lambda each: (each.due, each.id))
        chosen = due[: max(0, min(bound, most))]
        for each in chosen:
            each.out, each.due = True, now + round(lease * 1000)
            each.tries += 1
        return [
            Delivery(each.id, one.hook, each.kind, each.subject, each.at, each.tries, each.counts) for each in chosen
        ]

    def delivered(self, delivery: Delivery, answer: str) -> bool:
        """Say that a message was delivered."""
        with self._server.moment():
            found = self._tried(delivery, answer)
            if found is None:
                return False
            one, message = found
            del one.messages[message.id]
            one.bad = 0
            one.sent += 1
            return True

    def missed(self, delivery: Delivery, answer: str, *, wait: float, patience: float, keep: float) -> bool:
        """Say that a message was not delivered."""
        with self._server.moment():
            found = self._tried(delivery, answer)
            if found is None:
                return False
            one, message = found
            now = self._server.now()
            one.bad += 1
            message.answer, message.out = answer, False
            message.due = now + round(wait * 1000)
            if message.due > message.since + round(patience * 1000):
                message.lost = now + round(keep * 1000)
            return True

    def _tried(self, delivery: Delivery, answer: str) -> tuple[_Hook, _Message] | None:
        one = self._hooks.get(delivery.hook.name)
        message = None if one is None else one.messages.get(delivery.id)
        if one is None or message is None or message.tries != delivery.attempt:
            return None
        one.last, one.answer = self._server.now(), answer
        return one, message

    def expect(self, batch: str, hooks: Sequence[str], patience: float) -> None:
        """Say that a batch is about to be submitted."""
        with self._server.moment():
            telling = self._telling.setdefault(batch, _Telling(()))
            telling.hooks, telling.sealed = tuple(hooks), False
            self._unsealed[batch] = self._server.now() + round(patience * 1000)

    def seal(self, batch: str) -> None:
        """Say that all jobs of a batch are submitted."""
        with self._server.moment():
            self._unsealed.pop(batch, None)
            if (telling := self._telling.get(batch)) is None:
                return
            self._rounds += 1
            telling.round, telling.sealed = self._rounds, True
            jobs = [job for job in self._server.batches.get(batch, {}) if job in self._server.jobs]
            states = {job: self._server.jobs[job].record.state for job in jobs}
            telling.fresh += len(states.keys() - self._seen)
            self._seen |= states.keys()
            telling.counts = Counter(state for state in states.values() if state in ENDED)
            telling.untold = {job for job, state in states.items() if state not in ENDED}
            self._tell(batch, telling)

    def _tell(self, batch: str, telling: _Telling) -> None:
        """Tell a batch's hooks if all of its jobs have ended."""
        if telling.untold or not telling.sealed:
            return
        for name in telling.hooks if telling.fresh else ():
            self._put(f"batch_{telling.round}_{name}", name, Kind.BATCH, batch, dict(telling.counts))
        del self._telling[batch]

    def _put(self, id_: str, name: str, kind: Kind, subject: str, counts: Mapping[State, int]) -> None:
        if name in self._hooks:
            now = self._server.now()
            self._hooks[name].messages[id_] = _Message(id_, kind, subject, now, counts, now, now)

    def _ended(self, job: str) -> None:
        record = self._server.jobs[job].record
        for name in record.hooks:
            self._put(f"job_{job}_{name}", name, Kind.JOB, job, {})
        telling = self._telling.get(record.batch)
        if telling is not None and job in telling.untold:
            telling.untold.discard(job)
            telling.counts[record.state] += 1
            self._tell(record.batch, telling)
