"""`vnx-jobs arrays`: how things stand with each array, and what its workers are at."""

from dataclasses import dataclass
from typing import Final

import click

from vnx_jobs.documents.arrays import ArrayDocument, why, word
from vnx_jobs.model.claim import MAX_MOUNTS, MAX_SNAPSHOTS
from vnx_jobs.ports import Standing
from vnx_jobs.reads import Load

from .exits import Exit
from .output import Column, Form, in_form, show_list
from .screen import Fit
from .session import opened


@click.command()
@in_form
def arrays(*, form: Form) -> int:
    """List the arrays: held, away or at work.

    For example: vnx-jobs arrays

    Beside it stand the migration sessions that jobs hold, and sources that are near the array's limits.

    `vnx-jobs pause --array NAME` holds one for maintenance, `vnx-jobs resume --array NAME` ends that.
    """
    with opened() as house:
        names = sorted(house.settings.arrays)
        found = [_Known(name, house.reads.standing(name), house.reads.load(name)) for name in names]
    show_list(form, found, _COLUMNS, ArrayDocument, _document, empty="no array is configured")
    return Exit.WELL


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of an array."""

    name: str
    standing: Standing
    load: Load


def _document(one: _Known) -> ArrayDocument:
    return ArrayDocument.of(one.name, one.standing, one.load)


def _near(load: Load) -> str:
    return "; ".join(
        f"{name}: {mounts} of {MAX_MOUNTS} mount points, {images} of {MAX_SNAPSHOTS} snapshots"
        for name, mounts, images in load.near
    )


_COLUMNS: Final[tuple[Column[_Known], ...]] = (
    Column("array", lambda one: one.name),
    Column("standing", lambda one: word(one.standing, read=one.load.read)),
    Column("under way", lambda one: str(one.standing.under_way)),
    Column("ready", lambda one: str(one.standing.ready)),
    Column("sessions", lambda one: f"{one.load.sessions} of {one.load.sessions_limit}"),
    Column("near limits", lambda one: _near(one.load), fit=Fit.CARRIED),
    Column("why", lambda one: why(one.standing, read=one.load.read), fit=Fit.CARRIED),
)
