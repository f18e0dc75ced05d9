"""The engine: turn() takes one step of one job forward or back. No Celery, no Redis: the present is passed in."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import structlog

from .decisions import cancel, decide
from .model.claim import Claim, Kind, in_rank
from .model.errors import ArrayError, Code, Verdict
from .model.keys import PermitKind, in_words, permit_key
from .model.outcome import (
    Absent,
    Again,
    Anew,
    Away,
    Broken,
    Done,
    Facts,
    GiveUp,
    NoAnswer,
    NotYet,
    Outcome,
    Present,
    Underway,
)
from .model.record import Record
from .model.states import State
from .ports import Array, Bell, Change, Inventory, JobStore, Lease, NoTurn, Ring, Terms, Turn
from .ports.catalogue import Catalogue
from .ports.reconciling import Reconciling
from .ports.transfers import TransferRequests
from .settings import ArraySettings
from .steps.leftovers import leftovers, spare_claims
from .steps.sessions import others_migration
from .steps.work import JobStep, Work


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything a turn needs from the world."""

    store: JobStore
    inventory: Inventory
    transfers: TransferRequests
    catalogue: Catalogue
    reconciling: Reconciling
    bell: Bell
    array: Callable[[str, float], Array]
    """Gives the array of a name, bound to a deadline: no command is started that could end after it."""
    arrays: Mapping[str, ArraySettings]
    steps: Mapping[str, JobStep]
    """Every step that this worker knows, by name."""
    terms: Terms
    admit: Callable[[Record], Change | tuple[Ring, ...]]
    """Plans a job that could not be planned at submission: whom to ring, or how the job goes on instead."""
    renew: Callable[[Record], Change | Facts]
    """Plans a job anew that waited for its claims: the facts that hold now, or how the job goes on instead."""
    installation: str


def terms(arrays: Mapping[str, ArraySettings], steps: Mapping[str, JobStep]) -> Terms:
    """Return the terms on which a worker takes turns: longer than the longest command, by the array's margin."""
    leases = {
        name: Lease(one.pace.read_limit + one.pace.margin, one.pace.write_limit + one.pace.margin, one.landing)
        for name, one in arrays.items()
    }
    return Terms(leases, {name: step.writes for name, step in steps.items()})


def turn(world: Surroundings, job: str, cursor: int) -> bool:
    """Take the step at the cursor, if it is this job's turn; say whether the chain's next link can go on.

    A duplicate, a late or a premature message changes nothing. Raises StateServerError if the record cannot be read
    or committed: the step then counts as begun, and the sweep brings the job back.
    """
    began = time.monotonic()  # before the lease: whatever stops this process from here on is in the turn's time
    taken = world.store.take(job, cursor, world.terms)
    if isinstance(taken, NoTurn):
        world.bell.ring(taken.rings)
        return taken.onward
    step = world.steps[taken.record.step]
    with structlog.contextvars.bound_contextvars(**taken.record.log_context()):
        if not taken.record.admitted:
            return _ask_for_claims(world, taken)
        if (cancelled := cancel(taken)) is not None:
            return _commit(world, taken, cancelled)
        renewed = _renewed(world, taken)
        if isinstance(renewed, Change):
            return _commit(world, taken, renewed)
        taken = replace(taken, record=taken.record.evolve(facts=renewed or taken.record.facts))
        if (queued := _queued(world, taken, step)) is not None:
            world.bell.ring(queued.rings)
            return False
        outcome, sent = _run(world, taken, step, began)
        change = decide(taken, step, outcome)
        if sent is not None and change.cursor is None and change.begun is None:
            change = replace(change, begun=sent)
        if renewed:
            change = replace(change, facts={**renewed, **(change.facts or {})})
        return _commit(world, taken, _completed(world, taken.record, change))


def _renewed(world: Surroundings, taken: Turn) -> Change | Facts:
    """Return the facts by which a job that waited for its claims begins; none, if those it was stored with hold.

    What it waited for may have been the end of a job that changed, renamed or deleted what this one names. One that
    may have done something already goes on with what it has: its own steps and their undo see to the rest.
    """
    record = taken.record
    if not record.again or record.cursor or record.back:
        return {}
    renewed = world.renew(record)
    return {} if isinstance(renewed, Change) and (taken.returning or record.unsure) else renewed


def _queued(world: Surroundings, taken: Turn, step: JobStep) -> NoTurn | None:
    """Ask for the permits that the step needs; None if it has them, or needs none."""
    record = taken.record
    wanted = () if record.back else permits(step, record.array, record.facts, world.arrays[record.array])
    return world.store.permit(taken, *wanted) if wanted else None


def permits(step: JobStep, array: str, facts: Facts, settings: ArraySettings) -> tuple[Claim, ...]:
    """Return the permits that a step needs, in rank order."""
    if step.permit is None:
        return ()
    kinds: list[PermitKind] = [step.permit]
    if step.permit == "migrations" and rate_of(facts, settings) == "asap":
        kinds.append("asap")  # a session at that rate is one of the sessions, and one of the few that may have it
    wanted = {kind: permit_key(kind, array) for kind in kinds}
    return in_rank(
        Claim(Kind.PERMIT, key, limit=settings.places(kind), told=in_words(kind, array)) for kind, key in wanted.items()
    )


def rate_of(facts: Facts, settings: ArraySettings) -> str:
    """Return the rate at which a job migrates: its own, or the array's."""
    return str(facts.get("rate", settings.migration_rate))


def _ask_for_claims(world: Surroundings, taken: Turn) -> bool:
    match world.admit(taken.record):
        case Change() as change:
            return _commit(world, taken, change)
        case rings:
            world.bell.ring(rings)
            return False


def _run(world: Surroundings, taken: Turn, step: JobStep, began: float) -> tuple[Outcome, int | None]:
    """Do, look or undo, and say it in one log line. Returns also when the step's command was sent again, if it was."""
    lease = world.terms.arrays[taken.record.array]
    work = _work(world, taken.record, began + (lease.write if step.writes else lease.read))
    outcome, sent = (_back(work, step), None) if taken.record.back else _forward(work, step, returning=taken.returning)
    structlog.get_logger().info(
        "step",
        direction="back" if taken.record.back else "forward",
        returning=taken.returning,
        outcome=type(outcome).__name__,
        why=getattr(outcome, "why", ""),
        seconds=round(time.monotonic() - began, 4),
    )
    return outcome, sent


def _work(world: Surroundings, record: Record, deadline: float) -> Work:
    settings = world.arrays[record.array]
    return Work(
        job=record,
        array=world.array(record.array, deadline),
        inventory=world.inventory,
        transfers=world.transfers,
        catalogue=world.catalogue,
        reconciling=world.reconciling,
        installation=world.installation,
        pace=settings.pace,
        rate=rate_of(record.facts, settings),
    )


def _forward(work: Work, step: JobStep, *, returning: bool) -> tuple[Outcome, int | None]:
    """Do at once the first time; look first when coming back to a step that had begun, and do what is absent again."""
    if not returning:
        return _do(work, step, returning=False), None
    try:
        finding = step.look(work)
    except ArrayError as error:
        return _unread(error), None
    if not isinstance(finding, Absent):
        return _as_outcome(finding), None
    again = replace(work, job=work.job.evolve(begun=work.job.moved))  # what was read before says nothing of it
    return _do(again, step, returning=True), again.job.begun


def _do(work: Work, step: JobStep, *, returning: bool) -> Outcome:
    try:
        return step.do(work)
    except ArrayError as error:
        if step.writes and (error.verdict is Verdict.REFUSED or _busy_still(work, error)):
            return others_migration(work) or _refused(work, step, error, returning=returning)
        return _refused(work, step, error, returning=returning)


def _busy_still(work: Work, error: ArrayError) -> bool:
    """Say whether a LUN is busy for longer than the array takes to prepare it: then others may be at it."""
    return error.verdict is Verdict.BUSY and work.job.attempts > 1


def _refused(work: Work, step: JobStep, error: ArrayError, *, returning: bool) -> Outcome:
    match error.verdict:
        case Verdict.BUSY:
            return Again(error.text)
        case Verdict.REFUSED:
            return GiveUp(error.text, Code.ARRAY_REFUSED)
        case Verdict.NO_ANSWER:
            return NoAnswer(error.text) if step.writes else Away(error.text)
        case Verdict.UNREACHABLE | Verdict.CREDENTIALS:
            return Away(error.text)
        case Verdict.NO_SLOT:
            return Again(error.text, spends=False)
        case Verdict.ALREADY:
            return _already(work, step, error, returning=returning)


def _already(work: Work, step: JobStep, error: ArrayError, *, returning: bool) -> Outcome:
    """Judge "it is so already": whose doing is it? Ours only if this very record had begun the step before."""
    if not (returning or step.removes):
        return GiveUp(error.text, Code.NAME_IN_USE)
    try:
        finding = step.look(work)
    except ArrayError as unread:
        return _unread(unread)
    return Again(error.text) if isinstance(finding, Absent) else _as_outcome(finding)


def _back(work: Work, step: JobStep) -> Outcome:
    try:
        return step.undo(work)
    except ArrayError as error:
        if error.verdict is not Verdict.ALREADY:
            outcome = _refused(work, step, error, returning=True)
            return NoAnswer(error.text) if error.verdict is Verdict.NO_ANSWER else outcome
    try:
        match step.look(work):
            case Absent():
                return Done()
            case Underway(condition, why, within):
                return NotYet(condition, why, within)
            case other:
                return Again(getattr(other, "why", "") or f"{step.name} is still there")
    except ArrayError as error:
        return _unread(error)


def _unread(error: ArrayError) -> Outcome:
    """Judge a failed read: it changed nothing, and only an array that refuses to answer costs an attempt."""
    if error.verdict in {Verdict.NO_ANSWER, Verdict.UNREACHABLE, Verdict.CREDENTIALS}:
        return Away(error.text)
    return Again(error.text, spends=error.verdict is Verdict.REFUSED)


def _as_outcome(finding: Underway | Present | Broken | Anew) -> Outcome:
    match finding:
        case Present(facts, made, gone, access):
            return Done(facts, made, gone, access)
        case Underway(condition, why, within):
            return NotYet(condition, why, within)
        case Broken(why, code):
            return GiveUp(why, code)
        case Anew():
            return finding


def _completed(world: Surroundings, record: Record, change: Change) -> Change:
    """Add to a decision what it could not know: the speed of an array, and what a stuck job leaves."""
    if change.state is State.STUCK:
        return replace(change, leftovers=_leftovers(world, record), frees=spare_claims(record, world.steps))
    if change.wait is not None and change.wait > 0 and change.condition is None:
        return replace(change, wait=change.wait / world.arrays[record.array].speed)
    return change


def _leftovers(world: Surroundings, record: Record) -> tuple[str, ...]:
    """Say what a stuck job leaves on the array, as far as the array can be read in the time of one read."""
    work = _work(world, record, time.monotonic() + world.terms.arrays[record.array].read)
    return leftovers(work, world.steps)


def _commit(world: Surroundings, taken: Turn, change: Change) -> bool:
    rings = world.store.commit(taken, change)
    if rings is None:
        structlog.get_logger().warning("turn_lost", why="another turn was taken after this one's lease ended")
        return False
    world.bell.ring(rings)
    return change.event == "advanced"
