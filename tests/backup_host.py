"""A backup host played by a test: a copier that keeps archives in memory, over the in-memory array's devices."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from vnx_jobs.adapters.memory.vnx import MemoryVnx
from vnx_jobs.model.digest import ALGORITHM
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.hosts import Connection
from vnx_jobs.model.transfer import Direction, Ending, Failed, Moved, Transfer
from vnx_jobs.ports import Ring
from vnx_jobs.ports.transfers import Transfers

HOST: Final = "vault"
"""The backup host, and how arrays know it."""
REPOSITORY: Final = "nightly"


def digest_of(content: str) -> str:
    """Return the digest of what a volume of the in-memory array holds."""
    return f"{ALGORITHM}:{sha256(content.encode()).hexdigest()}"


@dataclass
class BackupHost:
    """Does whatever is asked of it when it is told to, or what a test has planned instead."""

    transfers: Transfers
    vnx: MemoryVnx
    ring: Callable[[Iterable[Ring]], None]
    archives: dict[str, str] = field(default_factory=dict)
    """Archive -> what it holds."""
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    """File -> the job that it was made by, and what it holds."""
    planned: list[Callable[[Transfer], Ending | None]] = field(default_factory=list)
    """What happens to the next transfers instead; None is said by a copier that dies."""
    done: list[Direction] = field(default_factory=list)
    asleep: bool = False
    repeats: int = 0
    """How often each end is said once more; the first ones also while the next ones are said."""
    _said: list[tuple[str, str, Ending]] = field(default_factory=list)

    def work(self) -> None:
        """Do all that is asked for, as far as the state server answers; else begin again when it does."""
        if not self.asleep:
            with suppress(StateServerError):
                self._work()

    def _work(self) -> None:
        for at, name in enumerate(self.transfers.waiting(HOST, 100)):
            token = f"{len(self.done)}/{at}"
            taken = self.transfers.take(name, token, on_host=100, on_array=100, lease=15)
            if taken is None:
                continue
            do = self.planned.pop(0) if self.planned else self.do
            self.done.append(taken.transfer.direction)
            ending = do(taken.transfer)
            if ending is not None:
                self.ring(self.transfers.end(name, token, ending) or ())
                self._said.append((name, token, ending))
            for said in self._said * self.repeats:
                self.ring(self.transfers.end(*said) or ())

    def do(self, transfer: Transfer) -> Ending:
        """Copy, write, check or remove, as a copier does."""
        archive = transfer.label.archive
        match transfer.direction:
            case Direction.OUT:
                content = self.archives[archive] = self.vnx.read(self._device(transfer.connection)) or ""
                return Moved(transfer.label.size, len(content), 1.5, digest_of(content))
            case Direction.IN:
                self.vnx.write(self._device(transfer.connection), self.archives[archive])
                return Moved(transfer.label.size, digest=digest_of(self.archives[archive]))
            case Direction.ACROSS:
                content = self.vnx.read(self._device(transfer.connection)) or ""
                self.vnx.write(self._device(transfer.onto), content)
                return Moved(transfer.label.size, digest=digest_of(content))
            case Direction.SEAL | Direction.VERIFY:
                return Moved() if archive in self.archives else Failed("there is no such archive", "copy-failed")
            case Direction.FILE:
                if self.files.get(transfer.file, (transfer.job, ""))[0] != transfer.job:
                    return Failed(f"{transfer.file} is there already", "name-in-use")
                self.files[transfer.file] = transfer.job, self.archives[archive]
                return Moved(transfer.label.size, digest=digest_of(self.archives[archive]))
            case Direction.DISCARD:
                if self.files.get(transfer.file, ("", ""))[0] == transfer.job:
                    del self.files[transfer.file]
                for one in transfer.archives:
                    self.archives.pop(one, None)
                return Moved()

    def _device(self, connection: Connection | None) -> int:
        """Return the number of the LUN that the host sees as the connection says; its UID must be the one told."""
        assert connection is not None
        shown = dict(self.vnx.world.storage_groups[HOST].luns)
        number = shown[connection.hlu]
        assert self.vnx.world.volumes[number].uid == connection.uid
        return number
