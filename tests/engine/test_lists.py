"""When the watch reads an array: at its ticks, and out of turn when that serves many at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.installation import Installation

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
