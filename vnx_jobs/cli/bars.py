"""Progress on the screen: live bars on a terminal, a line for each job that ends otherwise, or nothing for programs."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from .documents import Job, id_of, is_over, place, progress, title
from .waiting import Screen

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_SHOWN: Final = 12
"""Bars of single jobs at one time; all of them count in the first bar."""


class Silence:
    """Shows nothing."""

    def show(self, records: Sequence[Job]) -> None:
        """Show nothing."""


class Lines:
    """A line for each job that has ended since the last look."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def show(self, records: Sequence[Job]) -> None:
        """Tell what is over."""
        for record in records:
            if is_over(record) and id_of(record) not in self._told:
                self._told.add(id_of(record))
                click.echo(f"{record.state:<10} {title(record)}: {progress(record)}", err=True)


class Bars:
    """A bar over all jobs, and one for each of the first few that are under way."""

    def __init__(self, live: "Progress") -> None:
        self._live = live
        self._all = live.add_task("all jobs", total=None, said="")
        self._bars: dict[str, TaskID] = {}

    def show(self, records: Sequence[Job]) -> None:
        """Draw the bars as they are now."""
        over = sum(is_over(record) for record in records)
        done = sum(_share(record) for record in records)
        self._live.update(self._all, total=len(records), completed=done, said=f"{over} of {len(records)} ended")
        moving = [record for record in records if not is_over(record) and _has_begun(record)][:_SHOWN]
        for job in self._bars.keys() - {id_of(record) for record in moving}:
            self._live.remove_task(self._bars.pop(job))
        for record in moving:
            if id_of(record) not in self._bars:
                self._bars[id_of(record)] = self._live.add_task(title(record), total=1, said="")
            self._live.update(self._bars[id_of(record)], completed=_share(record), said=progress(record))


@contextmanager
def progress_screen(*, quiet: bool) -> Iterator[Screen[Job]]:
    """Give what fits: nothing if `quiet`, bars on a terminal, lines otherwise (all on standard error)."""
    if quiet:
        yield Silence()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        with _live() as live:
            yield Bars(live)


def _has_begun(record: Job) -> bool:
    return place(record)[0] > 1 or record.percent is not None or record.attempts > 0


def _share(record: Job) -> float:
    """Return how much of a job is done, from 0 to 1: its steps, and of the present one what the array says."""
    if is_over(record):
        return 1.0
    number, count = place(record)
    return (number - 1 + (record.percent or 0) / 100) / count if count else 0.0


def _live() -> "Progress":
    from rich.console import Console  # noqa: PLC0415 -- only a terminal needs it
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 -- as above

    what, said = (TextColumn(form, markup=False) for form in ("{task.description}", "{task.fields[said]}"))
    return Progress(what, BarColumn(), said, console=Console(stderr=True), transient=True)
