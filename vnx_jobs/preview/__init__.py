"""Plan preview: what requests would do, hold, wait for and cost, told without storing anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from vnx_jobs.submission import Submission

from .capacity import PoolUse, SlotUse, pool_uses, slot_uses
from .duration import Duration, durations
from .rehearsal import Rehearsal, Rehearsed
from .told import Commands, Teller, commands, teller

__all__ = ["Preview", "Rehearsal", "Rehearsed", "preview"]


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that is told of rehearsed jobs together."""

    jobs: tuple[Rehearsed, ...]
    tells: Teller
    commands: Commands
    slots: tuple[SlotUse, ...]
    pools: tuple[PoolUse, ...]
    durations: tuple[Duration, ...]
    notes: tuple[str, ...]
    """Why an array begins nothing now, or not at once; an array a line."""
    stops: Mapping[str, str]
    """When jobs begin on an array that begins nothing now, by its name."""


def preview(rehearsal: Rehearsal) -> Preview:
    """Gather what is told of the jobs of a rehearsal. Reads the state server; sends no array command."""
    submission: Submission = rehearsal.submission
    jobs = tuple(rehearsal.jobs.values())
    arrays = sorted({job.entry.record.array for job in jobs})
    tells = teller(jobs, submission.inventory, rehearsal, submission.settings.installation)
    return Preview(
        jobs,
        tells,
        commands(jobs),
        slot_uses(jobs, rehearsal.ledger, tells.names),
        pool_uses(jobs, submission.inventory),
        durations(jobs, submission.store, submission.settings),
        tuple(note for array in arrays if (note := _note(submission, array))),
        {array: stop for array in arrays if (stop := _stop(submission, array))},
    )


def _stop(submission: Submission, array: str) -> str:
    now = submission.store.standing(array)
    if now.held:
        return f"begins when {array} is no longer held (by {now.held})"
    return f"begins when {array} answers again" if now.away else ""


def _note(submission: Submission, array: str) -> str:
    now = submission.store.standing(array)
    if now.held:
        return f"{array} is held by {now.held}: nothing is begun"
    if now.away:
        return f"{array} is away: {now.away}"
    return f"{array}: {now.ready} ready to go on before these" if now.ready else ""
