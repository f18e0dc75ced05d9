"""Jobs of a service: listed, shown and followed."""

from itertools import islice

import click

from vnx_jobs.cli.bars import progress_screen
from vnx_jobs.cli.exits import Exit, of_jobs
from vnx_jobs.cli.jobs import show_job, show_jobs
from vnx_jobs.cli.output import Form, show_documents
from vnx_jobs.cli.waiting import need_one, show_ways_out, wait
from vnx_jobs.client.door import Filters
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.states import LIVE, State

from .service import Service, listed


def jobs(  # noqa: PLR0913 -- an argument an option
    service: Service, states: tuple[str, ...], batch: str, array: str, limit: int, *, form: Form
) -> Exit:
    """List jobs."""
    which = Filters(tuple(State(state) for state in states), array or None, batch)
    found = list(islice(listed(lambda cursor: service.jobs(which, cursor)), limit or None))
    if batch and not found:
        service.batch(batch)  # a mistyped name is told, not taken for an empty batch
    show_jobs(form, found)
    return Exit.WELL


def job(service: Service, job_id: str, *, form: Form) -> Exit:
    """Show one job."""
    show_job(form, service.job(job_id))
    return Exit.WELL


def watch(service: Service, job_id: str | None, batch: str, *, form: Form) -> Exit:
    """Follow jobs until all are over."""
    need_one(job_id, batch)
    which = Filters(() if batch else tuple(LIVE), None, batch)
    ids = [job_id] if job_id else [one.job for one in listed(lambda cursor: service.jobs(which, cursor))]
    if batch and not ids:
        raise Refused(Code.NO_SUCH_JOB, f"there are no jobs of a batch {batch!r}")
    if not ids:
        click.echo("no jobs are under way", err=True)
        return Exit.WELL
    found = followed(service, ids, form)
    if not form.for_people:
        show_documents(form, found, (), JobDocument, empty="")
    show_ways_out(found)
    return of_jobs(found)


def followed(service: Service, ids: list[str], form: Form) -> list[JobDocument]:
    """Return jobs when all are over, and show meanwhile how they stand."""
    with progress_screen(quiet=not form.for_people) as screen:
        return wait(service, ids, screen)
