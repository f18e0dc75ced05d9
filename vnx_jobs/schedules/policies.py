"""Policy files: many schedules in one YAML file, and how they differ from those that there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vnx_jobs.batches.formats import yaml_fields
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.names import name_problem
from vnx_jobs.model.schedule import MAX_NAME, Schedule

from .checking import read as read_schedule

_TOP: Final = ("owner", "defaults", "schedules")


@dataclass(frozen=True, slots=True)
class Policies:
    """What a policy file asks for."""

    owner: str
    """The file's own name: schedules that bear it and are no longer in the file are removed."""
    schedules: tuple[Schedule, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What applying a policy file changes."""

    added: tuple[Schedule, ...]
    replaced: tuple[tuple[Schedule, Schedule], ...]
    """Each schedule as it is, and as it shall be."""
    removed: tuple[Schedule, ...]
    same: tuple[Schedule, ...]

    @property
    def puts(self) -> tuple[Schedule, ...]:
        """The schedules that are added, or become others."""
        return (*self.added, *(new for _, new in self.replaced))

    def changes(self) -> Iterator[tuple[Schedule, dict[str, tuple[Any, Any]]]]:
        """Yield each schedule that becomes another, with the fields that differ: as they are, and as they shall be."""
        for old, new in self.replaced:
            before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
            yield new, {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def read(file: Path, array: str | None) -> Policies:
    """Read a policy file; `array` is meant where a job names none.

    Raises Refused with one line: the file, where in it, what is wrong.
    """
    return understand(file, read_text(file), array)


def read_text(file: Path) -> str:
    """Return a file's text. Raises Refused(invalid)."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise Refused(Code.INVALID, f"{file} cannot be read: {reason}") from error


def understand(file: Path, text: str, array: str | None, owner: str = "") -> Policies:
    """Read the text of a policy file, which is known by `owner` if it gives none, else by the file's name.

    Raises Refused with one line: the file, where in it, what is wrong.
    """
    top = yaml_fields(file, text)
    if unknown := [name for name in top if name not in _TOP]:
        raise Refused(Code.INVALID, f"{file}: there is no {unknown[0]!r} at the top (there are {', '.join(_TOP)})")
    name, defaults, named = top.get("owner", owner or file.stem), top.get("defaults", {}), top.get("schedules")
    if not isinstance(name, str) or (problem := name_problem(name, MAX_NAME)):
        raise Refused(Code.INVALID, f"{file}: owner {'must be a name' if not isinstance(name, str) else problem}")
    if not isinstance(defaults, dict) or not isinstance(named, dict):
        raise Refused(Code.INVALID, f"{file}: defaults and schedules must be NAME: VALUE lines, the latter by name")
    try:
        return Policies(name, tuple(_schedule(name, called, defaults, one, array) for called, one in named.items()))
    except Refused as refused:
        raise Refused(refused.code, f"{file}: {refused.message}") from None


def _schedule(owner: str, name: str, defaults: dict[str, Any], given: object, array: str | None) -> Schedule:
    if not isinstance(given, dict):
        raise Refused(Code.INVALID, f"schedule {name}: NAME: VALUE lines are expected")
    if own := sorted({"name", "owner"} & (given.keys() | defaults.keys())):
        raise Refused(Code.INVALID, f"schedule {name}: {own[0]} is not given here")
    fields = {**defaults, **given, "name": name, "owner": owner}
    jobs = fields.get("jobs")
    jobs = [jobs] if isinstance(jobs, dict) else jobs
    if array and isinstance(jobs, list):
        fields["jobs"] = [{"array": array} | job if isinstance(job, dict) else job for job in jobs]
    return read_schedule(fields)


def compare(policies: Policies, present: Iterable[Schedule]) -> Difference:
    """Say what applying a file would change. Raises Refused for a name that somebody else's schedule has."""
    there = {schedule.name: schedule for schedule in present}
    wanted = {schedule.name: schedule for schedule in policies.schedules}
    for name in sorted(wanted.keys() & there.keys()):
        if (owner := there[name].owner) != policies.owner:
            whose = f"stands in {owner}" if owner else "was made by hand"
            text = f"schedule {name} {whose}, not in {policies.owner}: remove it there, or call yours otherwise"
            raise Refused(Code.NAME_IN_USE, text)
    both = [(there[name], one) for name, one in wanted.items() if name in there]
    return Difference(
        added=tuple(one for name, one in wanted.items() if name not in there),
        replaced=tuple((old, new) for old, new in both if old != new),
        removed=tuple(one for one in there.values() if one.owner == policies.owner and one.name not in wanted),
        same=tuple(new for old, new in both if old == new),
    )
