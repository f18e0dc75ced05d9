"""The rows of the matrix, written by hand: what each operation sends, holds and leaves, and how it is undone."""

from dataclasses import dataclass, field
from typing import Any, Final

START: Final = {
    "gold": "2 GB full: slag",
    "spare": "2 GB full: tin",
    "copy": "2 GB snap copy of gold: ore",
    "snapshot monday of gold": "ore",
    "snapshot hidden of gold": "ore",
    "foreign": "2 GB snap copy of iron: rust",
    "iron": "2 GB full: rust",
    "snapshot theirs of iron": "rust",
}
"""What stands on the array before the job."""

HELD: Final = {
    "copies:gold": 1,
    "mounts:gold": 1,
    "snapshots:gold": 2,
    "copies:iron": 1,
    "mounts:iron": 1,
    "snapshots:iron": 1,
}
"""How many slots are taken before the job."""


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

    def kept(self, *kinds: str) -> dict[str, str]:
        """Return the locks of some kinds."""
        return {key: how for key, how in self.locks.items() if key.partition(":")[0] in kinds}

    @property
    def kept_forward(self) -> dict[str, str]:
        """What a job keeps that is stuck past its point of no return: what guards the LUN of its snapshot."""
        return self.kept("volume", "pin")

    def kept_back(self, stuck_at: str) -> dict[str, str]:
        """Return what a job keeps that is stuck at a command of its undo: what guards the things that are left."""
        if self.operation in {"create-snapshot", "delete-snapshot"} or stuck_at in {"cancel_migration", "lun"}:
            return self.locks
        if stuck_at == "destroy_snapshot":
            return self.kept("volume", "pin")
        return self.kept("name", "volume", "pin")

    @property
    def held(self) -> dict[str, int]:
        """How many slots are taken when it has succeeded."""
        after = {key: HELD.get(key, 0) + self.slots.get(key, 0) for key in {*HELD, *self.slots}}
        return {key: count for key, count in after.items() if count}


_SHARED_GOLD: Final = {"volume:gold": "shared", "pin:gold": "shared"}
_TWIN: Final = {"name:twin": "alone", **_SHARED_GOLD}

MATRIX: Final = (
    Row(
        "create-volume",
        {"operation": "create-volume", "name": "new", "size_gb": 3, "pool": "pool"},
        ("create_lun",),
        START | {"new": "3 GB full: "},
        {"name:new": "alone"},
        {},
        reads=("luns",),
    ),
    Row(
        "create-snapshot",
        {"operation": "create-snapshot", "name": "tuesday", "volume": "gold"},
        ("create_snapshot",),
        START | {"snapshot tuesday of gold": "slag"},
        {"volume:gold": "shared", "snapshot:tuesday": "alone"},
        {"snapshots:gold": 1},
    ),
    Row(
        "delete-snapshot",
        {"operation": "delete-snapshot", "name": "monday"},
        ("destroy_snapshot",),
        without("snapshot monday of gold"),
        {"volume:gold": "shared", "snapshot:monday": "alone"},
        {"snapshots:gold": -1},
    ),
    Row(
        "snap-copy",
        {"operation": "snap-copy", "name": "second", "source": "spare"},
        ("create_snapshot", "create_mount_point", "attach_snapshot"),
        START | {"second": "2 GB snap copy of spare: tin", "snapshot hidden of spare": "tin"},
        {"name:second": "alone", "volume:spare": "shared", "pin:spare": "shared"},
        {"copies:spare": 1, "mounts:spare": 1, "snapshots:spare": 1},
        reads=("luns",),
    ),
    Row(
        "snap-copy-of-snapshot",
        {"operation": "snap-copy", "name": "second", "snapshot": "monday"},
        ("copy_snapshot", "allow_writes", "create_mount_point", "attach_snapshot"),
        START | {"second": "2 GB snap copy of gold: ore", "snapshot hidden of gold (2)": "ore"},
        {"name:second": "alone", "snapshot:monday": "shared", **_SHARED_GOLD},
        {"copies:gold": 1, "mounts:gold": 1, "snapshots:gold": 1},
        reads=("luns",),
    ),
    Row(
        "clone",
        {"operation": "clone", "name": "twin", "source": "gold", "pool": "other"},
        ("create_snapshot", "create_mount_point", "attach_snapshot", "create_lun", "migrate", "destroy_snapshot"),
        START | {"twin": "2 GB full: slag"},
        _TWIN,
        {},
        reads=("luns", "sessions"),
        no_way_back=5,
        stuck=START | {"twin": "2 GB full: slag", "snapshot hidden of gold (2)": "slag"},
    ),
    Row(
        "clone-of-snapshot",
        {"operation": "clone", "name": "twin", "snapshot": "monday"},
        (
            "copy_snapshot",
            "allow_writes",
            "create_mount_point",
            "attach_snapshot",
            "create_lun",
            "migrate",
            "destroy_snapshot",
        ),
        START | {"twin": "2 GB full: ore"},
        {"snapshot:monday": "shared", **_TWIN},
        {},
        reads=("luns", "sessions"),
        no_way_back=6,
        stuck=START | {"twin": "2 GB full: ore", "snapshot hidden of gold (2)": "ore"},
    ),
    Row(
        "delete-volume",
        {"operation": "delete-volume", "name": "spare"},
        ("destroy_lun",),
        without("spare"),
        {"volume:spare": "alone", "name:spare": "alone", "pin:spare": "alone", "copies:spare": "alone"},
        {},
        reads=("luns",),
    ),
    Row(
        "delete-snap-copy",
        {"operation": "delete-volume", "name": "copy"},
        ("destroy_mount_point", "destroy_snapshot"),
        without("copy", "snapshot hidden of gold"),
        {"volume:copy": "alone", "name:copy": "alone", "volume:gold": "shared"},
        {"copies:gold": -1, "mounts:gold": -1, "snapshots:gold": -1},
        reads=("luns",),
        no_way_back=1,
        stuck=without("copy"),
    ),
    Row(
        "delete-mount-point",
        {"operation": "delete-volume", "name": "foreign"},
        ("destroy_mount_point",),
        without("foreign"),
        {"volume:foreign": "alone", "name:foreign": "alone", "volume:iron": "shared"},
        {"copies:iron": -1, "mounts:iron": -1},
        reads=("luns",),
    ),
)

LOOKS: Final = {
    "create_lun": ("lun",),
    "create_snapshot": ("snapshot",),
    "copy_snapshot": ("snapshot",),
    "allow_writes": ("snapshot",),
    "create_mount_point": ("lun",),
    "attach_snapshot": ("lun",),
    "migrate": ("sessions", "luns"),
    "destroy_snapshot": ("snapshot",),
    "destroy_lun": ("lun",),
    "destroy_mount_point": ("lun",),
}
"""What is read to see whether a command without an answer was carried out."""

_NOTHING: Final[tuple[str, ...]] = ()
_SNAPSHOT: Final = ("destroy_snapshot",)
_COPY: Final = ("lun", "destroy_mount_point", "destroy_snapshot")
_TARGET: Final = ("lun", "destroy_lun", *_COPY)
_SESSION: Final = ("cancel_migration", *_TARGET)

UNDONE: Final = {
    ("create-volume", "create_lun"): _NOTHING,
    ("create-snapshot", "create_snapshot"): _NOTHING,
    ("delete-snapshot", "destroy_snapshot"): _NOTHING,
    ("snap-copy", "create_snapshot"): _NOTHING,
    ("snap-copy", "create_mount_point"): _SNAPSHOT,
    ("snap-copy", "attach_snapshot"): _COPY,
    ("snap-copy-of-snapshot", "copy_snapshot"): _NOTHING,
    ("snap-copy-of-snapshot", "allow_writes"): _SNAPSHOT,
    ("snap-copy-of-snapshot", "create_mount_point"): _SNAPSHOT,
    ("snap-copy-of-snapshot", "attach_snapshot"): _COPY,
    ("clone", "create_snapshot"): _NOTHING,
    ("clone", "create_mount_point"): _SNAPSHOT,
    ("clone", "attach_snapshot"): _COPY,
    ("clone", "create_lun"): _COPY,
    ("clone", "migrate"): _TARGET,
    ("clone-of-snapshot", "copy_snapshot"): _NOTHING,
    ("clone-of-snapshot", "allow_writes"): _SNAPSHOT,
    ("clone-of-snapshot", "create_mount_point"): _SNAPSHOT,
    ("clone-of-snapshot", "attach_snapshot"): _COPY,
    ("clone-of-snapshot", "create_lun"): _COPY,
    ("clone-of-snapshot", "migrate"): _TARGET,
    ("delete-volume", "destroy_lun"): _NOTHING,
    ("delete-snap-copy", "destroy_mount_point"): _NOTHING,
    ("delete-mount-point", "destroy_mount_point"): _NOTHING,
}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    ("create-volume", "create_lun"): ("lun", "destroy_lun"),
    ("create-snapshot", "create_snapshot"): ("snapshot", "destroy_snapshot"),
    ("delete-snapshot", "destroy_snapshot"): ("snapshot",),
    ("snap-copy", "create_snapshot"): _SNAPSHOT,
    ("snap-copy", "create_mount_point"): _COPY,
    ("snap-copy", "attach_snapshot"): _COPY,
    ("snap-copy-of-snapshot", "copy_snapshot"): _SNAPSHOT,
    ("snap-copy-of-snapshot", "allow_writes"): _SNAPSHOT,
    ("snap-copy-of-snapshot", "create_mount_point"): _COPY,
    ("snap-copy-of-snapshot", "attach_snapshot"): _COPY,
    ("clone", "create_snapshot"): _SNAPSHOT,
    ("clone", "create_mount_point"): _COPY,
    ("clone", "attach_snapshot"): _COPY,
    ("clone", "create_lun"): _TARGET,
    ("clone", "migrate"): _SESSION,
    ("clone-of-snapshot", "copy_snapshot"): _SNAPSHOT,
    ("clone-of-snapshot", "allow_writes"): _SNAPSHOT,
    ("clone-of-snapshot", "create_mount_point"): _COPY,
    ("clone-of-snapshot", "attach_snapshot"): _COPY,
    ("clone-of-snapshot", "create_lun"): _TARGET,
    ("clone-of-snapshot", "migrate"): _SESSION,
    ("delete-volume", "destroy_lun"): ("lun",),
    ("delete-snap-copy", "destroy_mount_point"): ("lun",),
    ("delete-mount-point", "destroy_mount_point"): ("lun",),
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""

FAULTED: Final = {("clone", "migrate"): _SESSION, ("clone-of-snapshot", "migrate"): _SESSION}
"""What an operation sends when its migration session has faulted."""


def row_of(operation: str) -> Row:
    """Return the row of an operation."""
    return next(row for row in MATRIX if row.operation == operation)
