"""Templates of jobs: their texts may hold names in braces, which each run replaces by what is its own.

`{date}` and `{time}` are of the due time, in the schedule's zone, as 20261122 and 233000; `{due}` is the due time in
UTC, as 20261122T233000Z, which never comes twice; `{volume}` is a volume that the schedule names; `{backup}` is the
newest backup of that volume, by its archive.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from vnx_jobs.model.names import job_of
from vnx_jobs.model.schedule import Ask, Firing, Run, Schedule, Standing
from vnx_jobs.ports import Catalogue, Inventory

_NAME: Final = re.compile(r"\{([^{}]*)\}")
_OF_RUN: Final = ("date", "time", "due")
_OF_VOLUME: Final = ("volume", "backup")
_PATTERN: Final = re.compile(r"[*?\[]")


def is_pattern(volume: str) -> bool:
    """Say whether a volume is meant by a pattern."""
    return bool(_PATTERN.search(volume))


def of_run(schedule: Schedule, run: Run) -> dict[str, str]:
    """Return what the names that every template may hold stand for in a run."""
    local = schedule.local(run.due)
    return {"date": f"{local:%Y%m%d}", "time": f"{local:%H%M%S}", "due": stamp(run.due)}


def stamp(due: int) -> str:
    """Return a due time as names hold it: UTC, without blanks."""
    return f"{datetime.fromtimestamp(due / 1000, UTC):%Y%m%dT%H%M%SZ}"


def filled(template: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 -- texts, and lists and mappings of them
    """Return a template with its names replaced. Raises ValueError for one that there is not."""
    match template:
        case str():
            return _NAME.sub(lambda found: _meant(found[1], names), template)
        case list() | tuple():
            return [filled(one, names) for one in template]
        case Mapping():
            return {key: filled(one, names) for key, one in template.items()}
        case _:
            return template


def _meant(name: str, names: Mapping[str, str]) -> str:
    if name in names:
        return names[name]
    known = ", ".join(f"{{{one}}}" for one in (*_OF_RUN, *_OF_VOLUME))
    why = f"{{{name}}} needs volumes" if name in _OF_VOLUME else f"there is no name {{{name}}}"
    raise ValueError(f"{why} (there are {known}, the last two with volumes)")


@dataclass(frozen=True, slots=True)
class Filling:
    """Fills in the templates of schedules. Reads the inventory and the catalogue; sends no array command."""

    inventory: Inventory
    catalogue: Catalogue
    installation: str

    def firing(self, standing: Standing, run: Run) -> Firing:
        """Return what a run submits, and why what it should submit besides cannot be."""
        schedule, asks, problems = standing.schedule, list[Ask](), list[str]()
        several = len(schedule.jobs) > 1
        for number, template in enumerate(schedule.jobs, start=1):
            volumes = self.volumes(schedule, str(template.get("array", "")))
            if schedule.volumes and not volumes:
                problems.append(f"no volume is called {', '.join(schedule.volumes)}")
            for volume in volumes if schedule.volumes else ("",):
                row = volume or str(template.get("operation", ""))
                try:
                    spec = filled(template, of_run(schedule, run) | self._of_volume(template, volume))
                except ValueError as error:
                    problems.append(str(error))
                else:
                    asks.append(Ask(spec, f"{number}-{row}" if several else row))
        return Firing(run, standing.generation, tuple(asks), f"{schedule.name}-{stamp(run.due)}", tuple(problems))

    def volumes(self, schedule: Schedule, array: str) -> tuple[str, ...]:
        """Return the volumes that a schedule names on an array, as its last lists showed it; temporary ones are none.

        A name that is no pattern is always among them.
        """
        plain = {name for name in schedule.volumes if not is_pattern(name)}
        patterns = [name for name in schedule.volumes if is_pattern(name)]
        known = {sighting.lun.name for sighting in self.inventory.volumes(array)} if patterns else set()
        meant = {name for name in known if any(fnmatchcase(name, one) for one in patterns)}
        return tuple(sorted(plain | {name for name in meant if job_of(name, self.installation) is None}))

    def _of_volume(self, template: Mapping[str, Any], volume: str) -> dict[str, str]:
        """Return what names of a volume stand for. Raises ValueError if it has no backup and needs one."""
        names = {"volume": volume} if volume else {}
        if volume and "{backup}" in str(template):
            newest = self.catalogue.find(str(template.get("array", "")), volume, 1)
            if not newest:
                raise ValueError(f"{volume} has no backup yet")
            names["backup"] = newest[0].archive
        return names
