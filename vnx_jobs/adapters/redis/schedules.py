"""Schedules in the state server: see lua/schedules.lua."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import starmap
from typing import Any

import structlog

from vnx_jobs.model.schedule import Ask, Decision, Firing, Past, Run, Schedule, Standing

from .server import Server, patiently


class RedisSchedules:
    """Implements Schedules."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def put(self, schedule: Schedule, *, replace: bool) -> bool:
        """Add or replace a schedule."""
        return self._change("arrange", schedule.name, schedule.document(), schedule.calendar, int(replace))

    def remove(self, name: str) -> bool:
        """Remove a schedule, if it is not beginning a run."""
        return self._change("unarrange", name)

    def pause(self, name: str, by: str) -> bool:
        """Let a schedule begin nothing by itself."""
        return self._change("suspend", name, by)

    def resume(self, name: str) -> bool:
        """End a pause."""
        return self._change("proceed", name)

    def ask(self, name: str, by: str) -> Run | None:
        """Have a run begin. Not repeated when its answer is lost: that would be two."""
        result, _ = self._server.call("wanted", name, by, durable=True)
        return Run(int(result[1]), by) if result[0] else None

    def get(self, name: str) -> tuple[int, Standing] | None:
        """Return where a schedule stands."""
        now, found = self._standings([name], 0)
        return (now, found[0]) if found else None

    def find(self) -> tuple[int, tuple[Standing, ...]]:
        """Return where all schedules stand, by name."""
        now, found = self._standings([], 0)
        return now, tuple(sorted(found, key=lambda one: one.schedule.name))

    def due(self, most: int) -> tuple[int, tuple[Standing, ...]]:
        """Return schedules that are to be looked at by now."""
        return self._standings([], most)

    def decide(self, standing: Standing, decision: Decision, firing: Firing | None) -> bool:
        """Do what was decided, if the schedule still stands so."""
        name = standing.schedule.name
        given_up = [_written(Past(run, problems=(why,))) for run, why in decision.given_up]
        queue = json.dumps([(run.due, run.by) for run in decision.queue])
        wake = -1 if decision.wake is None else decision.wake
        begun = "" if firing is None else _written(firing)
        told = (name, standing.version, decision.handled, queue, wake, begun, given_up)
        return bool(self._server.call("decided", *told, durable=True)[0][0])

    def fired(self, name: str, firing: Firing, jobs: Sequence[str], problems: Sequence[str]) -> bool:
        """Say that all jobs of a run are submitted."""
        told = _written(Past.of(firing, len(jobs), problems))
        return bool(self._server.call("fired", name, _written(firing), list(jobs), told, durable=True)[0][0])

    def history(self, name: str) -> tuple[Past, ...]:
        """Return what became of a schedule's last runs."""
        return tuple(map(_past, self._server.line(f"schedule:{name}:runs")))

    def _change(self, name: str, *arguments: object) -> bool:
        result, _ = patiently(lambda: self._server.call(name, *arguments, durable=True))
        return bool(result[0])

    def _standings(self, names: Sequence[str], most: int) -> tuple[int, tuple[Standing, ...]]:
        (now, found), _ = self._server.call("standings", list(names), most)
        return int(now), tuple(one for one in starmap(_readable, found) if one is not None)


def _written(one: Firing | Past) -> str:
    return json.dumps(asdict(one), separators=(",", ":"))


def _readable(name: str, stored: Sequence[str], under_way: Sequence[str]) -> Standing | None:
    """Return how a schedule stands; one that cannot be read here, for its zone say, must not hide the others."""
    try:
        return _standing(stored, under_way)
    except ValueError as error:
        structlog.get_logger().error("schedule_unreadable", schedule=name, why=str(error))
        return None


def _standing(stored: Sequence[str], under_way: Sequence[str]) -> Standing:
    document, generation, version, handled, queue, firing, paused = stored
    return Standing(
        schedule=Schedule.model_validate_json(document),
        generation=int(generation),
        version=int(version),
        handled=int(handled),
        queue=tuple(Run(int(due), by) for due, by in json.loads(queue or "[]")),
        firing=_firing(json.loads(firing)) if firing else None,
        paused=paused,
        under_way=tuple(under_way),
    )


def _firing(stored: dict[str, Any]) -> Firing:
    asks = tuple(Ask(**one) for one in stored.pop("asks"))
    return Firing(run=Run(**stored.pop("run")), asks=asks, problems=tuple(stored.pop("problems")), **stored)


def _past(stored: str) -> Past:
    at, _, text = stored.partition(" ")
    told = json.loads(text)
    return Past(**told | {"run": Run(**told["run"]), "problems": tuple(told["problems"]), "at": int(at)})
