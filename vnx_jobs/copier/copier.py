"""The copier: takes what jobs ask of its backup host, one transfer at a time, and sees each through.

It knows neither Celery nor the state server's keys; whoever runs it passes the present in.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

import structlog

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.hosts import Connection
from vnx_jobs.model.transfer import Asked, Copier, Direction, Ending, Failed, Moved, Taken, Transfer
from vnx_jobs.ports import Bell, Clock, Ring
from vnx_jobs.ports.hosts import Device, HostAttach, HostError
from vnx_jobs.ports.mover import Devices, MoverError, Process, Repositories
from vnx_jobs.ports.transfers import Transfers

from .crossing import Crossing
from .failures import ContentError, failure
from .filing import Filing
from .moving import Moving
from .pulse import LEASE, Pulse
from .watching import Interrupted, Watcher

_LOOK_AT: Final = 50
"""So many waiting transfers are tried before a copier says that nothing can be taken now."""


class _Again(Enum):
    """Why somebody is to begin a transfer anew."""

    STOPS = "given back"
    """This process is to stop."""
    KILLED = "its processes were killed"


@dataclass(frozen=True, slots=True)
class HostCopier:
    """What one process of a backup host copies with."""

    host: str
    """The backup host's name in the settings."""
    machine: str
    """The machine's own name."""
    transfers: Transfers
    attach: HostAttach
    repositories: Callable[[str], Repositories]
    """Gives a repository of the settings by name. Raises Refused if there is none."""
    devices: Devices
    """Reads and writes devices without a repository."""
    bell: Bell
    clock: Clock
    copies: int
    """Transfers that may run on this host at one time."""
    copies_of: Callable[[str], int]
    """Transfers that may run of an array at one time, on all hosts."""
    rate: int | None = None
    """Bytes a second of each copy, at most."""
    restores: Path | None = None
    """Where files are made of backups."""
    stall: float = 300.0
    """Seconds without a byte after which a copy is ended."""
    stops: Callable[[], bool] = lambda: False
    """Whether this process is to stop."""

    def serve(self, first: str = "") -> int:
        """See a transfer through, then whatever else waits, until nothing can be taken; return how many there were.

        So what could not be taken, for so many ran, is taken by whoever ends first. Raises StateServerError.
        """
        count = int(bool(first) and self.copy(first))
        while not self.stops() and any(map(self.copy, self.transfers.waiting(self.host, _LOOK_AT))):
            count += 1
        return count

    def copy(self, name: str) -> bool:
        """Take one transfer and see it through; False if it is not to be taken, or not now. Raises StateServerError."""
        if self.stops():
            return False
        job, _, place = name.partition("/")
        standing = self.transfers.standing(job, int(place))
        if standing is None or not isinstance(standing.phase, Asked) or standing.transfer.host != self.host:
            return False
        token, of_array = secrets.token_hex(16), self.copies_of(standing.transfer.array)
        taken = self.transfers.take(name, token, on_host=self.copies, on_array=of_array, lease=LEASE)
        if taken is None:
            return False
        with structlog.contextvars.bound_contextvars(transfer=name, archive=taken.transfer.label.archive):
            self._see_through(taken, token, again=standing.deaths > 0)
        return True

    def _see_through(self, taken: Taken, token: str, *, again: bool) -> None:
        began, transfer = self.clock.monotonic(), taken.transfer
        structlog.get_logger().info("copy_begins", direction=transfer.direction)
        with Pulse(self.transfers, transfer, token, self.clock) as pulse:
            ending = self._ending(taken, token, pulse, again=again)
            self.bell.ring(self._say(transfer, token, ending))
        structlog.get_logger().info(
            "copy_ends",
            outcome=ending.value if isinstance(ending, _Again) else type(ending).__name__,
            why=ending.why if isinstance(ending, Failed) else "",
            seconds=round(self.clock.monotonic() - began, 3),
        )

    def _say(self, transfer: Transfer, token: str, ending: Ending | _Again) -> tuple[Ring, ...]:
        if isinstance(ending, _Again):
            return self.transfers.give_back(transfer.id, token, died=ending is _Again.KILLED)
        return self.transfers.end(transfer.id, token, ending) or ()

    def _ending(self, taken: Taken, token: str, pulse: Pulse, *, again: bool) -> Ending | _Again:
        """Do what was asked for, or say why somebody is to begin it anew."""
        try:
            if taken.transfer.direction is Direction.ACROSS:
                return self._across(taken, token, pulse)
            moving = self._moving(taken.transfer, token, pulse)
            if taken.before is not None:
                moving.end(taken.before, self.machine)
            return self._moved(moving, pulse, again=again or taken.before is not None)
        except Interrupted:
            return Failed("it was told to stop", Code.CANCELLED) if pulse.stopped else _Again.STOPS
        except MoverError as error:
            return _Again.KILLED if error.fault == "ended" else failure(error)
        except (HostError, ContentError, Refused) as error:
            return failure(error)
        except (OSError, ValueError) as error:
            structlog.get_logger().exception("copy_broke")
            return Failed(f"{type(error).__name__}: {error}", Code.COPY_FAILED)

    def _across(self, taken: Taken, token: str, pulse: Pulse) -> Moved:
        """Copy one device onto the other; begun anew after a death, it is written from its first byte again."""
        transfer = taken.transfer
        crossing = Crossing(transfer, self.devices, self._watcher(transfer, token, pulse), self.rate)
        if taken.before is not None:
            crossing.end(taken.before, self.machine)
        return self._with_device(
            transfer.connection,
            pulse,
            lambda source: self._with_device(transfer.onto, pulse, lambda target: crossing.copy(source, target)),
        )

    def _moving(self, transfer: Transfer, token: str, pulse: Pulse) -> Moving:
        mover = self.repositories(transfer.repository).of(transfer.array, transfer.label.uid)
        return Moving(transfer, mover, self._watcher(transfer, token, pulse), self.devices.read, self.rate)

    def _watcher(self, transfer: Transfer, token: str, pulse: Pulse) -> Watcher:
        def identify(process: Process) -> bool:
            copier = Copier(self.machine, process.pid, process.born)
            mine = self.transfers.identify(transfer.id, token, copier)
            if not mine:
                pulse.lose()
            return mine

        return Watcher(pulse, self.clock, self.stall, self.stops, identify)

    def _moved(self, moving: Moving, pulse: Pulse, *, again: bool) -> Moved:
        match moving.transfer.direction:
            case Direction.OUT:
                return self._out(moving, pulse, again=again)
            case Direction.IN:
                return self._with_device(moving.transfer.connection, pulse, moving.into)
            case Direction.SEAL:
                return moving.seal()
            case Direction.VERIFY:
                return moving.verify()
            case Direction.FILE:
                return moving.into_file(Filing.of(moving.transfer, self.restores), again=again)
            case Direction.DISCARD if moving.transfer.file:
                return moving.discard_file(Filing.of(moving.transfer, self.restores))
            case Direction.DISCARD:
                return moving.discard()
            case Direction.ACROSS:
                raise HostError("devices are copied onto one another without a repository")

    def _out(self, moving: Moving, pulse: Pulse, *, again: bool) -> Moved:
        """Copy out; what was stored although it is not to count, or is not wanted any more, is removed."""
        try:
            connection = moving.transfer.connection
            return self._with_device(connection, pulse, lambda device: moving.out(device, again=again))
        except (Interrupted, HostError) as error:
            if pulse.told or (isinstance(error, HostError) and not pulse.lost):
                with suppress(MoverError):
                    moving.take_back()
            raise

    def _with_device(self, connection: Connection | None, pulse: Pulse, use: Callable[[Device], Moved]) -> Moved:
        """Attach the device, use it and let go of it, whatever comes; to fail to let go is a failure too."""
        if connection is None:
            raise HostError("no device was named")
        try:
            moved = use(self.attach.attach(connection))
        except BaseException as error:
            if not pulse.replaced:  # else the device is the other copier's by now
                try:
                    self.attach.detach(connection)
                except HostError as second:
                    error.add_note(f"and {connection.volume} could not be let go of: {second}")
            raise
        try:
            self.attach.detach(connection)
        except HostError as error:
            raise HostError(f"{connection.volume} was copied, and could not be let go of: {error}") from error
        return moved
