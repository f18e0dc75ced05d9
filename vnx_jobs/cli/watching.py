"""`vnx-jobs watch`."""

import click

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.states import LIVE

from .bars import progress_screen
from .documents import job_document
from .exits import Exit, of_jobs
from .screen import show_json
from .session import opened
from .waiting import wait


@click.command()
@click.argument("job_id", metavar="[JOB]", required=False)
@click.option("--batch", default="", metavar="NAME", help="All jobs of this batch.")
@click.option("--json", "as_json", is_flag=True, help="Show no progress, and write the jobs as JSON at the end.")
def watch(job_id: str | None, batch: str, *, as_json: bool) -> int:
    """Follow jobs until all are over.

    One job, a batch, or (if neither is named) everything that is under way now. The exit status says how they ended.
    """
    with opened() as house:
        if job_id:
            ids = [job_id]
        else:
            ids = [one.id for one in house.reads.jobs(batch=batch, states=() if batch else tuple(LIVE))]
        if batch and not ids:
            raise Refused(Code.NO_SUCH_JOB, f"there are no jobs of a batch {batch!r}")
        if not ids:
            click.echo("no jobs are under way", err=True)
            return Exit.WELL
        with progress_screen(quiet=as_json) as screen:
            records = wait(house.reads, ids, screen)
        if as_json:
            show_json([job_document(record) for record in records])
    return of_jobs(records)
