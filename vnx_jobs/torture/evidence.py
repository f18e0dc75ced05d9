"""What a run is judged by: the array's audit log and state, the records, and what the state server holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vnx_jobs.model.array import Group, Lun, Session, Snapshot, StorageGroup
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.names import job_of
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import ENDED, State

ADMIN: Final = "admin"
"""How the audit log names commands of another administrator."""
BLOCK: Final = 512
"""Bytes."""
_TAKING: Final = {
    "delete-volume": "volume",
    "rename-volume": "volume",
    "delete-snapshot": "snapshot",
    "delete-group-snapshot": "snapshot",
    "delete-group": "group",
}
"""Operations after which nothing of that kind bears the name any more."""
_LANDED: Final = "landed"
_HUNG: Final = "hang"


@dataclass(frozen=True, slots=True)
class Command:
    """One command that reached the array."""

    time: float
    """When its process started: seconds since 1970."""
    seconds: float
    words: tuple[str, ...]
    status: int | None
    """None if its process was ended while it hung."""
    caller: str
    changed: bool
    fault: str = ""
    answer: str = ""

    @property
    def verb(self) -> str:
        """The first two words, or three where the second says of what kind."""
        return " ".join(self.words[: 3 if self.words[1:2] == ("-group",) else 2])

    @property
    def end(self) -> float:
        """When it was over."""
        return self.time + self.seconds

    @property
    def effect_at(self) -> float:
        """When it was carried out: at once, but for one that hung first."""
        return self.end if self.fault == _HUNG else self.time

    @property
    def landed_late(self) -> bool:
        """Whether this is the late effect of a command that was held back."""
        return self.fault == _LANDED

    def option(self, name: str) -> str | None:
        """Return the word behind an option."""
        places = [place for place, word in enumerate(self.words[:-1]) if word == name]
        return self.words[places[0] + 1] if places else None

    @property
    def thing(self) -> str | None:
        """The object that it makes, changes or asks about; None for lists of everything."""
        match self.words[:2]:
            case ("snap", "-group"):
                name = self.option("-name") or self.option("-id")
                return None if name is None else f"group:{name}"
            case ("lun", _):
                return _numbered(self.option("-l"))
            case ("migrate", _):
                return _numbered(self.option("-source"))
            case ("snap", "-create" | "-copy"):
                return _named(self.option("-name"))
            case ("snap", _):
                return _named(self.option("-id"))
            case _:
                return None


def _numbered(number: str | None) -> str | None:
    return None if number is None else f"number:{number}"


def _named(name: str | None) -> str | None:
    return None if name is None else f"snapshot:{name}"


def lun_numbers(record: Record) -> set[int]:
    """Return the LUN numbers that were granted to a job: host LUN numbers are others."""
    return {number for role, number in record.numbers.items() if not role.startswith("hlu")}


@dataclass(frozen=True, slots=True)
class Image:
    """What lies in the repository under an archive's name."""

    size: int
    digest: str
    """Of the bytes that lie there, read back now."""
    sealed: bool = True
    """Whether it is complete, as the repository itself says."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the checks look at. `keys` is the state server without records, queues of messages and lists."""

    array: str
    installation: str
    numbers: range
    asked: Mapping[str, Mapping[str, Any]]
    """Every accepted job and what it was asked for."""
    records: Mapping[str, Record]
    commands: tuple[Command, ...]
    """In the order in which the array took them."""
    luns: tuple[Lun, ...]
    snapshots: tuple[Snapshot, ...]
    sessions: tuple[Session, ...] = ()
    groups: tuple[Group, ...] = ()
    storage_groups: tuple[StorageGroup, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    """Of the bytes of volumes, by name."""
    catalogue: tuple[Backup, ...] = ()
    images: Mapping[str, Image] = field(default_factory=dict)
    """By the archive's name."""
    contents: Mapping[str, str] = field(default_factory=dict)
    """Of volumes that were backed up or restored, by name: the digest of their bytes as backups have it."""
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    now: float = 0.0
    """The state server's clock when its keys were read: milliseconds since 1970."""
    migrations: int = 8
    """Sessions that the settings permit at one time."""
    shortest_copy: float = 0.0
    """Seconds that a session takes at least."""
    longest_command: float = 6.0
    """Seconds after which a command's process is dead."""
    least_settling: float = 0.0
    """Seconds that pass at least between a command without an answer and the next one of its job."""

    def of_state(self, *states: State) -> list[Record]:
        """Return the records in some states."""
        return [record for record in self.records.values() if record.state in states]

    @property
    def stuck(self) -> list[Record]:
        """The jobs that say what they left."""
        return self.of_state(State.STUCK, State.ABANDONED)

    @property
    def unfinished(self) -> list[Record]:
        """The jobs that should be over and are not."""
        return [one for one in self.records.values() if one.state not in ENDED and one.state is not State.STUCK]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all LUNs, snapshots and consistency groups that stand."""
        standing: tuple[Lun | Snapshot | Group, ...] = (*self.luns, *self.snapshots, *self.groups)
        return tuple(one.name for one in standing)

    def lun(self, name: str) -> Lun | None:
        """Return a standing LUN."""
        return next((lun for lun in self.luns if lun.name == name), None)

    def snapshot(self, name: str) -> Snapshot | None:
        """Return a standing snapshot."""
        return next((one for one in self.snapshots if one.name == name), None)

    def maker(self, thing: str) -> str | None:
        """Return the job that an object was made by, as a command names it; None for a stranger's."""
        kind, _, name = thing.partition(":")
        if kind == "number":
            wanted = int(name) if name.isdigit() else -1
            return next((one.id for one in self.records.values() if wanted in lun_numbers(one)), None)
        if job := job_of(name, self.installation):
            return job
        made = {"snapshot": ("create-snapshot", "create-group-snapshot"), "group": ("create-group",)}
        makers = (one for one in self.records.values() if one.operation in made[kind] and one.spec["name"] == name)
        return next((one.id for one in makers), None)

    def asked_of(self, operation: str, *states: State) -> list[Record]:
        """Return the jobs in some states that were asked for by one word."""
        return [one for one in self.of_state(*states) if one.spec.get("operation") == operation]

    def deleted(self, *states: State) -> set[tuple[str, str]]:
        """Return kind and name of all that jobs in some states were to delete, or to give another name."""
        return {(kind, one.name) for word, kind in _TAKING.items() for one in self.asked_of(word, *states)}
