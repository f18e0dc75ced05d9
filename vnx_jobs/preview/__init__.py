"""Plan preview: what requests would do, hold, wait for and cost, told without storing anything."""

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


def preview(rehearsal: Rehearsal) -> Preview:
    """Gather what is told of the jobs of a rehearsal. Reads the state server; sends no array command."""
    submission: Submission = rehearsal.submission
    jobs = tuple(rehearsal.jobs.values())
    tells = teller(jobs, submission.inventory, rehearsal, submission.settings.installation)
    return Preview(
        jobs,
        tells,
        commands(jobs),
        slot_uses(jobs, rehearsal.ledger, tells.names),
        pool_uses(jobs, submission.inventory),
        durations(jobs, submission.store, submission.settings),
        tuple(note for array in sorted({job.entry.record.array for job in jobs}) if (note := _note(submission, array))),
    )


def _note(submission: Submission, array: str) -> str:
    now = submission.store.standing(array)
    if now.held:
        return f"{array} is held by {now.held}: nothing is begun"
    if now.away:
        return f"{array} is away: {now.away}"
    return f"{array} has {now.ready} jobs ready before these" if now.ready else ""
