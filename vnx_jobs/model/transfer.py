"""Transfers: what a job has a backup host do with a volume's bytes, and how far it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from .backup import Label
from .hosts import Connection

MAX_DEATHS: Final = 5
"""So often a transfer is begun anew after its copier died; then it has failed."""


class Direction(StrEnum):
    """What is done."""

    OUT = "out"
    """A device is copied into a new archive of the volume's repository."""
    IN = "in"
    """An archive is written onto a device."""
    SEAL = "seal"
    """What was copied out is checked where it is kept, and made complete."""
    FILE = "file"
    """An archive is written into a file that is made."""
    ACROSS = "across"
    """A device is copied onto another one, which is read back and compared; no repository has a part in it."""
    VERIFY = "verify"
    """An archive is checked."""
    DISCARD = "discard"
    """Archives are removed from the volume's repository, and their space is given back."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A transfer that was done. What does not apply to its direction is 0 or empty."""

    size: int = 0
    """Bytes of the volume."""
    added: int = 0
    """Bytes that the repository grew by."""
    seconds: float = 0.0
    digest: str = ""
    """Of all bytes that went through, as `vnx_jobs.model.digest` makes it."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One thing that a backup host is to do for a job. Complete: nothing else is needed but the settings."""

    job: str
    place: int
    """Which of the job's volumes; a job has one transfer a volume at a time."""
    direction: Direction
    host: str
    """The backup host, by its name in the settings."""
    repository: str
    """By its name in the settings; empty where none is needed."""
    label: Label
    """What is, or was, copied."""
    connection: Connection | None = None
    """The device to read or write; None where none is needed."""
    onto: Connection | None = None
    """The device to write beside the one to read; None where there are not two."""
    archives: tuple[str, ...] = ()
    """What is to be discarded."""
    file: str = ""
    """The file's name in the backup host's folder for files: to be made, or discarded."""
    fresh: bool = False
    """Whether the device to write onto reads as zeros, so that zeros need not be written."""
    compare: bool = False
    """Whether what was written is read once more from the device, and compared with the label's digest."""
    whole: bool = True
    """Whether verifying reads all data, or looks at the repository's structure alone."""
    copied: Moved | None = None
    """How the copy ended of what is to be sealed, or of the file that is to be discarded."""

    @property
    def id(self) -> str:
        """Its name: a job has one a volume."""
        return f"{self.job}/{self.place}"

    @property
    def array(self) -> str:
        """The array that the volume is on."""
        return self.label.array


@dataclass(frozen=True, slots=True)
class Copier:
    """The process that is at a transfer, so that nobody takes another one for it."""

    host: str
    """The machine's own name."""
    pid: int
    """Also the number of its process group."""
    born: int
    """When the process began, in clock ticks of its machine: a number that was given out again is told apart by it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A transfer that was not done: nothing of it counts as good."""

    why: str
    code: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Nobody is at it yet."""


@dataclass(frozen=True, slots=True)
class Running:
    """A copier is at it; after `lease` (the state server's milliseconds) without a word it counts as dead."""

    lease: int
    copier: Copier | None = None
    done: int = 0
    """Bytes."""
    stopping: bool = False
    """It was told to stop."""


Ending: TypeAlias = Moved | Failed
Phase: TypeAlias = Asked | Running | Moved | Failed


@dataclass(frozen=True, slots=True)
class Standing:
    """A transfer as the state server knows it."""

    transfer: Transfer
    phase: Phase
    deaths: int = 0
    """How many of its copiers have died."""
    ended: int = 0
    """When it ended (the state server's milliseconds); 0 while it has not."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A transfer that a copier may begin."""

    transfer: Transfer
    before: Copier | None = None
    """Who was at it before and counts as dead: what is left of it on this machine must be ended first."""
