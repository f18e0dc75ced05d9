"""`vnx-jobs arrays`: how things stand with each array, and what its workers are at."""

import click

from vnx_jobs.ports import Standing

from .exits import Exit
from .screen import show_json, show_table
from .session import opened


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def arrays(*, as_json: bool) -> int:
    """List the arrays: held, away or at work.

    `vnx-jobs pause --array NAME` holds one for maintenance, `vnx-jobs resume --array NAME` ends that.
    """
    with opened() as house:
        found = {name: house.reads.standing(name) for name in sorted(house.settings.arrays)}
    if as_json:
        show_json([_document(name, one) for name, one in found.items()])
        return Exit.WELL
    rows = [(name, _word(one), str(one.under_way), str(one.ready), _why(one)) for name, one in found.items()]
    show_table(("array", "standing", "under way", "ready", "why"), rows, empty="no array is configured")
    return Exit.WELL


def _word(one: Standing) -> str:
    if one.frozen:
        return "frozen"
    if one.away:
        return "away"
    return "held" if one.held else "at work"


def _why(one: Standing) -> str:
    held = f"held by {one.held}: what has begun goes on, nothing is begun" if one.held else ""
    return "; ".join(why for why in (one.frozen, one.away, held) if why)


def _document(name: str, one: Standing) -> dict[str, object]:
    return {
        "array": name,
        "standing": _word(one),
        "why": _why(one),
        "held_by": one.held or None,
        "under_way": one.under_way,
        "ready": one.ready,
    }
