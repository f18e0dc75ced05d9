"""`vnx-jobs arrays`: how things stand with each array, and what its workers are at."""

import click

from vnx_jobs.documents.arrays import ArrayDocument, why, word
from vnx_jobs.model.claim import MAX_MOUNTS, MAX_SNAPSHOTS
from vnx_jobs.reads import Load

from .exits import Exit
from .screen import show_json, show_table
from .session import opened


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def arrays(*, as_json: bool) -> int:
    """List the arrays: held, away or at work.

    Beside it stand the migration sessions that jobs hold, and sources that are near the array's limits.

    `vnx-jobs pause --array NAME` holds one for maintenance, `vnx-jobs resume --array NAME` ends that.
    """
    with opened() as house:
        names = sorted(house.settings.arrays)
        found = {name: (house.reads.standing(name), house.reads.load(name)) for name in names}
    if as_json:
        show_json([ArrayDocument.of(name, one, load).told() for name, (one, load) in found.items()])
        return Exit.WELL
    rows = [
        (name, word(one), str(one.under_way), str(one.ready), _sessions(load), _near(load), why(one))
        for name, (one, load) in found.items()
    ]
    head = ("array", "standing", "under way", "ready", "sessions", "near limits", "why")
    show_table(head, rows, empty="no array is configured")
    return Exit.WELL


def _sessions(load: Load) -> str:
    return f"{load.sessions} of {load.sessions_limit}"


def _near(load: Load) -> str:
    return "; ".join(
        f"{name}: {mounts} of {MAX_MOUNTS} mount points, {images} of {MAX_SNAPSHOTS} snapshots"
        for name, mounts, images in load.near
    )
