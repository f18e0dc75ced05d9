"""Transfers in the state server: what jobs ask of backup hosts, and what copiers answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from vnx_jobs.model.backup import Label
from vnx_jobs.model.hosts import Connection
from vnx_jobs.model.transfer import (
    Asked,
    Copier,
    Direction,
    Ending,
    Failed,
    Moved,
    Phase,
    Running,
    Standing,
    Taken,
    Transfer,
)
from vnx_jobs.ports import Ring

from .server import Answer, Server, patiently


class RedisTransfers:
    """Implements Transfers."""

    def __init__(self, server: Server, ring: Callable[[str, tuple[str, ...]], None]) -> None:
        """Keep transfers in a state server; `ring` lets the copiers of a backup host know of some, by id."""
        self._server = server
        self._ring = ring

    def ask(self, transfer: Transfer) -> None:
        """Ask a backup host for a transfer, and let its copiers know."""
        label = transfer.label
        asked = {
            "ask": _written(transfer),
            "host": transfer.host,
            "array": transfer.array,
            "store": f"{transfer.repository} {label.array} {label.uid}",
            "size": 0 if transfer.direction is Direction.DISCARD else label.size,
        }
        result, _ = self._change("ask", transfer.job, transfer.place, asked, durable=True)
        if result[0] == "waits":
            self._ring(transfer.host, (transfer.id,))

    def standing(self, job: str, place: int) -> Standing | None:
        """Say how a transfer stands."""
        flat, _ = self._change("stands", f"{job}/{place}")
        return _standing(flat)

    def stop(self, job: str, place: int) -> bool:
        """Take a transfer back; True once nothing of it is under way."""
        return bool(self._change("stop", f"{job}/{place}", durable=True)[0][0])

    def forget(self, job: str) -> None:
        """Forget all transfers of a job that are not running."""
        self._change("drop", job)

    def waiting(self, host: str, limit: int) -> tuple[str, ...]:
        """Return transfers that wait for a copier of a backup host."""
        return tuple(self._change("queue", host, limit)[0])

    def running(self, host: str | None = None) -> tuple[Standing, ...]:
        """Return what copiers are at."""
        found, _ = self._change("running", host or "")
        standings = (_standing(flat) for _, flat in found)
        return tuple(one for one in standings if one is not None)

    def take(self, transfer: str, token: str, *, on_host: int, on_array: int, lease: float) -> Taken | None:
        """Take a transfer."""
        result, _ = self._change("engage", transfer, token, on_host, on_array, _ms(lease), durable=True)
        if result[0] == "no":
            return None
        return Taken(_transfer(result[1]), Copier(**json.loads(result[2])) if result[2] else None)

    def identify(self, transfer: str, token: str, copier: Copier) -> bool:
        """Note which process is at it."""
        return bool(self._change("identify", transfer, token, json.dumps(asdict(copier)), durable=True)[0][0])

    def beat(self, transfer: str, token: str, done: int, seconds_left: float | None, lease: float) -> bool:
        """Say how far a copier is, once: the next beat is as good as a second try."""
        left = -1 if seconds_left is None else _ms(seconds_left)
        return bool(self._server.call("beat", transfer, token, done, left, _ms(lease))[0][0])

    def end(self, transfer: str, token: str, ending: Ending) -> tuple[Ring, ...] | None:
        """Say how it ended, and resume the job that waits."""
        kind = "failed" if isinstance(ending, Failed) else "moved"
        result, rings = self._change("over", transfer, token, json.dumps({kind: asdict(ending)}), durable=True)
        return rings if result[0] else None

    def give_back(self, transfer: str, token: str, *, died: bool = False) -> tuple[Ring, ...]:
        """Let somebody begin a transfer anew."""
        return self._change("giveback", transfer, token, int(died), durable=True)[1]

    def _change(self, name: str, *arguments: object, durable: bool = False) -> Answer:
        """Run what may be repeated when an answer is lost."""
        return patiently(lambda: self._server.call(name, *arguments, durable=durable))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _written(transfer: Transfer) -> str:
    return json.dumps(asdict(transfer))


def _transfer(text: str) -> Transfer:
    """Read a transfer back."""
    told: dict[str, Any] = json.loads(text)
    seen, onto = (_connection(told.get(which)) for which in ("connection", "onto"))
    return Transfer(
        **{
            **told,
            "direction": Direction(told["direction"]),
            "label": Label(**told["label"]),
            "connection": seen,
            "onto": onto,
            "archives": tuple(told["archives"]),
            "copied": Moved(**told["copied"]) if told.get("copied") else None,
        }
    )


def _connection(told: Mapping[str, Any] | None) -> Connection | None:
    if told is None:
        return None
    return Connection(**{**told, "fibre": tuple(told["fibre"]), "iscsi": tuple(told["iscsi"])})


def _standing(flat: list[str]) -> Standing | None:
    stored = dict(zip(flat[::2], flat[1::2], strict=True))
    if "ask" not in stored:
        return None
    return Standing(_transfer(stored["ask"]), _phase(stored), int(stored.get("deaths", 0)), int(stored.get("over", 0)))


def _phase(stored: Mapping[str, str]) -> Phase:
    if "ending" in stored:
        told = json.loads(stored["ending"])
        return Failed(**told["failed"]) if "failed" in told else Moved(**told["moved"])
    if "token" not in stored:
        return Asked()
    copier = Copier(**json.loads(stored["copier"])) if "copier" in stored else None
    return Running(int(stored["lease"]), copier, int(stored["done"]), "stop" in stored)
