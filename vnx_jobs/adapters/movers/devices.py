"""Devices without a repository: read once more for their digest, or copied onto one another."""

import os
from pathlib import Path

from vnx_jobs.ports.mover import Copying, MoverError, Passed, Process, Source, Target

from . import processes
from .group import Ended, Group, traces
from .judging import SOURCE, TWIN, passed, trouble
from .programs import reading, writing


class HostDevices:
    """Implements Devices."""

    def __init__(self, state: Path) -> None:
        """Leave the traces of copies under `state`."""
        self._state = state

    def read(self, source: Source) -> Copying[Passed]:
        """Run the writer, to nowhere, with a reader of the device."""
        return self._run(source, None)

    def copy(self, source: Source, target: Target) -> Copying[Passed]:
        """Run the writer onto the target, with a reader of the source."""
        return self._run(source, target)

    def end(self, process: Process) -> bool:
        """End the group."""
        return processes.end(process)

    def _run(self, source: Source, target: Target | None) -> Copying[Passed]:
        left = traces(self._state / "copies")
        words = (*writing(target, source.size, left), "--", *reading(source, left, told=False))
        return Group(words, left, _judge, environment={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"})


def _judge(ended: Ended) -> Passed:
    if come := passed(ended):
        return come
    told = trouble(ended, ended.traces.read, SOURCE) or trouble(ended, ended.traces.written, TWIN)
    raise told or MoverError(f"reading the device was ended: status {ended.status}", "ended")
