"""When the watch reads an array: at its ticks, and out of turn when that serves many at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.installation import ARRAY, Installation
from vnx_jobs.documents.arrays import ArrayDocument
from vnx_jobs.model.states import State
from vnx_jobs.settings import Times
from vnx_jobs.watch.allowance import Allowance

TICK: Final = 10
"""Seconds between two ticks of an array that is as fast as real ones."""


@pytest.fixture
def quiet(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Make an installation with a volume `gold` whose watch has just read."""
    made = Installation(valkey_url, prefix, tmp_path, speed=1)
    made.make("gold")
    made.watch.look()
    yield made
    made.close()


def _parked(installation: Installation, count: int, stem: str = "copy") -> int:
    """Submit copies and run them until each waits for a list; return how many lists were read till then."""
    for number in range(count):
        installation.submit("snap-copy", name=f"{stem}-{number}", source="gold")
    installation.turns()
    installation.clock.advance(0.001)  # a list begun in the moment in which a step was begun says nothing of it
    assert len(installation.store.parked("box")) == count
    return _lists(installation)


def _lists(installation: Installation) -> int:
    return sum(entry.verb == "luns" for entry in installation.vnx.audit)


def test_a_list_that_many_wait_for_is_read_at_once(quiet: Installation) -> None:
    """Twenty copies that all wait for a list get one before the watch's next tick."""
    before = _parked(quiet, 20)
    assert quiet.watch.look() == 20
    assert _lists(quiet) == before + 1


def test_few_wait_for_the_tick(quiet: Installation) -> None:
    """Nineteen copies wait until the tick, and then share one list."""
    before = _parked(quiet, 19)
    assert quiet.watch.look() == 0
    assert _lists(quiet) == before
    quiet.clock.advance(TICK)
    assert quiet.watch.look() == 19
    assert _lists(quiet) == before + 1


def test_those_that_were_served_pay_for_the_last(quiet: Installation) -> None:
    """Nineteen copies that a tick served and one more make twenty: the last need not wait, but the next one must."""
    _parked(quiet, 19)
    quiet.clock.advance(TICK)
    quiet.watch.look()
    quiet.turns()
    before = _parked(quiet, 1, "last")
    assert quiet.watch.look() == 1
    assert _lists(quiet) == before + 1
    quiet.turns()
    _parked(quiet, 1, "next")
    assert quiet.watch.look() == 0
    assert _lists(quiet) == before + 1


def test_while_something_moves_the_tick_is_waited_for(quiet: Installation) -> None:
    """Twenty copies wait for the tick as long as another job of the array is still to take a step."""
    before = _parked(quiet, 20)
    quiet.submit("create-snapshot", name="monday", volume="gold")
    assert quiet.watch.look() == 0
    quiet.turns()
    quiet.clock.advance(0.001)
    assert quiet.watch.look() == 20
    assert _lists(quiet) == before + 1


@pytest.fixture
def poor(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Make an installation with a volume `gold` whose watch has just read all that its ticks paid for."""
    made = Installation(valkey_url, prefix, tmp_path, speed=1)
    made.make("gold")
    yield made
    made.close()


def _reads(installation: Installation) -> list[str]:
    """Return the lists that were read so far."""
    lists = {"luns", "snapshots", "sessions", "pools", "groups", "storage_groups", "fibre_ports", "iscsi_portals"}
    return [entry.verb for entry in installation.vnx.audit if entry.verb in lists]


def _ticks(installation: Installation, count: int) -> list[list[str]]:
    """Let so many ticks pass, with the workers' turns after each; return which lists each tick read."""
    read = []
    for _ in range(count):
        before = len(_reads(installation))
        installation.clock.advance(TICK)
        installation.watch.look()
        read.append(_reads(installation)[before:])
        installation.turns()
    return read


def _refresh_after(installation: Installation, seconds: float) -> None:
    times = Times(idle_refresh=seconds, watch_tick=TICK)
    installation.watch.settings.__dict__["pace"] = times


def test_lists_take_turns(poor: Installation) -> None:
    """While one job waits for LUNs and storage groups and others copy, each tick reads one list, the longest wanted."""
    poor.vnx.seconds_per_gb = 1000
    twin = poor.submit("clone", name="twin", source="gold").job
    poor.turns()
    assert _ticks(poor, 2) == [["luns"], ["sessions"]]
    copy = poor.submit("snap-copy", name="copy", source="gold").job
    poor.turns()
    assert _ticks(poor, 3) == [["luns"], ["sessions"], ["sessions"]]
    assert (poor.record(twin).state, poor.record(copy).state) == (State.WAITING, State.SUCCEEDED)


def test_a_list_of_luns_shows_that_a_copy_is_complete(poor: Installation) -> None:
    """A clone whose target is listed no more has succeeded, though no list of sessions was read."""
    poor.vnx.seconds_per_gb = 0.001
    twin = poor.submit("clone", name="twin", source="gold").job
    poor.turns()
    assert _ticks(poor, 1) == [["luns"]]
    poor.submit("snap-copy", name="copy", source="gold")
    poor.turns()
    assert _ticks(poor, 1) == [["luns"]]
    assert poor.record(twin).state is State.SUCCEEDED


def test_lists_begun_together_are_saved_for(poor: Installation) -> None:
    """LUNs and snapshots are read in one tick, for two commands: a tick in which nothing is read pays for the first."""
    poor.submit("create-snapshot", name="monday", volume="gold")
    poor.submit("snap-copy", name="copy", source="gold")
    poor.turns()
    assert _ticks(poor, 1) == [["luns"]]
    poor.submit("delete-snapshot", name="monday")
    poor.turns()
    assert _ticks(poor, 3) == [[], ["luns", "snapshots"], []]


def test_quiet_ticks_pay_for_a_whole_refresh(poor: Installation) -> None:
    """Lists that have not been read for long are read at once if so many ticks were quiet, else one a tick."""
    refresh = ["luns", "snapshots", "groups", "pools", "storage_groups"]
    _refresh_after(poor, 5.5 * TICK)
    assert _ticks(poor, 6) == [[], [], [], [], [], refresh]
    _refresh_after(poor, 1)
    assert [len(read) for read in _ticks(poor, 6)] == [0, 2, 1, 1, 1, 0]


def test_a_job_pays_once_however_often_it_waits() -> None:
    """Twenty jobs pay for one list out of turn; the same twenty do not pay again, and a twenty-first alone does not."""
    allowance = Allowance()
    allowance.count(f"job-{number}" for number in range(20))
    allowance.count(f"job-{number}" for number in range(21))
    assert [allowance.take_turn(), allowance.take_turn()] == [True, False]


def test_an_array_that_never_answered_is_not_at_work(tmp_path: Path) -> None:
    """Until the first list was read it counts as not reached, and the reason names what to look at; then as at work."""
    site = Installation("", "", tmp_path)

    def told() -> ArrayDocument:
        return ArrayDocument.of(ARRAY, site.reads.standing(ARRAY), site.reads.load(ARRAY))

    assert (told().standing, "naviseccli" in told().why) == ("not reached", True)
    site.read_array()
    assert (told().standing, told().why) == ("at work", "")
