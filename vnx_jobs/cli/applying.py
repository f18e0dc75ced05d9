"""`vnx-jobs schedules apply`: make the schedules of a policy file what it says, and show the difference first."""

from pathlib import Path

import click

from vnx_jobs.documents.asked import arrays_of
from vnx_jobs.documents.schedules import DifferenceDocument
from vnx_jobs.model.errors import Refused
from vnx_jobs.schedules.policies import compare, read

from . import known
from .exits import Exit
from .output import Form, in_form, show_one
from .session import array_meant, audited, opened


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--array",
    metavar="NAME",
    shell_complete=known.arrays,
    help="The array of jobs that name none (not needed when there is one).",
)
@click.option("--plan", "planned", is_flag=True, help="Change nothing: show what would be changed.")
@in_form
def apply(file: Path, array: str | None, *, planned: bool, form: Form) -> int:
    """Make the schedules of a policy file what it says.

    For example: vnx-jobs schedules apply schedules.yaml --plan

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
            with audited(
                house,
                f"schedules apply {file.name}",
                arrays_of([job for one in policies.schedules for job in one.jobs]),
            ):
                house.scheduler.apply(difference)
    return show_difference(form, DifferenceDocument.of(policies.owner, difference, stored=not planned))


def show_difference(form: Form, difference: DifferenceDocument) -> Exit:
    """Write what applying a policy file changed, or would change."""
    show_one(form, difference, lambda: _show(difference))
    return Exit.WELL


def _show(difference: DifferenceDocument) -> None:
    for one in difference.added:
        click.echo(f"+ {one.schedule}: {one.cron} ({one.zone})")
    for new in difference.replaced:
        click.echo(f"~ {new.schedule}")
        for field, (before, after) in new.fields.items():
            click.echo(f"    {field}: {before} -> {after}")
    for name in difference.removed:
        click.echo(f"- {name}")
    added, replaced, removed = len(difference.added), len(difference.replaced), len(difference.removed)
    click.echo(f"{added} added, {replaced} replaced, {removed} removed, {len(difference.same)} as they were")
    if not difference.stored:
        click.echo("nothing was changed")
