"""A copy under way: a group of processes, led by a gate that becomes the tool."""

import errno
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, NoReturn, TypeVar

from vnx_jobs.ports.mover import MoverError, MoverFault, Process, Progress

from . import processes
from .programs import GATE, Traces

Result = TypeVar("Result")
_MOST: Final = 1 << 18
"""Bytes of complaints that are read."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a group of processes left when its leader ended."""

    status: int
    """Of the leader: as programs give it, or minus the number of the signal that ended it."""
    traces: Traces

    @property
    def complaints(self) -> str:
        """What the processes wrote on stderr: the end of it, if it is long."""
        with self.traces.complaints.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _MOST))
            return file.read().decode(errors="replace")

    @property
    def by_signal(self) -> bool:
        """Whether a signal ended the leader, which is nobody's verdict on the bytes."""
        return self.status < 0


class Group(Generic[Result]):
    """Implements Copying. What its processes write lies in the folder of traces until it is judged."""

    def __init__(
        self,
        command: Sequence[str],
        traces: Traces,
        judge: Callable[[Ended], Result],
        *,
        environment: Mapping[str, str],
        descriptors: tuple[int, ...] = (),
    ) -> None:
        """Start the gate. The descriptors are the group's too from here on; the caller closes its own."""
        self._traces, self._judge = traces, judge
        waiting, self._gate = os.pipe()
        try:
            with traces.said.open("wb") as said, traces.complaints.open("wb") as complaints:
                self._leader = subprocess.Popen(
                    [*GATE, str(waiting), str(os.getpid()), *command],
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=complaints,
                    env=dict(environment),
                    pass_fds=(waiting, *descriptors),
                    start_new_session=True,
                    umask=0o077,
                )
        except BaseException:
            os.close(self._gate)
            raise
        finally:
            os.close(waiting)
        self._process = Process(self._leader.pid, processes.born(self._leader.pid))
        self._lock = threading.Lock()
        self._why: tuple[str, MoverFault] | None = None
        self._outcome: Callable[[], Result] | None = None

    @property
    def process(self) -> Process:
        """Who leads the group."""
        return self._process

    def go(self) -> None:
        """Open the gate."""
        with self._lock:
            if self._gate >= 0:
                self._close_gate(b"!")

    def over(self) -> bool:
        """Look whether the leader has ended and nobody else of its group lives."""
        return self._leader.poll() is not None and not processes.members(self._process.pid)

    def progress(self) -> Progress:
        """Read what was told last."""
        return self._traces.far()

    def terminate(self, why: str, fault: MoverFault = "ended", *, patience: float = 5.0) -> None:
        """End the group; a leader that nobody has waited for yet is waited for."""
        with self._lock:
            if self._why is None and self._leader.poll() is None:
                self._why = (why, fault)
            if self._gate >= 0:
                self._close_gate(b"")
        processes.end(self._process, patience)
        self._leader.poll()

    def result(self) -> Result:
        """Wait for the leader, end whoever is left of its group, judge, and remove the traces."""
        status = self._leader.wait()
        with self._lock:
            if self._gate >= 0:
                self._close_gate(b"")
            if self._outcome is None:
                processes.end(self._process)
                self._outcome = self._judged(Ended(status, self._traces))
                shutil.rmtree(self._traces.folder, ignore_errors=True)
        return self._outcome()

    def _judged(self, ended: Ended) -> Callable[[], Result]:
        if self._why is not None and ended.status != 0:
            return _raising(MoverError(*self._why))
        try:
            result = self._judge(ended)
        except MoverError as error:
            return _raising(error)
        return lambda: result

    def _close_gate(self, word: bytes) -> None:
        gate, self._gate = self._gate, -1
        with open(gate, "wb", buffering=0) as opened:  # noqa: PTH123 -- a descriptor, not a path
            try:
                opened.write(word)
            except BrokenPipeError:
                return  # the leader is dead: its result says so


def _raising(error: MoverError) -> Callable[[], NoReturn]:
    def outcome() -> NoReturn:
        raise error

    return outcome


def traces(folder: Path) -> Traces:
    """Make a folder for one copy's traces; those of copies whose starter is dead are removed. Raises MoverError."""
    try:
        return _traces(folder)
    except OSError as error:
        fault: MoverFault = "space" if error.errno == errno.ENOSPC else "repository"
        raise MoverError(f"{folder} cannot be used: {error.strerror}", fault) from error


def _traces(folder: Path) -> Traces:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in folder.iterdir():
        starter, since, _ = one.name.split("-", 2)
        if processes.born(int(starter)) != int(since):
            shutil.rmtree(one, ignore_errors=True)
    me = os.getpid()
    return Traces(Path(tempfile.mkdtemp(prefix=f"{me}-{processes.born(me)}-", dir=folder)))
