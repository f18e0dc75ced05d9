"""`vnx-jobs watch`."""

import click

from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.states import LIVE

from . import known
from .bars import progress_screen
from .exits import Exit, of_jobs
from .output import Form, in_form, show_list
from .session import finding_again, opened
from .waiting import need_one, show_ways_out, wait


@click.command()
@click.argument("job_id", metavar="[JOB]", required=False, shell_complete=known.jobs)
@click.option("--batch", default="", metavar="NAME", help="All jobs of this batch.")
@in_form
def watch(job_id: str | None, batch: str, *, form: Form) -> int:
    """Follow jobs until all are over.

    For example: vnx-jobs watch --batch web

    One job, a batch, or (if neither is named) everything that is under way now. The exit status says how they ended.
    """
    need_one(job_id, batch)
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
        with progress_screen(quiet=not form.for_people) as screen, finding_again(house) as anew:
            records = wait(house.reads, ids, screen, anew)
    if not form.for_people:
        show_list(form, records, (), JobDocument, JobDocument.of, empty="")
    show_ways_out(records)
    return of_jobs(records)
