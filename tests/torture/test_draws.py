"""Load and misfortunes are drawn whole from the seed."""

import itertools
from collections import Counter

import pytest

from vnx_jobs.model.orders import Order
from vnx_jobs.model.specs import parse
from vnx_jobs.torture import load, schedule
from vnx_jobs.torture.backup_load import with_backups
from vnx_jobs.torture.schedule import Kind

LEASE = 7.5
"""Seconds that a turn is protected on the stage."""


def test_one_seed_draws_one_load_and_one_schedule() -> None:
    """The same seed replays, another one does not."""
    assert load.draw(7, 50, 60, crowded=True) == load.draw(7, 50, 60, crowded=True)
    assert load.draw(7, 50, 60, crowded=True) != load.draw(8, 50, 60, crowded=True)
    assert schedule.draw(7, 60) == schedule.draw(7, 60)
    assert schedule.draw(7, 60) != schedule.draw(8, 60)


@pytest.mark.parametrize("seed", range(5))
def test_a_load_is_mixed_and_sound(seed: int) -> None:
    """Every request can be parsed, names are asked for once, predecessors come first, and every kind is there."""
    asked = with_backups(load.draw(seed, 300, 120, crowded=True), seed, 120)
    specs = [parse({**one.fields, **_backup(one), "array": "box"}) for one in asked]
    made = [thing for spec in specs for thing in spec.makes]
    assert len(set(made)) == len(made)
    assert all(before < one.number for one in asked for before in one.after)
    assert [one.at for one in asked] == sorted(one.at for one in asked)
    kinds = Counter(spec.operation for spec in specs)
    assert len(kinds) == 22
    assert min(kinds.values()) > 1
    orders = Counter(order for one in asked for _, order in one.orders)
    assert orders[Order.CANCEL] > 5
    assert orders[Order.PAUSE] == orders[Order.RESUME] > 5


def _backup(one: load.Asked) -> dict[str, str]:
    """Return what names the backup, as it does once it is known."""
    if one.of is None:
        return {}
    return {"volume": "src-1"} if one.fields["operation"] == "prune-backups" else {"backup": "box-src-1"}


@pytest.mark.parametrize("seed", range(5))
def test_backups_leave_the_rest_of_the_load_as_it_was(seed: int) -> None:
    """Requests of other kinds are those that the seed draws without backups; what needs a backup comes after it."""
    others = load.draw(seed, 30, 30, crowded=False)
    asked = with_backups(others, seed, 30)
    assert tuple(one for one in asked if one.number < 30) == others
    made = {one.number: one.at for one in asked if one.fields["operation"] == "backup"}
    following = [one for one in asked if one.of is not None]
    assert (len(made), len(following)) == (3, 3)
    assert all(made[one.of] <= one.at for one in following if one.of is not None)


@pytest.mark.parametrize("seed", range(5))
def test_a_schedule_holds_every_kind_and_leaves_the_stack_time_to_stand(seed: int) -> None:
    """In twenty minutes everything happens, processes outlast leases; the server is never killed twice within 20 s."""
    drawn = schedule.draw(seed, 1200)
    assert {one.kind for one in drawn} == set(Kind)
    assert all(0 < one.at < 1200 for one in drawn)
    killed = [one.at for one in drawn if one.kind is Kind.KILL_SERVER]
    assert all(after - before >= 20 for before, after in itertools.pairwise(killed))
    stopped = {Kind.STOP_CHILD, Kind.STOP_WORKER, Kind.STOP_HEARTBEAT}
    assert all(one.seconds > LEASE for one in drawn if one.kind in stopped)
    assert any(one.seconds > LEASE for one in drawn if one.kind is Kind.STOP_SERVER)
    away = {one.fault.partition(":")[0] for one in drawn if one.kind is Kind.FAULT and one.seconds}
    assert away == {"sp-down", "network-error", "credentials"}
