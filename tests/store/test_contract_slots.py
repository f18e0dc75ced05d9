"""The contract of command slots: a limited number of commands in flight, whoever sends them."""

import contextlib
import itertools
from collections.abc import Iterator

import pytest

from vnx_jobs.adapters.memory.slots import MemoryCommandSlots
from vnx_jobs.adapters.redis import slots as redis_slots
from vnx_jobs.adapters.redis.server import Server, connect
from vnx_jobs.adapters.redis.slots import RedisCommandSlots
from vnx_jobs.model.errors import ArrayError, Verdict
from vnx_jobs.ports import CommandSlots


class ShortClock:
    """A clock that goes on a little with each look, so that a short lease ends while somebody asks."""

    def __init__(self) -> None:
        self._looks = itertools.count()

    def monotonic(self) -> float:
        """Return the number of looks, in tenths of seconds."""
        return next(self._looks) / 10


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for a slot for long."""
    monkeypatch.setattr(redis_slots, "_PATIENCE", 0.05)


@pytest.fixture(params=["redis", "memory"])
def slots(request: pytest.FixtureRequest, impatient: None) -> Iterator[CommandSlots]:
    """Return two slots of one array, over each kind of state server."""
    del impatient
    counts = {"box": 2, "other": 1}
    if request.param == "memory":
        yield MemoryCommandSlots(ShortClock(), counts)
        return
    with contextlib.closing(connect(request.getfixturevalue("valkey_url"))) as client:
        yield RedisCommandSlots(Server(client, request.getfixturevalue("prefix")), counts)


def test_slots_are_limited_and_given_back(slots: CommandSlots) -> None:
    """A third command finds no slot and is told so; when one is given back it finds it."""
    with slots.hold("box", 30.0):
        with slots.hold("box", 30.0), pytest.raises(ArrayError, match="2 command slots of box") as caught:
            slots.hold("box", 30.0).__enter__()
        assert caught.value.verdict is Verdict.NO_SLOT
        with slots.hold("box", 30.0):
            pass


def test_each_array_has_its_own(slots: CommandSlots) -> None:
    """A busy array keeps nobody from another."""
    with slots.hold("box", 30.0), slots.hold("box", 30.0), slots.hold("other", 30.0):
        pass


def test_a_slot_is_given_back_after_an_error(slots: CommandSlots) -> None:
    """Whatever becomes of the command, its slot is free afterwards."""
    for _ in range(3):
        with pytest.raises(ArrayError, match="refused"), slots.hold("other", 30.0):
            raise ArrayError(Verdict.REFUSED, "refused")


def test_the_slot_of_a_dead_process_is_free_when_its_time_is_over(slots: CommandSlots) -> None:
    """A slot is a lease: who never gives it back loses it by the clock, since the command cannot run longer."""
    dead = slots.hold("other", 0.02)
    dead.__enter__()
    with slots.hold("other", 30.0):
        pass
