"""What is to be done about a schedule at a moment: overlap, missed runs, pauses, windows. The clock is an argument."""

from dataclasses import replace
from typing import Any

import pytest

from tests.schedules.asked import ms, schedule
from vnx_jobs.model.schedule import Decision, Run, Standing, decide

TEN = ms("2026-11-22T10:00Z")
HOUR = 3_600_000
SECOND = 1000


def standing(handled: int = TEN - HOUR, **fields: Any) -> Standing:
    """Return how an hourly schedule stands; `busy` means that its run before is not over."""
    known = {name: fields.pop(name) for name in ("queue", "paused") if name in fields}
    jobs = ("job-1",) if fields.pop("busy", False) else ()
    return Standing(schedule(**fields), 1, 1, handled, under_way=jobs, **known)


def runs(*dues: int) -> tuple[Run, ...]:
    """Return runs that the timetable asks for."""
    return tuple(map(Run, dues))


def test_nothing_is_due() -> None:
    """Before the hour nothing is done, and it is looked at again when the hour comes."""
    assert decide(standing(), TEN - 1) == Decision(TEN - HOUR, (), TEN)


def test_what_is_due_begins() -> None:
    """At its time, or some seconds late, a run begins, and its due time is dealt with for good."""
    for late in (0, 30 * SECOND):
        decision = decide(standing(), TEN + late)
        assert (decision.start, decision.handled, decision.queue) == (Run(TEN), TEN, ())
    after = decide(standing(TEN), TEN + 1)
    assert (after.start, after.wake) == (None, TEN + HOUR)


def test_a_run_with_jitter_begins_at_its_moment() -> None:
    """Until the jitter is over nothing begins; what is begun bears the time that it was due."""
    one = standing(jitter="30m")
    begun = one.schedule.begins(TEN, "nightly")
    assert begun > TEN
    assert decide(one, begun - 1) == Decision(TEN - HOUR, (), begun)
    assert decide(one, begun).start == Run(TEN)


@pytest.mark.parametrize(
    ("overlap", "queue", "given_up", "cancel"),
    [
        ("skip", (), ((Run(TEN), "the run before is not over"),), False),
        ("queue", runs(TEN), (), False),
        ("cancel", runs(TEN), (), True),
    ],
)
def test_the_run_before_is_not_over(
    overlap: str, queue: tuple[Run, ...], given_up: tuple[tuple[Run, str], ...], *, cancel: bool
) -> None:
    """By its overlap policy a run is left out, waits, or waits for what is cancelled; never two are under way."""
    decision = decide(standing(overlap=overlap, busy=True), TEN)
    assert (decision.start, decision.handled) == (None, TEN)
    assert (decision.queue, decision.given_up, decision.cancel) == (queue, given_up, cancel)
    assert decision.wake == (TEN + 2 * SECOND if queue else TEN + HOUR)


def test_what_waited_begins_in_order() -> None:
    """When the run before is over the oldest that waits begins, and the others go on waiting."""
    one = standing(TEN, overlap="queue", queue=runs(TEN - HOUR, TEN))
    decision = decide(one, TEN + SECOND)
    assert (decision.start, decision.queue) == (Run(TEN - HOUR), runs(TEN))


def test_so_many_wait_at_most() -> None:
    """The oldest is given up when one more comes than may wait; with overlap cancel the newest alone waits."""
    waiting = runs(TEN - 2 * HOUR, TEN - HOUR)
    queued = decide(standing(overlap="queue", most=2, busy=True, queue=waiting), TEN)
    assert queued.queue == runs(TEN - HOUR, TEN)
    assert queued.given_up == ((Run(TEN - 2 * HOUR), "newer ones wait"),)
    newest = decide(standing(overlap="cancel", busy=True, queue=waiting[1:]), TEN)
    assert (newest.queue, newest.cancel) == (runs(TEN), True)


LONG_AGO = TEN - 5 * HOUR
NOW = TEN + 30 * 60 * SECOND
"""Half an hour after the last due time: nothing is just due."""


@pytest.mark.parametrize(
    ("missed", "start", "queue", "left_out"),
    [
        ("once", Run(TEN), (), [TEN - 4 * HOUR, TEN - 3 * HOUR, TEN - 2 * HOUR, TEN - HOUR]),
        ("all", Run(TEN - 4 * HOUR), runs(TEN - 3 * HOUR, TEN - 2 * HOUR, TEN - HOUR, TEN), []),
        ("skip", None, (), [TEN - 4 * HOUR, TEN - 3 * HOUR, TEN - 2 * HOUR, TEN - HOUR, TEN]),
    ],
)
def test_runs_were_missed(missed: str, start: Run | None, queue: tuple[Run, ...], left_out: list[int]) -> None:
    """After five hours without a scheduler the last, all, or none are made up for, and what is left out is told."""
    decision = decide(standing(LONG_AGO, missed=missed), NOW)
    assert (decision.start, decision.queue, decision.handled) == (start, queue, TEN)
    assert [run.due for run, why in decision.given_up] == left_out
    assert {why for _, why in decision.given_up} <= {"it was missed"}


def test_all_has_a_cap() -> None:
    """Of a month of missed runs so many of the last are made up for; the others are not even counted."""
    decision = decide(standing(TEN - 720 * HOUR, missed="all", most=3), NOW)
    assert (decision.start, decision.queue) == (Run(TEN - 2 * HOUR), runs(TEN - HOUR, TEN))


def test_what_is_just_due_makes_up_for_what_was_missed() -> None:
    """With `once`, a run that begins in time is the one run; with `all`, it is left out while older ones wait."""
    once = decide(standing(LONG_AGO, missed="once"), TEN)
    assert (once.start, once.queue) == (Run(TEN), ())
    every = decide(standing(TEN - 3 * HOUR, missed="all"), TEN)
    assert (every.start, every.queue) == (Run(TEN - 2 * HOUR), runs(TEN - HOUR))
    assert every.given_up == ((Run(TEN), "the run before is not over"),)


def test_what_is_late_waits_for_a_window() -> None:
    """A run that was missed begins when the window opens again, unless one that is due then makes up for it."""
    one = standing(TEN - HOUR, only=["daily 09:00-10:30"])
    evening = TEN + 8 * HOUR
    decision = decide(one, evening)
    opens = ms("2026-11-23T09:00Z")
    assert (decision.start, decision.queue, decision.wake) == (None, runs(TEN), opens)
    left = replace(one, handled=decision.handled, queue=decision.queue)
    due = decide(left, opens)
    assert (due.start, due.queue) == (Run(opens), ())
    assert due.given_up == ((Run(TEN), "a newer one is due"),)


def test_what_is_in_time_begins_though_the_window_just_closed() -> None:
    """A run that is due in the last minute of its window begins when that is over all the same."""
    one = standing(cron="59 9 * * *", only=["daily 09:00-10:00"])
    assert decide(one, TEN).start == Run(TEN - 60 * SECOND)


def test_a_pause() -> None:
    """While it is paused nothing begins by itself, whatever is due or waits; what a person asks for does."""
    wanted = Run(TEN + SECOND, "anna")
    paused = standing(paused="anna", queue=(Run(TEN - HOUR),))
    assert decide(paused, NOW) == Decision(TEN - HOUR, (Run(TEN - HOUR),), None)
    asked = decide(replace(paused, queue=(Run(TEN - HOUR), wanted)), NOW)
    assert (asked.start, asked.queue) == (wanted, (Run(TEN - HOUR),))


def test_a_person_asks_for_a_run() -> None:
    """It begins in no window and beside no due time, but not beside the run before."""
    wanted = Run(TEN + SECOND, "anna")
    one = standing(TEN, only=["daily 01:00-02:00"], queue=(wanted,))
    assert decide(one, TEN + SECOND).start == wanted
    busy = decide(replace(one, under_way=("job-1",)), TEN + SECOND)
    assert (busy.start, busy.queue, busy.wake) == (None, (wanted,), TEN + 3 * SECOND)


def test_a_run_that_was_asked_for_is_never_given_up() -> None:
    """Whatever comes, what a person asked for stays in the queue, and takes no due time's place."""
    wanted = Run(TEN - SECOND, "anna")
    decision = decide(standing(overlap="cancel", busy=True, queue=(wanted, Run(TEN - HOUR))), TEN)
    assert decision.queue == (wanted, Run(TEN))
