"""The mover's port: a tool that keeps the bytes of volumes as archives in repositories, and gives them back.

Whatever takes long is a `Copying`: a group of processes of its own, made ready first and let go only when whoever asked
for it has written down which process it is. It runs under the thread that started it and is ended when that thread or
its process dies; so keep that thread until the copy is over.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, TypeVar

MoverFault: TypeAlias = Literal[
    "stalled",
    "ended",
    "short-read",
    "device",
    "repository",
    "no-archive",
    "locked",
    "credentials",
    "missing-tool",
    "space",
]
"""What kept a mover from its work:

- `stalled`: no byte moved for too long, and the copy was ended;
- `ended`: the copy was ended by its caller, or by a signal from elsewhere;
- `short-read`: the device gave fewer bytes than it was said to have, or more;
- `device`: it cannot be opened, read or written, or it is another volume than was said;
- `repository`: it is damaged, is not where it should be, or does not hold what it should;
- `no-archive`: there is no complete archive of that name;
- `locked`: somebody else has worked in the repository for too long: try again later;
- `credentials`: the passphrase is wrong or cannot be had;
- `missing-tool`: the tool is not installed;
- `space`: no room, in the repository or where the tool keeps its own files.
"""


class MoverError(Exception):
    """A mover could not do what was asked of it; one line says why. Nothing was stored that counts as good."""

    def __init__(self, text: str, fault: MoverFault) -> None:
        super().__init__(" ".join(text.split()))
        self.fault: MoverFault = fault


@dataclass(frozen=True, slots=True)
class Source:
    """A device, or a file, that is read from its first byte to its last. It is opened for reading alone."""

    path: Path
    size: int
    """Bytes. A device that has fewer or more fails the copy."""
    wwn: str = ""
    """The volume's WWN: what is opened must be that volume. A block device is asked itself; empty asks nobody."""
    identity: tuple[str, ...] = ()
    """A command whose first line is the WWN of what is at `path`, for devices that the kernel has no WWN of."""
    rate: int | None = None
    """Bytes a second that are read at most."""


@dataclass(frozen=True, slots=True)
class Target:
    """A device, or a file that stands for one or is made, that is written from its first byte to its last."""

    path: Path
    size: int
    """Bytes. The archive, and a device, must have exactly as many."""
    make: bool = False
    """It is a file that must not be there yet, and will be there only if it is whole."""
    new: bool = False
    """A device that was made for this, and to which nobody wrote: it reads as zeros, and zeros need not be written."""
    wwn: str = ""
    identity: tuple[str, ...] = ()
    rate: int | None = None
    """Bytes a second that are written at most."""


@dataclass(frozen=True, slots=True)
class Process:
    """Which process leads a copy: its number and, as numbers are used again, when it was born."""

    pid: int
    born: int
    """Clock ticks since the machine started; 0 if the process was gone before it could be asked."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a copy is."""

    bytes: int
    """Bytes that have passed so far."""
    began: bool
    """Whether the device has been opened. Before, the tool may wait for its repository's lock or read its index."""
    whole: bool
    """Whether all bytes have passed. After it the tool writes its index, or flushes the device, and is quiet."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An archive: complete, or what a copy left to be sealed."""

    archive: str
    size: int
    """Bytes of the volume."""
    digest: str
    """Of all bytes in their order: see `model.digest`."""
    added: int
    """Bytes that the repository grew by."""
    seconds: float
    """How long the copy took."""
    comment: str
    """What the caller gave when it was stored."""


@dataclass(frozen=True, slots=True)
class Passed:
    """All bytes of an archive, as they went by."""

    size: int
    digest: str


Result_co = TypeVar("Result_co", covariant=True)


class Copying(Protocol[Result_co]):
    """A copy under way. Until `go` nothing has been opened, read or written."""

    @property
    def process(self) -> Process:
        """Who leads the copy's group of processes; write it down before `go`."""
        ...

    def go(self) -> None:
        """Let it begin. Idempotent. A copy that is never let go ends without having begun when its starter does."""
        ...

    def over(self) -> bool:
        """Say whether its processes have ended, well or not. Costs no more than a look."""
        ...

    def progress(self) -> Progress:
        """Return how far it is; twice a second there may be something new. Costs the reading of one line."""
        ...

    def terminate(self, why: str, fault: MoverFault = "ended", *, patience: float = 5.0) -> None:
        """End the whole group: asked first, and after `patience` seconds killed. Idempotent.

        `result` then raises MoverError with `why` and `fault`. A process that hangs in the kernel, as on a dead device,
        cannot be ended by anybody; it is waited for another `patience` seconds, and left.
        """
        ...

    def result(self) -> Result_co:
        """Wait until it is over, judge it, and return what came of it. Raises MoverError. Idempotent.

        A copy to the repository is judged by what the repository then holds, never by the tool's word alone; what is
        not good is removed again, as far as the repository can still be reached.
        """
        ...


class Mover(Protocol):
    """One volume's repository. A repository has one user at a time; a second one waits, and then fails `locked`.

    An archive is complete when it has all bytes of its volume and the digest of them: when it was sealed. Only complete
    archives are ever shown, returned or read; what an interrupted copy left bears no seal, and `remove` takes it away.
    All calls raise MoverError.
    """

    @property
    def tool(self) -> str:
        """The tool's name and version. Raises MoverError(missing-tool)."""
        ...

    def prepare(self) -> None:
        """Make the repository if there is none. Idempotent. Tells a wrong passphrase before anything is read."""
        ...

    def copy_out(self, archive: str, source: Source, comment: str) -> Copying[Stored]:
        """Store a device as an archive, in one pass. The comment is kept with the archive; at most 4,000 characters.

        What comes of it is no complete archive yet: `seal` it.

        An archive of that name, complete or not, is not touched, and fails the copy (repository): ask `stored` first,
        and `remove` what is not complete.
        """
        ...

    def seal(self, stored: Stored) -> None:
        """Complete an archive that `copy_out` stored, after measuring it and looking up all its parts. Idempotent.

        Raises MoverError(no-archive) if there is nothing of its name, (short-read, repository) if it is not all there.
        """
        ...

    def copy_in(self, archive: str, target: Target) -> Copying[Passed]:
        """Write an archive to a device; over when all bytes are on it, flushed, and their digest is the archive's.

        If it fails, the device may hold a part of the archive; a file is removed.
        """
        ...

    def verify(self, archive: str) -> None:
        """See quickly that an archive is complete: its size, its digest's presence, and all its parts in the index.

        Reads metadata, not the volume's bytes. Raises MoverError(no-archive, repository).
        """
        ...

    def read_all(self, archive: str, *, rate: int | None = None) -> Copying[Passed]:
        """Read every byte of an archive back, and compare their digest with the archive's own. Writes nothing."""
        ...

    def stored(self, archive: str) -> Stored | None:
        """Return a complete archive as the repository alone knows it, or None."""
        ...

    def archives(self) -> tuple[Stored, ...]:
        """Return all complete archives, oldest first: what the catalogue is rebuilt from. None if no repository."""
        ...

    def remove(self, archives: Collection[str]) -> None:
        """Remove archives, and what interrupted copies of their names left. Idempotent."""
        ...

    def compact(self) -> None:
        """Give the space of what was removed back to the file system. Idempotent; may move much data."""
        ...

    def end(self, process: Process) -> bool:
        """End what an earlier process of this host began and did not end; say whether nothing of it is left.

        A process of the same number that was born at another time is a stranger's, and is not touched.
        """
        ...

    def break_lock(self) -> None:
        """Unlock the repository. Only when whoever holds the lock is proved dead: `end` said so, on its own host."""
        ...


class Devices(Protocol):
    """Devices of this host, read and written without any repository. All calls raise MoverError."""

    def read(self, source: Source) -> Copying[Passed]:
        """Read a device for its digest alone: what was written is compared by it."""
        ...

    def copy(self, source: Source, target: Target) -> Copying[Passed]:
        """Write a device with what another one holds, in one pass; over when all bytes are on it, flushed.

        If it fails, the target may hold a part of them.
        """
        ...

    def end(self, process: Process) -> bool:
        """End what an earlier process of this host began and did not end; say whether nothing of it is left."""
        ...


class Repositories(Protocol):
    """A place that the settings name: one repository for each volume."""

    def of(self, array: str, uid: str) -> Mover:
        """Return the mover of a volume's repository, which need not be there yet. Costs nothing."""
        ...

    def volumes(self) -> tuple[tuple[str, str], ...]:
        """Return array and UID of every volume that has a repository here. Raises MoverError(repository)."""
        ...
