"""How reader, writer and gate are called, and what they leave behind: each is a program, started by its words alone."""

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vnx_jobs.ports.mover import Progress, Source, Target

_PYTHON: Final = (sys.executable, "-I", "-m")
GATE: Final = (*_PYTHON, "vnx_jobs.copier.gate")
READER: Final = (*_PYTHON, "vnx_jobs.copier.reader")
WRITER: Final = (*_PYTHON, "vnx_jobs.copier.writer")
_TAIL: Final = 200
"""Bytes that hold the last whole line of progress."""


@dataclass(frozen=True, slots=True)
class Traces:
    """The files of one copy, in a folder of its own."""

    folder: Path

    @property
    def progress(self) -> Path:
        """Where the bytes are told."""
        return self.folder / "progress"

    @property
    def read(self) -> Path:
        """What came of the reader."""
        return self.folder / "read.json"

    @property
    def written(self) -> Path:
        """What came of the writer."""
        return self.folder / "written.json"

    @property
    def said(self) -> Path:
        """What the tool wrote on stdout."""
        return self.folder / "stdout"

    @property
    def complaints(self) -> Path:
        """What all of them wrote on stderr."""
        return self.folder / "stderr"

    def far(self) -> Progress:
        """Return how far the copy is, by the last line of progress."""
        try:
            with self.progress.open("rb") as file:
                file.seek(max(0, file.seek(0, 2) - _TAIL))
                lines = file.read().split(b"\n")
        except OSError:
            return Progress(0, began=False, whole=False)
        if len(lines) == 1:
            return Progress(0, began=True, whole=False)  # it is just being written
        told = json.loads(lines[-2])
        return Progress(told["bytes"], began=True, whole=told["whole"])

    def outcome(self, path: Path) -> dict[str, Any]:
        """Return what a reader or writer left; nothing if it was ended before it could."""
        try:
            told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told


def reading(source: Source, traces: Traces, *, reader: tuple[str, ...] = READER, told: bool = True) -> tuple[str, ...]:
    """Return the words that read a source to stdout; `told`: it is the one that tells the progress."""
    progress = ("--progress", str(traces.progress)) if told else ()
    return (
        *reader,
        *("--device", str(source.path), "--size", str(source.size), "--result", str(traces.read)),
        *progress,
        *_options(source),
    )


def writing(
    target: Target | None, size: int, traces: Traces, *, rate: int | None = None, told: bool = True
) -> tuple[str, ...]:
    """Return the words that write what a program gives, which is to be put behind them; no target: nowhere.

    `told`: it is the one that tells the progress.
    """
    if target is None:
        where: tuple[str, ...] = ("--nowhere",)
    else:
        where = ("--file" if target.make else "--device", str(target.path), *(("--new",) if target.new else ()))
    return (
        *(*WRITER, *where, "--size", str(size), "--result", str(traces.written)),
        *(("--progress", str(traces.progress)) if told else ()),
        *(_options(target) if target is not None else _rate(rate)),
    )


def _options(end: Source | Target) -> tuple[str, ...]:
    wwn = ("--wwn", end.wwn) if end.wwn else ()
    identity = ("--wwn-command", shlex.join(end.identity)) if end.identity else ()
    return (*wwn, *identity, *_rate(end.rate))


def _rate(rate: int | None) -> tuple[str, ...]:
    return () if rate is None else ("--rate", str(rate))
