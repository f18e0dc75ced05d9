"""What a turn and a change make of a record: pure."""

from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.ports import Change


def goes_on(change: Change) -> bool:
    """Say whether the job's next turn may follow at once."""
    rests = change.settle or change.behind or change.readmit or change.condition is not None or change.wait is not None
    return not rests and change.state is not State.STUCK


def at_work(record: Record) -> State:
    """Return the state of a job during its turn; one that is not admitted yet does not run."""
    if record.back:
        return State.UNDOING
    return State.RUNNING if record.admitted else record.state


def changed(record: Record, change: Change, now: int) -> Record:
    """Return the record as a change leaves it."""
    fields: dict[str, object] = {"state": change.state, "why": change.why, "lease": 0, "moved": now}
    if not change.settle:
        fields["until"] = 0
    if change.cursor is not None:
        fields |= {"cursor": change.cursor, "attempts": 0, "begun": 0, "unsure": False}
    if change.facts:
        fields["facts"] = {**record.facts, **change.facts}
    if change.begun is not None:
        fields["begun"] = change.begun
    if change.back is False:
        fields["order"] = ""  # it came too late
    if change.code is not None:
        fields |= {"code": str(change.code), "error": change.error}
    if change.leftovers:
        fields["leftovers"] = change.leftovers
    given = {"back": change.back, "goal": change.goal, "attempts": change.attempts, "unsure": change.unsure}
    return record.evolve(**fields | {name: value for name, value in given.items() if value is not None})
