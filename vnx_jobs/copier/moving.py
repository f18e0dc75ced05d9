"""Moving the bytes of one transfer, and comparing what must be the same before it counts as done."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from vnx_jobs.model.backup import Label
from vnx_jobs.model.transfer import Copier, Moved, Transfer
from vnx_jobs.ports.hosts import Device
from vnx_jobs.ports.mover import Copying, Mover, MoverError, Passed, Process, Source, Stored, Target

from .failures import ContentError
from .filing import Filing
from .watching import Watcher


def end_left(before: Copier, machine: str, end: Callable[[Process], bool]) -> bool:
    """End what a copier left that is dead; False if it was on another machine. Raises MoverError if it cannot be."""
    if before.host != machine:
        structlog.get_logger().warning("copier_elsewhere", machine=before.host, pid=before.pid)
        return False
    if not end(Process(before.pid, before.born)):
        text = f"process group {before.pid}, left by a copier that is dead, cannot be ended: is its device gone?"
        raise MoverError(text, "device")
    return True


@dataclass(frozen=True, slots=True)
class Moving:
    """One transfer, and what moves it. All methods raise MoverError, ContentError and Interrupted."""

    transfer: Transfer
    mover: Mover
    watcher: Watcher
    read_back: Callable[[Source], Copying[Passed]]
    """Reads a device once more."""
    rate: int | None

    @property
    def label(self) -> Label:
        """What is, or was, copied."""
        return self.transfer.label

    def end(self, before: Copier, machine: str) -> None:
        """End what a copier left that is dead, as far as it was on this machine."""
        if end_left(before, machine, self.mover.end):
            self.mover.break_lock()

    def out(self, device: Device, *, again: bool) -> Moved:
        """Copy the device into the repository, to be sealed; an archive that is complete already counts as its own."""
        self.mover.prepare()
        if again:
            if (done := self._stored()) is not None:
                return done
            self.take_back()  # what a copier left that died before its archive was complete
        self.watcher.check()
        try:
            copying = self.mover.copy_out(self.label.archive, self._source(device), self._comment)
            return self._moved(self.watcher.see_through(copying, self.label.size))
        except MoverError as error:
            if error.fault != "repository" or (done := self._stored()) is None:
                raise
            return done

    def seal(self) -> Moved:
        """Make what was copied out complete, after seeing that all of it is kept."""
        label, copied = self.label, self.transfer.copied
        if copied is None:
            raise ContentError("nothing is said of what is to be sealed")
        comment = self._comment
        self.mover.seal(Stored(label.archive, label.size, copied.digest, copied.added, copied.seconds, comment))
        return Moved(label.size)

    @property
    def _comment(self) -> str:
        """What the archive is to say of itself; its digest stands beside it."""
        return self.label.with_digest("").to_json()

    def _stored(self) -> Moved | None:
        stored = self.mover.stored(self.label.archive)
        return None if stored is None else self._moved(stored)

    def _moved(self, stored: Stored) -> Moved:
        if stored.size != self.label.size:
            text = f"{stored.archive} holds {stored.size} bytes, and the device has {self.label.size}"
            raise MoverError(text, "repository")
        return Moved(stored.size, stored.added, stored.seconds, stored.digest)

    def into(self, device: Device) -> Moved:
        """Write the archive onto the device; if it is to be compared, read the device once more."""
        transfer, parts = self.transfer, 2 if self.transfer.compare else 1
        target = Target(
            device.path,
            self.label.size,
            new=transfer.fresh,
            wwn=self._wwn,
            identity=device.identity,
            rate=self.rate,
        )
        copying = self.mover.copy_in(self.label.archive, target)
        passed = self._right(self.watcher.see_through(copying, self.label.size, parts=parts), "what was written")
        if transfer.compare:
            copying = self.read_back(self._source(device))
            passed = self._right(self.watcher.see_through(copying, self.label.size, 1, parts), "what the device holds")
        return Moved(passed.size, digest=passed.digest)

    def into_file(self, filing: Filing, *, again: bool) -> Moved:
        """Write the archive into a file that is made; one that a copier of before finished counts as its own."""
        size = self.label.size
        if again and filing.is_published:
            filing.publish()
        if again and filing.final.is_file() and filing.final.stat().st_size == size:
            found = self.watcher.see_through(self.read_back(Source(filing.final, size, rate=self.rate)), size)
            if found.digest == self.label.digest:
                return Moved(size, digest=found.digest)
        filing.remove(whole=False)
        filing.check_free()
        copying = self.mover.copy_in(self.label.archive, Target(filing.own, size, make=True, rate=self.rate))
        passed = self._right(self.watcher.see_through(copying, size), "what was written")
        filing.publish()
        return Moved(size, digest=passed.digest)

    def discard_file(self, filing: Filing) -> Moved:
        """Remove the file that this job made, or began to make."""
        filing.remove(whole=self.transfer.copied is not None)
        return Moved()

    def verify(self) -> Moved:
        """Look at the archive's structure, or read all of it."""
        if not self.transfer.whole:
            self.mover.verify(self.label.archive)
            return Moved(self.label.size)
        copying = self.mover.read_all(self.label.archive, rate=self.rate)
        passed = self._right(self.watcher.see_through(copying, self.label.size), "what is kept")
        return Moved(passed.size, digest=passed.digest)

    def discard(self) -> Moved:
        """Remove archives, and give their space back."""
        self.mover.remove(self.transfer.archives)
        self.watcher.check()
        self.mover.compact()
        return Moved()

    def take_back(self) -> None:
        """Remove what this transfer stored, or began to store."""
        self.mover.remove((self.label.archive,))

    @property
    def _wwn(self) -> str:
        return "" if self.transfer.connection is None else self.transfer.connection.wwn

    def _source(self, device: Device) -> Source:
        return Source(device.path, self.label.size, self._wwn, device.identity, self.rate)

    def _right(self, passed: Passed, what: str) -> Passed:
        if passed.size != self.label.size:
            raise ContentError(f"{what} has {passed.size} bytes, and the backup {self.label.size}")
        if self.label.digest and passed.digest != self.label.digest:
            raise ContentError(f"{what} is not what was backed up: {passed.digest}, and the backup {self.label.digest}")
        return passed
