"""`vnx-jobs arrays`: how things stand with each array, and what its workers are at."""

from collections.abc import Sequence
from typing import Final

import click

from vnx_jobs.documents.arrays import ArrayDocument, NearLimits
from vnx_jobs.model.claim import MAX_MOUNTS, MAX_SNAPSHOTS

from .exits import Exit
from .output import Column, Form, in_form, show_documents
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
        reads = house.reads
        found = [ArrayDocument.of(name, reads.standing(name), reads.load(name)) for name in names]
    return show_arrays(form, found)


def show_arrays(form: Form, found: Sequence[ArrayDocument]) -> Exit:
    """Write how things stand with arrays."""
    show_documents(form, found, _COLUMNS, ArrayDocument, empty="no array is configured")
    return Exit.WELL


def _near(limits: Sequence[NearLimits]) -> str:
    return "; ".join(
        f"{one.source}: {one.mount_points} of {MAX_MOUNTS} mount points, {one.snapshots} of {MAX_SNAPSHOTS} snapshots"
        for one in limits
    )


_COLUMNS: Final[tuple[Column[ArrayDocument], ...]] = (
    Column("array", lambda one: one.array),
    Column("standing", lambda one: one.standing),
    Column("under way", lambda one: str(one.under_way)),
    Column("ready", lambda one: str(one.ready)),
    Column("sessions", lambda one: f"{one.sessions} of {one.sessions_limit}"),
    Column("near limits", lambda one: _near(one.near_limits), fit=Fit.CARRIED),
    Column("why", lambda one: one.why, fit=Fit.CARRIED),
)
