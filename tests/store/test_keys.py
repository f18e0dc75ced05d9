"""The keys in the state server: which there are, what is left of jobs that ended, and what they cost."""

from collections.abc import Iterable
from typing import Final

import pytest

from tests.store.world import (
    ADVANCED,
    BACKED_OFF,
    BOX,
    DAY,
    NUMBERS,
    SUCCEEDED,
    RedisWorld,
    entry,
    held_back,
    locked,
    numbers,
    permit,
    shared,
    slot,
    terms,
)
from vnx_jobs.model.array import Lun
from vnx_jobs.model.claim import in_rank
from vnx_jobs.model.condition import SessionOver
from vnx_jobs.model.keys import copies_key, mounts_key, name_key, pin_key, snapshots_key, volume_key
from vnx_jobs.model.names import new_job_id, temporary_name
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.states import State
from vnx_jobs.ports import Change, Entry, Lists, Turn

BYTES_A_JOB: Final = 2048
"""What a finished snap copy may cost in the state server, with its indexes and its key."""
BYTES_A_JOB_OF_REDIS: Final = 2560
"""The same in a Redis, which keeps small values less tightly: 6.2 took 2,388."""
UID: Final = "60:06:01:60:5B:B0:2E:00:8C:8E:43:62:C5:5D:E1:11"
STEPS: Final = ("take-snapshot", "create-mount-point", "attach-snapshot", "learn-identity")


def snap_copy(count: int) -> Entry:
    """Return a snap copy as submission makes it."""
    job = new_job_id()
    hidden = temporary_name("a", job, "snap")
    name = f"dev-database-{count:04}"
    claims = in_rank(
        [
            slot(copies_key(BOX, UID), 255_000, hidden, refuse=True, keep=True),
            slot(mounts_key(BOX, UID), 255_000, hidden, refuse=True, keep=True),
            slot(snapshots_key(BOX, UID), 256_000, hidden, refuse=True, keep=True),
            numbers("volume", refuse=True, span=range(10_000, 12_000)),
            locked(name_key(BOX, name)),
            shared(volume_key(BOX, UID)),
            shared(pin_key(BOX, UID)),
        ]
    )
    spec = {
        "array": BOX,
        "operation": "snap-copy",
        "name": name,
        "source": "production-database",
        "snapshot": None,
        "on_limit": "refuse",
    }
    return entry(
        job,
        *claims,
        makes=(f"volume:{name}",),
        digest="0123456789abcdef01234567",
        spec=spec,
        operation="snap-copy",
        steps=STEPS,
        facts={"source_number": 17, "source": "production-database", "primary_number": 17},
        key=f"nightly-2026-11-22-{name}",
        batch="nightly-2026-11-22",
        row=name,
        by="provisioning",
    )


def run(world: RedisWorld, job: str) -> None:
    """Let a snap copy succeed, as if its steps were one."""
    facts: Facts = {"uid": UID, "number": 10_000}
    turn = world.store.take(job, 0, terms(10.0, 10.0, *STEPS))
    assert isinstance(turn, Turn)
    assert world.store.commit(turn, Change(State.SUCCEEDED, "ended", cursor=len(STEPS), facts=facts)) is not None


def bytes_used(world: RedisWorld) -> int:
    """Return what all keys cost, the event stream left out."""
    keys = [str(key) for key in world.client.scan_iter(match=f"{world.prefix}*", count=1000)]
    with world.client.pipeline(transaction=False) as pipe:
        for key in keys:
            if not key.endswith(":events"):
                pipe.memory_usage(key, samples=0)
        return sum(map(int, pipe.execute()))


DOCUMENTED: Final = {
    *("seq", "lim", "gone", "todo", "commits", "now", "live", "ended", "due", "events"),
    *("h", "q", "p", "n", "own", "job", "batch", "key", "parked", "deps", "makes", "inv", "others", "role", "slots"),
    *("server", "past", "workers", "asking", "frozen", "chains", "ready", "bounds", "held", "away", "access"),
    *("backup", "backups", "backed", "transfer", "transfers", "copying", "asked"),
    *("schedule", "schedules"),
    *("batches", "gates", "gate", "gated", "behind"),
}
"""Every key there may be: its name, or what stands before its first colon."""


def names(world: RedisWorld) -> set[str]:
    """Return the kinds of keys that there are."""
    return {key.partition(":")[0] for key in world.keys()}  # noqa: SIM118 -- a world is no mapping


def lead_a_full_life(world: RedisWorld) -> list[str]:
    """Let jobs meet everything that leaves a key; return their ids, none of which has ended."""
    world.accept(entry("holder", locked("v"), slot("copies", 2, keep=True), numbers(), key="k1", batch="m"))
    world.accept(entry("waiter", shared("v"), slot("copies", 2), makes=("volume:w",), key="k2", batch="m"))
    world.accept(held_back("dependent", after=("holder", "waiter"), makes=("volume:d",)))
    world.accept(entry("migrates"))
    world.accept(entry("queues"))
    assert world.permit("migrates", permit())
    assert not world.permit("queues", permit())
    world.accept(entry("parked"))
    world.commit("parked", Change(State.WAITING, "parked", "x", condition=SessionOver(1, 2)))
    world.accept(entry("backs-off"))
    world.commit("backs-off", BACKED_OFF)
    world.accept(entry("stuck", slot("mounts", 2)))
    world.commit("stuck", Change(State.STUCK, "stuck", "x", leftovers=("a",)))
    world.store.submit([entry("refused", numbers(), slot("copies", 2, refuse=True))])
    world.store.lease("sweep", "me", 60.0)
    return ["holder", "waiter", "migrates", "queues", "parked", "backs-off", "dependent"]


def end_all(world: RedisWorld, jobs: Iterable[str]) -> None:
    """Let every job come to its end."""
    world.store.resume(["parked"])
    world.advance(20)
    for job in jobs:
        world.commit(job, SUCCEEDED if world.record(job).admitted else Change(State.CANCELLED, "ended", "x"))


def test_every_key_is_documented(redis_only: RedisWorld) -> None:
    """Whatever jobs do, there are no other keys than the scripts name in their headers."""
    world = redis_only
    jobs = lead_a_full_life(world)
    ticket, begun = world.inventory.ticket()
    lun = Lun(1, "gold", UID, 4096, "pool", thin=True)
    world.inventory.store(BOX, Lists(begun, ticket, luns=(lun,), snapshots=(), sessions=(), pools=()), NUMBERS)
    seen = names(world)
    end_all(world, jobs)
    assert seen | names(world) <= DOCUMENTED
    assert {"parked", "deps", "makes", "q", "p"} <= seen


def test_what_is_left_when_everything_has_ended(redis_only: RedisWorld) -> None:
    """After the last end only records, keys, kept places and the rotation of numbers remain."""
    world = redis_only
    end_all(world, lead_a_full_life(world))
    left = world.keys()
    assert left["live"] == {"stuck"}
    assert left.keys() - {key for key in left if key.startswith("job:")} == {
        *("seq", "lim", "gone", "commits", "now", "live", "ended", "events", "batch:m", "batches", "key:k1", "key:k2"),
        *("server", "bounds", "role:sweep", f"n:numbers:{BOX}", f"h:numbers:{BOX}", "h:copies", "h:mounts"),
    }
    assert left["h:copies"].keys() == {"holder"}
    assert left[f"h:numbers:{BOX}"].keys() == {"500"}
    assert left["lim"].keys() == {f"numbers:{BOX}", "copies", "mounts"}
    assert left["ended"].keys() == {key.removeprefix("job:") for key in left if key.startswith("job:")} - {"stuck"}


def test_removed_records_leave_no_key(redis_only: RedisWorld) -> None:
    """When the days of the setting are over, nothing is left of a job but its key's memory and its places."""
    world = redis_only
    world.accept(entry("J", locked("v"), slot("copies", 1), key="k", batch="m", makes=("volume:x",)))
    world.accept(held_back("K", behind=("J",)))
    world.succeed("J")
    world.commit("K", Change(State.CANCELLED, "ended", "x"))
    world.advance(7 * DAY)
    world.store.due(10)
    assert world.keys().keys() == {"seq", "commits", "now", "gone", "events", "key:k", "server", "bounds"}
    assert 13 * DAY < int(world.client.ttl(f"{world.prefix}key:k")) <= 14 * DAY


def test_the_event_stream_tells_a_jobs_life(redis_only: RedisWorld) -> None:
    """Each change is one event with job, word, state, step and reason, in order, for whoever follows the stream."""
    world = redis_only
    world.accept(entry("A", locked("v")))
    world.accept(entry("B", locked("v")))
    world.commit("A", ADVANCED)
    world.commit("A", SUCCEEDED)
    world.commit("B", BACKED_OFF)
    told = [tuple(fields.values()) for _, fields in world.server.events("0", 1.0)]
    assert told == [
        ("A", "submitted", "QUEUED", "", ""),
        ("B", "submitted", "WAITING", "", "waits for its turn at v"),
        ("A", "advanced", "RUNNING", "one", ""),
        ("A", "ended", "SUCCEEDED", "two", ""),
        ("B", "granted", "QUEUED", "", ""),
        ("B", "backed-off", "WAITING", "one", "busy"),
    ]
    last = world.server.events("0", 1.0)[-1][0]
    assert world.server.events(last, 0.01) == []


@pytest.mark.slow
def test_a_finished_job_costs_little(redis_only: RedisWorld) -> None:
    """A thousand finished snap copies cost at most 2 KB each: record, indexes, key and places, without events."""
    world = redis_only
    first, *jobs = (snap_copy(count) for count in range(1001))
    world.accept(first)
    run(world, first.record.id)
    before = bytes_used(world)
    world.store.submit(jobs)
    for one in jobs:
        run(world, one.record.id)
    cost = (bytes_used(world) - before) / len(jobs)
    assert cost <= (BYTES_A_JOB if "valkey_version" in world.client.info("server") else BYTES_A_JOB_OF_REDIS)
