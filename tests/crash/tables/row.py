"""What every row of the matrix is made of, and what stands on the array before it."""

from dataclasses import dataclass, field
from typing import Any, Final

from tests.crash import grouped, kept, left
from vnx_jobs.model.step import Operation
from vnx_jobs.steps.work import JobStep, Work

START: Final = {
    "gold": "2 GB full: slag",
    "spare": "2 GB full: tin",
    "copy": "2 GB snap copy of gold: ore",
    "snapshot monday of gold": "ore",
    "snapshot hidden of gold": "ore",
    "foreign": "2 GB snap copy of iron: rust",
    "iron": "2 GB full: rust",
    "snapshot theirs of iron": "rust",
    "esx sees iron": "under 5",
    "storage group esx": "20:00:00:00:C9:12:34:56:10:00:00:00:C9:12:34:56 of esx at A-0",
    "storage group ~management": "iqn.1993-08.org.debian:01:idle of idle at A-4",
    **left.START,
    **grouped.START,
    **kept.START,
}
"""What stands on the array before the job."""

HELD: Final = {
    "copies:gold": 1,
    "mounts:gold": 1,
    "snapshots:gold": 2,
    "copies:iron": 1,
    "mounts:iron": 1,
    "snapshots:iron": 1,
    **left.HELD,
    **grouped.HELD,
}
"""How many slots are taken before the job."""


UNSHOWN: Final = {"mapping:copy": ("shared", 1)}
"""Until the snapshot of a snap copy is taken no job shows the snap copy to hosts."""
_SNAPSHOTS: Final = {
    "create-snapshot",
    "create-snapshot-of-snap-copy",
    "copy-snapshot",
    "restore-snapshot",
    "delete-snapshot",
}


_MAKING_GROUPS: Final = {"register-and-attach", "connect-and-attach"}
"""Attachments that make a storage group first; it is taken back last."""


def without(*names: str) -> dict[str, str]:
    """Return the start without some objects."""
    return {name: what for name, what in START.items() if name not in names}


@dataclass(frozen=True)
class Row:
    """An operation, its request, its changing commands in their order, and what stands when it has succeeded."""

    operation: str
    request: dict[str, Any]
    commands: tuple[str, ...]
    whole: dict[str, str]
    locks: dict[str, str]
    """What the job holds from its admission to its end, alone or shared."""
    slots: dict[str, int]
    """How many slots are taken when it has succeeded, beyond those at the start; below zero if it gives some back."""
    reads: tuple[str, ...] = ()
    """The reading commands of an undisturbed run, each once."""
    no_way_back: int = 99
    """How many of the commands may be refused and undone; a later refusal leaves the job stuck."""
    stuck: dict[str, str] = field(default_factory=dict)
    """What stands when the command past the point of no return is refused."""

    moved: dict[str, str] = field(default_factory=dict)
    """Kind and pool of volumes when it has succeeded; those that stood at the start are thin in the pool `pool`."""

    stopped: tuple[int, ...] = ()
    """Numbers of LUNs whose copy onto what a lost job left has stopped before it."""

    backups: dict[str, str] = field(default_factory=lambda: kept.BACKUPS)
    """What repository and catalogue hold when it has succeeded."""

    stuck_at: dict[str, dict[str, str]] = field(default_factory=dict)
    """What stands when that command past the point of no return is refused, where there are several."""

    twice: tuple[str, ...] = ()
    """Steps of the table that stand twice in the job's list, one behind the other."""

    keeps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Kinds of the locks that are kept by a job stuck at a command, `back ` before it while it is undone."""

    brief: dict[str, tuple[str, int]] = field(default_factory=dict)
    """What the job holds besides, alone or shared, for so many of its commands only."""

    def held_at(self, place: int) -> dict[str, str]:
        """Return the locks that the job holds when it sends a command."""
        brief = {key: how for key, (how, commands) in self.brief.items() if place < commands}
        permit = {"migrations:box": "shared"} if self.commands[place] == "migrate" else {}
        return self.locks | brief | permit

    def writing(self, operation: Operation[Work]) -> list[JobStep]:
        """Return the steps of the job that send commands, one for each of the row's."""
        return [step for step in operation.steps if step.writes for _ in range(1 + (step.name in self.twice))]

    def kept(self, *kinds: str) -> dict[str, str]:
        """Return the locks of some kinds."""
        return {key: how for key, how in self.locks.items() if key.partition(":")[0] in kinds}

    def stands_stuck(self, command: str) -> dict[str, str]:
        """Return what stands when a command past the point of no return is refused."""
        return self.stuck_at.get(command, self.stuck)

    def kept_forward(self, command: str) -> dict[str, str]:
        """Return what a job keeps that is stuck past its point of no return: what guards the LUN of its snapshot."""
        return self.kept(*self.keeps.get(command, ("volume", "pin")))

    def kept_back(self, stuck_at: str) -> dict[str, str]:
        """Return what a job keeps that is stuck at a command of its undo: what guards the things that are left."""
        if f"back {stuck_at}" in self.keeps:
            return self.kept(*self.keeps[f"back {stuck_at}"])
        if self.operation in _MAKING_GROUPS and stuck_at not in {"unmap_lun", "storage_group"}:
            return self.kept("storage-group")
        if (
            ("group" in self.operation and not self.operation.startswith("clone"))
            or self.operation in {*_SNAPSHOTS, "clean-up", "clean-up-mapping", "attach-volume", *_MAKING_GROUPS}
            or stuck_at in {"cancel_migration", "lun", "storage_group"}
        ):
            return self.locks
        if stuck_at == "destroy_lun" and self.commands[0] == "create_lun" and "migrate" in self.commands:
            return {}  # the target alone is left: it stands under its number
        if stuck_at == "destroy_snapshot":
            return self.kept("volume", "pin")
        return self.kept("name", "volume", "pin")

    @property
    def held(self) -> dict[str, int]:
        """How many slots are taken when it has succeeded."""
        after = {key: HELD.get(key, 0) + self.slots.get(key, 0) for key in {*HELD, *self.slots}}
        return {key: count for key, count in after.items() if count}
