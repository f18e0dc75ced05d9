"""The door: a schedule is judged whole before it is stored, by what its next runs would submit. Sends no command."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.mistakes import mistake
from vnx_jobs.model.schedule import Run, Schedule
from vnx_jobs.model.specs import Spec, parse
from vnx_jobs.settings import Settings

from .templates import filled, is_pattern, of_run

_SAMPLES: Final = 10
"""Due times whose names are compared."""


def read(fields: Mapping[str, Any]) -> Schedule:
    """Check a schedule's fields. Raises Refused(invalid) with one line that names every mistake."""
    try:
        return Schedule.model_validate(dict(fields))
    except ValidationError as error:
        told = [
            mistake(".".join(map(str, problem["loc"])), dict(problem), Schedule.model_fields)
            for problem in error.errors(include_url=False, include_context=False)
        ]
        raise Refused(Code.INVALID, f"schedule {fields.get('name', '')!s}: {'; '.join(told)}") from None


def read_as(name: str, fields: Mapping[str, Any], array: str) -> Schedule:
    """Check the fields of a schedule whose name is said beside them; `array` is meant where a job names none.

    Raises Refused(invalid), also for the fields that only a policy file has.
    """
    if strange := [field for field in ("name", "owner") if field in fields]:
        raise Refused(Code.INVALID, f"{strange[0]} is no field that is said with a schedule's name beside it")
    found = read({**fields, "name": name})
    return found.model_copy(update={"jobs": tuple({"array": array, **job} for job in found.jobs)})


def check(schedule: Schedule, settings: Settings, now: int) -> None:
    """Raise Refused for a schedule that is never due, or whose next runs would be refused for what they ask.

    What its templates name need not be on the array yet.
    """
    samples = schedule.upcoming(now, _SAMPLES)
    if not samples:
        raise Refused(Code.INVALID, f"schedule {schedule.name} is never due: see its cron, exclude, only and never")
    made: dict[tuple[str, str], int] = {}
    for due in samples:
        for spec in _specs(schedule, Run(due)):
            settings.array(spec.array)
            for thing in spec.makes:
                if made.setdefault((spec.array, thing), due) != due:
                    raise Refused(Code.INVALID, f"schedule {schedule.name}: {_same(thing)}")


def _same(thing: str) -> str:
    kind, _, name = thing.partition(":")
    return f"each run would make a {kind} called {name}: put {{due}} into its name"


def _specs(schedule: Schedule, run: Run) -> Iterator[Spec]:
    """Yield what a run would ask for, with each volume that is named; a pattern stands for one volume."""
    names = of_run(schedule, run)
    volumes = [name for name in schedule.volumes if not is_pattern(name)] or ["volume"]
    for template in schedule.jobs:
        for volume in volumes if schedule.volumes else [""]:
            known = names | ({"volume": volume, "backup": f"backup-of-{volume}"} if volume else {})
            try:
                yield parse(filled(template, known))
            except ValueError as error:
                raise Refused(Code.INVALID, f"schedule {schedule.name}: {error}") from None
            except Refused as refused:
                raise Refused(refused.code, f"schedule {schedule.name}: {refused.message}") from None
