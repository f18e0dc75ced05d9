"""`vnx-jobs submit`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypedDict

import click

from vnx_jobs.batches.checking import check
from vnx_jobs.batches.group_clones import group_clones
from vnx_jobs.documents.asked import need_key
from vnx_jobs.documents.jobs import SubmittedDocument
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.specs import OPERATIONS, SEVERAL, parse, parse_several
from vnx_jobs.model.states import State
from vnx_jobs.settings import Settings
from vnx_jobs.submission import Request

from . import known
from .bars import progress_screen
from .batching import submit_rows
from .documents import progress
from .exits import Exit, of_jobs
from .output import Form, in_form, show_one, show_said
from .previewing import nothing_to_wait_for, show_plan
from .session import array_meant, audited, finding_again, opened, sender
from .waiting import show_ways_out, wait

if TYPE_CHECKING:  # slow: the session opens it
    from vnx_jobs.wiring import House


def key_of(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Return the key that is given; an empty one, as a variable leaves that is not set, is none. Raises Refused."""
    del context, parameter
    return "" if value is None else need_key(value)


@click.command(
    epilog=f"Operations: {', '.join([*OPERATIONS, *SEVERAL])}. `vnx-jobs explain OPERATION` lists what each does."
)
@click.argument("operation", shell_complete=known.operations)
@click.argument("fields", metavar="NAME=VALUE...", nargs=-1, shell_complete=known.fields)
@click.option(
    "--array",
    metavar="NAME",
    shell_complete=known.arrays,
    help="The array (not needed when exactly one is configured).",
)
@click.option("--key", callback=key_of, help="Makes the request repeatable: the same key again returns the same job.")
@click.option("--wait", "waits", is_flag=True, help="Wait until the job is over; the exit status says how it ended.")
@click.option("--plan", "planned", is_flag=True, help="Store nothing: say what the job would do, wait for and cost.")
@click.option("--hook", "hooks", multiple=True, metavar="NAME", help="Call back when the job has ended.")
@in_form
def submit(  # noqa: PLR0913 -- an argument an option
    operation: str,
    fields: Sequence[str],
    array: str | None,
    key: str,
    hooks: tuple[str, ...],
    *,
    waits: bool,
    planned: bool,
    form: Form,
) -> int:
    """Submit one job.

    For example: vnx-jobs submit create-volume name=web-01 size_gb=50 pool=pool_1

    clone-group submits a job for each volume of the snapshot, and reports them like a batch.
    """
    with opened() as house:
        given = given_fields(operation, fields, array, house.settings)
        if operation in SEVERAL:
            rows = check(group_clones(parse_several(given), house.submission, key), house.submission)
            return submit_rows(house, rows, hooks=hooks, waits=waits, planned=planned, form=form)
        request = Request(parse(given), key=key, by=sender(), hooks=hooks)
        return send(house, request, waits=waits, planned=planned, form=form)


class How(TypedDict):
    """How a submission goes on."""

    waits: bool
    planned: bool
    form: Form


def send(house: "House", request: Request, *, waits: bool, planned: bool, form: Form) -> int:
    """Submit one job, or show its plan; return the exit status."""
    if planned:
        nothing_to_wait_for(waits=waits)
        return show_plan(house.submission, request, form)
    with audited(house, f"submit {request.spec.operation}", request.spec.array) as told:
        accepted = house.submission.submit(request)
        told.jobs = (accepted.job,)
    if form.for_people and not waits:
        return _say(accepted.job, accepted.state, accepted.why, known=accepted.known)
    if not waits:
        record = house.reads.job(accepted.job)
        return show_accepted(
            form, SubmittedDocument.accepted(record, house.reads.waits_for(record), known=accepted.known)
        )
    with progress_screen(quiet=not form.for_people) as screen, finding_again(house) as anew:
        (record,) = wait(house.reads, [accepted.job], screen, anew)
    return show_waited(form, SubmittedDocument.accepted(record, "", known=accepted.known))


def show_accepted(form: Form, one: SubmittedDocument) -> Exit:
    """Write which job a request made, or had made before."""
    if form.for_people:
        return _say(one.job, one.state, one.why, known=one.known)
    show_one(form, one, lambda: None)
    return Exit.WELL


def _say(job: str, state: State, why: str, *, known: bool) -> Exit:
    click.echo(f"{job} {state}{' (known by its key)' if known else ''}{f': {why}' if why else ''}")
    return Exit.WELL


def show_waited(form: Form, one: SubmittedDocument) -> Exit:
    """Write how a job that was submitted and waited for ended, and return the status that it means."""
    show_said(form, one, f"{one.job} {one.state}: {progress(one)}")
    show_ways_out([one])
    return of_jobs([one])


def given_fields(operation: str, words: Sequence[str], array: str | None, settings: Settings) -> dict[str, Any]:
    """Return what a spec is made of. Raises Refused for a word that cannot be read, or if no array is meant."""
    given = fields_of(operation, words, array)
    if "array" not in given:
        given["array"] = array_meant(settings, None)
    return given


def fields_of(operation: str, words: Sequence[str], array: str | None) -> dict[str, Any]:
    """Return what was given of a spec. Raises Refused for a word that cannot be read."""
    given = {"operation": operation, **_fields(words)}
    if array and given.setdefault("array", array) != array:
        raise Refused(Code.INVALID, f"--array {array} and array={given['array']} name two arrays")
    return given


def _fields(words: Sequence[str]) -> dict[str, Any]:
    """Read NAME=VALUE words. Raises Refused for a word that is none, or a name given twice."""
    fields: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise Refused(Code.INVALID, f"{word!r} is not of the form NAME=VALUE")
        if name in fields or name == "operation":
            raise Refused(Code.INVALID, f"{name} is given twice")
        fields[name] = value
    return fields
