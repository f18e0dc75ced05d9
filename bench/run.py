"""Measures what things cost, in ratios within one run, and writes the figures as JSON and into docs/performance.md.

`python -m bench.run` measures everything; `--only NAME` one part (may be repeated), `--quick` a small form that shows
that the program works and whose figures mean nothing: it leaves the page alone.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from bench import accepting, backups, batches, budgets, doors, latency, listing, makespan, simulator, turns
from bench.figures import Figure
from bench.machine import machine
from bench.page import with_figures
from bench.stage import ROOT

PARTS: Final = {
    "turns": turns,
    "accepting": accepting,
    "batches": batches,
    "doors": doors,
    "makespan": makespan,
    "budgets": budgets,
    "latency": latency,
    "listing": listing,
    "backups": backups,
    "simulator": simulator,
}
RESULTS: Final = ROOT / "bench" / "results.json"
PAGE: Final = ROOT / "docs" / "performance.md"


def measured(name: str, *, quick: bool) -> dict[str, Any]:
    """Measure one part; return its figures with the machine they were measured on."""
    part, before = PARTS[name], machine()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = part.measure(Path(folder), quick=quick)
    _show(part.TITLE, figures, time.monotonic() - began)
    return {
        "title": part.TITLE,
        "about": part.ABOUT,
        "machine": before,
        "figures": [figure.document() for figure in figures],
    }


def _show(title: str, figures: Iterable[Figure], seconds: float) -> None:
    sys.stdout.write(f"\n{title} ({seconds:.0f} s)\n")
    for figure in figures:
        said = {True: "met", False: "MISSED", None: ""}[figure.met]
        sys.stdout.write(f"  {figure.what:<75} {figure.document()['value']:>9g} {figure.unit:<10} {said}\n")
    sys.stdout.flush()


def main(words: Sequence[str] | None = None) -> int:
    """Measure, write and show. A missed bar is said, and is no failure of the program."""
    parser = argparse.ArgumentParser(prog="bench.run", description="Measure what things cost.")
    parser.add_argument("--only", action="append", choices=tuple(PARTS), help="measure this part only; may be repeated")
    parser.add_argument("--quick", action="store_true", help="a small form whose figures mean nothing; needs --out")
    parser.add_argument("--out", type=Path, default=None, help=f"the JSON file (default: {RESULTS.name}, and the page)")
    given = parser.parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that whatever was started is ended
    if given.quick and given.out is None:
        parser.error("--quick needs --out: its figures are not for the page")
    out: Path = given.out or RESULTS
    results: dict[str, Any] = json.loads(out.read_text()) if out.exists() else {}
    for name in given.only or PARTS:
        results[name] = measured(name, quick=given.quick)
        results = {one: results[one] for one in PARTS if one in results}
        out.write_text(f"{json.dumps(results, indent=1)}\n")
        if given.out is None:
            PAGE.write_text(with_figures(PAGE.read_text(), results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
