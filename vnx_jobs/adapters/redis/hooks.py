"""Call backs in the state server: see lua/hooks.lua."""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Final

from vnx_jobs.model.hooks import Calls, Delivery, Hook, HookStanding, Kind, Pending
from vnx_jobs.model.states import State

from .server import Server, patiently

_PART: Final = 500
"""Jobs a call, or messages: some milliseconds."""


class RedisHooks:
    """Implements Hooks."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def add(self, hook: Hook) -> bool:
        """Register a hook."""
        document = _json(asdict(hook))
        return bool(patiently(lambda: self._server.call("hookadd", hook.name, document, durable=True))[0][0])

    def remove(self, name: str) -> bool:
        """Forget a hook and all that was to be told to it."""
        (was, more), _ = self._server.call("hookdrop", name, durable=True)
        while more:
            (_, more), _ = self._server.call("hookdrop", name)
        return bool(was)

    def known(self, names: Collection[str]) -> frozenset[str]:
        """Return those of some names under which a hook is registered."""
        return frozenset(name for name in names if self._server.field("hooks", name) is not None)

    def find(self, name: str = "") -> tuple[HookStanding, ...]:
        """Return how things stand with a hook, or with all, by name."""
        found, _ = self._server.call("hooksof", name)
        standings = [_standing(document, fields, waits, lost) for _, document, fields, waits, lost in found]
        return tuple(sorted(standings, key=lambda one: one.hook.name))

    def pending(self, name: str, most: int) -> tuple[Pending, ...]:
        """Return messages that are not delivered."""
        found, _ = self._server.call("hookpending", name, most)
        return tuple(
            Pending(id_, Kind(kind), subject, int(at), int(tries), answer, int(float(due)))
            for id_, kind, subject, at, tries, answer, due in found
        )

    def again(self, name: str) -> int:
        """Have all that waits, or was given up, tried now."""
        count = last = int(self._server.call("hookagain", name)[0][0])
        while last >= _PART:
            last = int(self._server.call("hookagain", name)[0][0])
            count += last
        return count

    def calls(self) -> Calls:
        """Say what is to be done now."""
        (due, unsealed), _ = self._server.call("hookcalls")
        return Calls(bool(due), tuple(unsealed))

    def claim(self, most: int, lease: float) -> tuple[Delivery, ...]:
        """Take messages that are due."""
        found, _ = self._server.call("hooktake", most, round(lease * 1000))
        return tuple(
            Delivery(id_, _hook(document), Kind(kind), subject, int(at), int(tries), _counts(counts))
            for id_, document, kind, subject, at, tries, counts in found
        )

    def delivered(self, delivery: Delivery, answer: str) -> bool:
        """Say that a message was delivered."""
        return bool(self._server.call("hookdone", delivery.id, delivery.attempt, answer)[0][0])

    def missed(self, delivery: Delivery, answer: str, *, wait: float, patience: float, keep: float) -> bool:
        """Say that a message was not delivered."""
        times = [round(seconds * 1000) for seconds in (wait, patience, keep)]
        return bool(self._server.call("hookmissed", delivery.id, delivery.attempt, answer, *times)[0][0])

    def expect(self, batch: str, hooks: Sequence[str], patience: float) -> None:
        """Say that a batch is about to be submitted."""
        told = (batch, _json(list(hooks)), round(patience * 1000))
        patiently(lambda: self._server.call("hookexpect", *told, durable=True))

    def seal(self, batch: str) -> None:
        """Say that all jobs of a batch are submitted. A round that is cut off changes nothing: the next counts anew."""
        round_ = secrets.token_hex(8)
        if not self._server.call("hookbegin", batch, round_)[0][0]:
            return
        jobs = self._server.ordered(f"batch:{batch}")
        for start in range(0, len(jobs), _PART):
            self._server.call("hookgather", batch, round_, jobs[start : start + _PART])
        self._server.call("hookseal", batch, round_, durable=True)


_json: Final = json.JSONEncoder(separators=(",", ":")).encode


def _hook(document: str) -> Hook:
    return Hook(**json.loads(document))


def _counts(stored: str) -> dict[State, int]:
    return {State(state): int(count) for state, count in json.loads(stored).items()}


def _standing(document: str, fields: Sequence[str], waits: int, lost: int) -> HookStanding:
    sent, bad, last, answer = fields
    return HookStanding(_hook(document), int(waits), int(lost), int(sent or 0), int(bad or 0), int(last or 0), answer)
