"""What becomes of a job after a turn: from an outcome to the change that is committed. Pure: no port is called here."""

from dataclasses import replace

from .model.condition import ArrayBack, Condition
from .model.errors import Code
from .model.keys import kind_of
from .model.orders import Order
from .model.outcome import Again, Anew, Away, Done, GiveUp, NoAnswer, NotYet, Outcome, TooLate
from .model.record import Record, next_place
from .model.states import State
from .model.step import NO_WAY_BACK_NAME
from .ports import Change, Turn
from .steps.work import JobStep

_SOON = 1.0
"""Seconds until a turn that could send nothing is taken again."""


def decide(turn: Turn, step: JobStep, outcome: Outcome) -> Change:
    """Return the change that an outcome means for a job that is going forward, or back."""
    if turn.record.back:
        return _going_back(turn, step, outcome)
    return _kept(turn, _going_forward(turn, step, outcome))


def _kept(turn: Turn, change: Change) -> Change:
    """Turn no job back whose record lags behind: it may have ended well, and its volume be in use."""
    if not turn.lost or not change.back:
        return change
    text = (
        f"{change.why}; not undone, since the state server lost changes: look at what stands, then undo or abandon it"
    )
    return _stuck(text, change.code or Code.ATTEMPTS)


def _going_forward(turn: Turn, step: JobStep, outcome: Outcome) -> Change:
    record = turn.record
    match outcome:
        case Done():
            return _advance(record, step, outcome)
        case NotYet(condition, why, within, refused):
            waiting = _wait(why, condition=condition, seconds=within, attempts=record.attempts - 1)
            return replace(waiting, begun=_untouched(turn)) if refused else waiting
        case NoAnswer(why):
            return _settle(record, step, why)
        case Away(why):
            return _away(turn, why)
        case Again():
            return _again(turn, step, outcome)
        case GiveUp(why, code):
            return give_up(record, why, code, clean=_clean(turn))
        case TooLate(why):
            return _wait(why, seconds=_SOON, attempts=record.attempts - 1)
        case Anew(why):
            return Change(State.WAITING, "planned-anew", why, readmit=True, cursor=0)


def _again(turn: Turn, step: JobStep, refused: Again) -> Change:
    record = turn.record
    if refused.spends and record.attempts >= step.patience.attempts:
        return give_up(record, f"{refused.why} ({record.attempts} attempts)", Code.ATTEMPTS, clean=_clean(turn))
    return _back_off(turn, step, refused.why, spends=refused.spends)


def _going_back(turn: Turn, step: JobStep, outcome: Outcome) -> Change:
    record = turn.record
    match outcome:
        case Done():
            return _retreat(record, outcome)
        case NotYet(condition, why, within):
            return _wait(why, condition=condition, seconds=within, attempts=record.attempts - 1)
        case NoAnswer(why):
            return Change(State.WAITING, "settling", why, settle=True)
        case Away(why):
            return _away(turn, why)
        case TooLate(why):
            return Change(State.RUNNING, "turned-forward", why, back=False, goal="", code="")
        case Again(why, spends):
            if spends and record.attempts >= step.patience.attempts:
                return _stuck(f"undoing {step.name}: {why} ({record.attempts} attempts)")
            return _back_off(turn, step, why, spends=spends)
        case GiveUp(why) | Anew(why):
            return _stuck(f"undoing {step.name}: {why}")


def _clean(turn: Turn) -> bool:
    """Whether the step that is given up has certainly had no effect: a first attempt that was refused."""
    return not turn.returning and not turn.record.unsure


def _advance(record: Record, step: JobStep, done: Done) -> Change:
    place = next_place(record.steps, record.cursor)
    last = place >= len(record.steps)
    return Change(
        State.SUCCEEDED if last else State.RUNNING,
        "ended" if last else "advanced",
        cursor=place,
        facts=done.facts,
        made=done.made,
        gone=done.gone,
        access=done.access,
        frees=tuple(key for _, key, _ in record.claims if kind_of(key) in step.lets_go),
    )


def _wait(why: str, *, attempts: int, condition: Condition | None = None, seconds: float | None = None) -> Change:
    event = "parked" if condition else "backed-off"
    return Change(State.WAITING, event, why, attempts=max(0, attempts), condition=condition, wait=seconds)


def _back_off(turn: Turn, step: JobStep, why: str, *, spends: bool) -> Change:
    record = turn.record
    seconds = step.patience.delay(record.attempts) if spends else _SOON
    attempts = record.attempts if spends else record.attempts - 1
    return Change(State.WAITING, "backed-off", why, attempts=attempts, begun=_untouched(turn), wait=seconds)


def _away(turn: Turn, why: str) -> Change:
    return replace(
        _wait(why, attempts=turn.record.attempts - 1, condition=ArrayBack()), event="away", begun=_untouched(turn)
    )


def _untouched(turn: Turn) -> int | None:
    """Let the next turn do at once, without a look, if this one was a first attempt that certainly left nothing."""
    return 0 if _clean(turn) and not turn.record.back else None


def _settle(record: Record, step: JobStep, why: str) -> Change:
    if record.attempts < step.patience.attempts:
        return Change(State.WAITING, "settling", why, settle=True)
    text = f"{why} ({record.attempts} attempts)"
    if record.past_no_way_back:
        return replace(_stuck(text), settle=True)
    return Change(
        State.WAITING, "settling", why, settle=True, back=True, goal=State.FAILED, code=Code.ATTEMPTS, error=text
    )


def give_up(record: Record, why: str, code: str, *, clean: bool, goal: State = State.FAILED) -> Change:
    """Turn back: undo from the step that may have had an effect, downwards; or end at once if there is none."""
    if record.past_no_way_back:
        return _stuck(why, code)
    start = record.cursor if not clean else _below(record, record.cursor)
    if start < 0:
        return Change(goal, "ended", why, code=code, error=why)
    if not clean:
        return Change(State.UNDOING, "turned-back", why, back=True, goal=goal, code=code, error=why, attempts=0)
    return Change(State.UNDOING, "turned-back", why, cursor=start, back=True, goal=goal, code=code, error=why)


def cancel(turn: Turn) -> Change | None:
    """Turn back a job that a person has cancelled; None if none has, or if it is too late for that."""
    record = turn.record
    if record.order != Order.CANCEL or record.back or record.past_no_way_back:
        return None
    why = f"cancelled by {record.ordered_by}"
    return _kept(turn, give_up(record, why, Code.CANCELLED, clean=_clean(turn), goal=State.CANCELLED))


def _below(record: Record, cursor: int) -> int:
    below = cursor - 1
    return below - 1 if below >= 0 and record.steps[below] == NO_WAY_BACK_NAME else below


def _retreat(record: Record, undone: Done) -> Change:
    below = _below(record, record.cursor)
    if below < 0:
        return _shown(Change(State(record.goal or State.FAILED), "ended", record.error), undone)
    return _shown(Change(State.UNDOING, "advanced", record.error, cursor=below), undone)


def _shown(change: Change, done: Done) -> Change:
    """Add to a change what the step showed to exist or to be gone, and what it marked."""
    return replace(change, made=done.made, gone=done.gone, access=done.access)


def _stuck(why: str, code: str = Code.ATTEMPTS) -> Change:
    return Change(State.STUCK, "stuck", why, code=code, error=why)
