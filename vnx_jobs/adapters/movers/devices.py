"""Reading a device once more, for its digest alone: what a restore wrote is compared by it."""

import os
from pathlib import Path

from vnx_jobs.ports.mover import Copying, MoverError, Passed, Source

from .group import Ended, Group, traces
from .judging import SOURCE, passed, trouble
from .programs import reading, writing


def read_device(source: Source, state: Path) -> Copying[Passed]:
    """Run the writer, to nowhere, with a reader of the device; `state` is for the traces. Raises MoverError."""
    left = traces(state / "copies")
    words = (*writing(None, source.size, left), "--", *reading(source, left, told=False))
    return Group(words, left, _judge, environment={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"})


def _judge(ended: Ended) -> Passed:
    if come := passed(ended):
        return come
    told = trouble(ended, ended.traces.read, SOURCE)
    raise told or MoverError(f"reading the device was ended: status {ended.status}", "ended")
