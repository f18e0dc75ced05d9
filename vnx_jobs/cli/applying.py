"""`vnx-jobs schedules apply`: make the schedules of a policy file what it says, and show the difference first."""

from pathlib import Path
from typing import Any

import click

from vnx_jobs.model.errors import Refused
from vnx_jobs.schedules.policies import Difference, changes, compare, read

from .exits import Exit
from .screen import show_json
from .session import array_meant, audited, opened


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--array", metavar="NAME", help="The array of jobs that name none (not needed when there is one).")
@click.option("--plan", "planned", is_flag=True, help="Change nothing: show what would be changed.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def apply(file: Path, array: str | None, *, planned: bool, as_json: bool) -> int:
    """Make the schedules of a policy file what it says.

    All are checked before any is changed. Schedules of the same file that are no longer in it are removed; others are
    left alone.
    """
    with opened() as house:
        meant = array or (array_meant(house.settings, None) if len(house.settings.arrays) == 1 else None)
        policies = read(file, meant)
        _, present = house.scheduler.schedules.find()
        difference = compare(policies, [standing.schedule for standing in present])
        try:
            house.scheduler.check(*difference.puts)
        except Refused as refused:
            raise Refused(refused.code, f"{file}: {refused.message}") from None
        if not planned:
            with audited(house, f"schedules apply {file.name}"):
                house.scheduler.apply(difference)
    if as_json:
        show_json(_document(policies.owner, difference, stored=not planned))
    else:
        _show(difference)
        if planned:
            click.echo("nothing was changed")
    return Exit.WELL


def _document(owner: str, difference: Difference, *, stored: bool) -> dict[str, Any]:
    return {
        "stored": stored,
        "owner": owner,
        "added": [one.name for one in difference.added],
        "replaced": [
            {"schedule": new.name, "fields": {field: list(both) for field, both in changes(old, new).items()}}
            for old, new in difference.replaced
        ],
        "removed": [one.name for one in difference.removed],
        "same": [one.name for one in difference.same],
    }


def _show(difference: Difference) -> None:
    for one in difference.added:
        click.echo(f"+ {one.name}: {one.cron} ({one.zone})")
    for old, new in difference.replaced:
        click.echo(f"~ {new.name}")
        for field, (before, after) in changes(old, new).items():
            click.echo(f"    {field}: {before} -> {after}")
    for one in difference.removed:
        click.echo(f"- {one.name}")
    added, replaced, removed = len(difference.added), len(difference.replaced), len(difference.removed)
    click.echo(f"{added} added, {replaced} replaced, {removed} removed, {len(difference.same)} as they were")
