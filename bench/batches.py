"""A batch from its file to the answer: seconds, and how much memory the command takes for it."""

from __future__ import annotations

import csv
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.figures import Figure
from bench.stage import ARRAY, ROOT, Stage

TITLE: Final = "Batches"
ABOUT: Final = (
    "`vnx-jobs batch FILE --json` as a process, from its start to its end: each row is a snap copy of one of 40 "
    "volumes, written out in the file. CPU is the process's own. Memory is the most that it ever had, less that of the "
    "same command with one row. The last figures are of a batch that is accepted whole or not at all, and of looking "
    "at it. Medians."
)
_SOURCES: Final = 40
_FORMS: Final[Mapping[str, tuple[str, float]]] = {
    "YAML": ("yaml", 8.0),
    "JSON lines": ("jsonl", 6.0),
    "CSV": ("csv", 6.0),
}
"""How files of each form end, and the seconds that they may take."""
_MB: Final = 60.0
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """What a command took."""

    seconds: float
    cpu: float
    peak: float
    """The most memory that it ever had, in MB."""


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Submit a manifest of each form, several times, and look at the last batch."""
    count, repeats = (40, 1) if quick else (10_000, 3)
    rows = [_row(number) for number in range(count)]
    figures: list[Figure] = []
    files: list[Path] = []
    starts: list[Run] = []
    with Stage(folder) as stage:
        for form, (ending, bar) in list(_FORMS.items())[: 1 if quick else None]:
            one = _written(folder / f"one.{ending}", rows[:1])
            files.append(_written(folder / f"many.{ending}", rows))
            starts.append(_repeated(stage, repeats, [*_BATCH, str(one)]))
            took = _repeated(stage, repeats, [*_BATCH, str(files[-1])])
            figures += [
                Figure(f"{count} rows of {form}", took.seconds, "s", at_most=bar),
                Figure(f"CPU for {count} rows of {form}", took.cpu, "s"),
                Figure(
                    f"memory for {count} rows of {form}, above the start",
                    took.peak - starts[-1].peak,
                    "MB",
                    at_most=_MB,
                ),
            ]
        whole = _repeated(stage, repeats, [*_BATCH, "--atomic", str(files[-1])])
        batch = stage.house.pages.batches()[0]
        shown, reported = (_run(stage, ["batches", *words]) for words in (["show", batch], ["report", batch, "--csv"]))
    return [
        *figures,
        Figure(f"{count} rows, whole or not at all", whole.seconds, "s"),
        Figure(f"`batches show` of {count} rows", shown.seconds, "s"),
        Figure(f"`batches report` of {count} rows", reported.seconds, "s"),
        Figure(f"memory for `batches report` of {count} rows, above the start", reported.peak - starts[-1].peak, "MB"),
    ]


_BATCH: Final = ("batch", "--json")


def _row(number: int) -> Row:
    source = f"source-{number % _SOURCES}"
    return {"operation": "snap-copy", "array": ARRAY, "name": f"copy-{number:05}", "source": source}


def _written(file: Path, rows: Sequence[Row]) -> Path:
    """Write a manifest in the form that its file's ending says."""
    with file.open("w", newline="") as text:
        match file.suffix:
            case ".csv":
                writer = csv.DictWriter(text, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
            case ".jsonl":
                text.writelines(f"{json.dumps(row)}\n" for row in rows)
            case _:
                text.write("jobs:\n")
                text.writelines(
                    f"  - {{{', '.join(f'{name}: {value}' for name, value in row.items())}}}\n" for row in rows
                )
    return file


def _repeated(stage: Stage, repeats: int, words: Sequence[str]) -> Run:
    """Return the medians of a command, each time on empty records."""
    runs = []
    for _ in range(repeats):
        stage.clear()
        stage.seed(_SOURCES)
        runs.append(_run(stage, words))
    return Run(*(statistics.median(getattr(run, name) for run in runs) for name in ("seconds", "cpu", "peak")))


def _run(stage: Stage, words: Sequence[str]) -> Run:
    out, program = stage.folder / "peak.json", str(Path(sys.executable).with_name("vnx-jobs"))
    helper = [sys.executable, "-I", "-S", str(ROOT / "bench" / "peak.py"), str(out)]
    subprocess.run([*helper, program, *words], env={**os.environ, **stage.environment}, check=True, cwd=stage.folder)
    told = json.loads(out.read_text())
    return Run(told["seconds"], told["cpu"], told["peak_kb"] / 1024)
