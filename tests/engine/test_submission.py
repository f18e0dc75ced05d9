"""What submission accepts, refuses, queues and resolves; a refusal costs no array command and leaves nothing."""

from pathlib import Path
from typing import Any

import pytest

from tests.backup_host import HOST, REPOSITORY
from tests.installation import Installation
from vnx_jobs import engine
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.model.array import THICK
from vnx_jobs.model.errors import Code, Refused, Verdict
from vnx_jobs.model.states import State


def refusal(installation: Installation, operation: str, **fields: Any) -> Refused:
    """Submit what must be refused; nothing may be stored and no command sent for it."""
    jobs, commands = len(installation.store.find()), len(installation.vnx.audit)
    with pytest.raises(Refused) as caught:
        installation.submit(operation, **fields)
    assert (len(installation.store.find()), len(installation.vnx.audit)) == (jobs, commands)
    assert installation.bell.rings == []
    return caught.value


def test_the_256th_snap_copy_is_refused_with_the_numbers_or_waits(installation: Installation) -> None:
    """255 snap copies of one source are accepted, more are refused, or wait; one deleted lets one in."""
    jobs = [installation.submit("snap-copy", name=f"c{n}", source="gold").job for n in range(255)]
    installation.bell.rings.clear()
    error = refusal(installation, "snap-copy", name="c255", source="gold")
    assert (error.code, error.details["used"], error.details["limit"]) == (Code.COPIES_LIMIT, 255, 255)
    assert "255 of 255 snap copies of gold" in error.message
    installation.run(*jobs, limit=60)
    assert installation.do("delete-volume", name="c7").state is State.SUCCEEDED
    assert installation.do("snap-copy", name="c255", source="gold").state is State.SUCCEEDED
    waiting = installation.submit("snap-copy", name="late", source="gold", on_limit="wait")
    assert waiting.state is State.WAITING
    assert "255 of 255 in use" in installation.reads.waits_for(installation.record(waiting.job))
    assert installation.do("delete-volume", name="c0").state is State.SUCCEEDED
    assert installation.run(waiting.job)[0].state is State.SUCCEEDED
    assert refusal(installation, "snap-copy", name="c256", source="gold").code == Code.COPIES_LIMIT


def test_a_source_with_snap_copies_cannot_be_deleted(installation: Installation) -> None:
    """The refusal names the copies, finished and in the making."""
    installation.do("snap-copy", name="one", source="gold")
    installation.submit("snap-copy", name="two", source="gold")
    installation.bell.rings.clear()
    error = refusal(installation, "delete-volume", name="gold")
    assert (error.code, error.details["copies"]) == (Code.HAS_COPIES, ["one", "two"])
    assert error.message == "gold has 2 snap copies (one, two): delete them first"


def test_a_snapshot_that_is_to_be_made_is_named_by_its_job(installation: Installation) -> None:
    """Behind a snapshot that waits for a deletion, another deletion is refused, and told which job makes it."""
    installation.submit("delete-volume", name="gold")
    snapshot = installation.submit("create-snapshot", name="image", volume="gold").job
    installation.bell.rings.clear()
    error = refusal(installation, "delete-volume", name="gold")
    assert (error.code, error.details["snapshots"]) == (Code.HAS_SNAPSHOTS, [])
    assert error.message == (
        f"a snapshot of gold is being made by job {snapshot}: wait for the end of the job, or cancel it"
    )


@pytest.mark.parametrize("where", ["in Valkey", "in memory"])
def test_what_a_job_waits_for_is_told_by_names(valkey_url: str, prefix: str, tmp_path: Path, where: str) -> None:
    """The stored reason, and the answer to the submission, name volumes and no UID: of claims and of permits."""
    installation = Installation(valkey_url if where == "in Valkey" else "", prefix, tmp_path, migrations=1)
    for name in ("gold", "iron"):
        installation.make(name, content="ore")
    MemoryArray(installation.vnx).create_storage_group(HOST)
    installation.read_array()
    backup: dict[str, Any] = {"volumes": ["gold"], "repository": REPOSITORY, "host": HOST}
    clone = installation.submit("clone", name="twin", source="gold").job
    jobs = [
        *(clone, installation.submit("clone", name="other", source="iron").job),
        *(installation.submit("backup", **backup).job, installation.submit("backup", **backup).job),
        installation.submit("rename-volume", name="gold", new_name="ore").job,
        installation.submit("snap-copy", name="copy", source="twin").job,
    ]
    whys = [installation.record(job).why for job in jobs]
    assert whys == [
        *("", "", ""),
        f"waits for its turn at backups of gold in {REPOSITORY}",
        "waits for its turn at volume gold",
        f"waits for job {clone}, which is to make volume twin",
    ]
    place = "waits for a place at migration sessions of box"
    installation.until(lambda: place in {installation.record(job).why for job in jobs})
    assert {one.state for one in installation.run(*jobs)} == {State.SUCCEEDED}
    installation.close()


def test_a_delete_waits_for_a_clone_under_way_and_then_fails_no_reader(installation: Installation) -> None:
    """Deleting the source of a clone waits until the clone has ended, then deletes; the clone keeps its bytes."""
    clone = installation.submit("clone", name="twin", source="gold")
    delete = installation.submit("delete-volume", name="gold")
    assert delete.state is State.WAITING
    waits_for = installation.reads.waits_for(installation.record(delete.job))
    assert waits_for.startswith(f"waits for copies under way of gold, held by clone of twin (job {clone.job});")
    assert [one.state for one in installation.run(clone.job, delete.job)] == [State.SUCCEEDED, State.SUCCEEDED]
    assert installation.array_shows() == {"twin": "2 GB full: ore"}


def test_a_copy_that_waited_for_a_deleted_source_fails_and_leaves_nothing(installation: Installation) -> None:
    """A snap copy queued behind the delete of its source ends FAILED; nothing of it stands."""
    delete = installation.submit("delete-volume", name="gold")
    copy = installation.submit("snap-copy", name="copy", source="gold", on_limit="wait")
    assert copy.state is State.WAITING
    assert [one.state for one in installation.run(delete.job, copy.job)] == [State.SUCCEEDED, State.FAILED]
    assert installation.array_shows() == {}
    assert installation.held() == {}


@pytest.mark.parametrize(
    ("fields", "code", "part"),
    [
        ({"name": "gold", "size_gb": 1, "pool": "pool"}, Code.NAME_IN_USE, "a volume gold exists"),
        ({"name": "x", "size_gb": 1, "pool": "lake"}, Code.UNKNOWN_POOL, "has no pool 'lake' (pools: other, pool)"),
    ],
)
def test_refused_at_the_door(installation: Installation, fields: dict[str, Any], code: Code, part: str) -> None:
    """What the inventory already shows to be impossible is refused before the array is touched."""
    error = refusal(installation, "create-volume", **fields)
    assert error.code == code
    assert part in error.message


def test_an_unknown_volume_costs_one_shared_list(installation: Installation) -> None:
    """Ten jobs that name unknown volumes wait for one list together and end FAILED, no-such-volume."""
    before = len(installation.vnx.audit)
    jobs = [installation.submit("snap-copy", name=f"c{n}", source=f"ghost{n}") for n in range(10)]
    assert {job.state for job in jobs} == {State.WAITING}
    records = installation.run(*(job.job for job in jobs))
    assert {(one.state, one.code) for one in records} == {(State.FAILED, Code.NO_SUCH_VOLUME)}
    assert records[3].error == "there is no volume ghost3 on box"
    assert [command.verb for command in installation.vnx.audit[before:]] == ["luns"]


def test_a_volume_made_by_somebody_else_is_found(installation: Installation) -> None:
    """A name that the inventory does not know yet is resolved by the list, and the job runs."""
    MemoryArray(installation.vnx).create_lun(77, "new", 1, "pool", THICK)
    assert installation.do("snap-copy", name="copy", source="new").state is State.SUCCEEDED


def test_a_job_may_name_what_another_is_still_making(installation: Installation) -> None:
    """A copy of a volume in the making waits for that job, whatever its end, and then goes on."""
    first = installation.submit("create-volume", name="base", size_gb=1, pool="pool")
    copy = installation.submit("snap-copy", name="copy", source="base")
    assert (copy.state, first.job in copy.why) == (State.WAITING, True)
    assert [one.state for one in installation.run(first.job, copy.job)] == [State.SUCCEEDED, State.SUCCEEDED]


def test_a_job_behind_a_failed_maker_says_that_there_is_no_volume(installation: Installation) -> None:
    """If the job that was to make the source fails, the copy fails with no-such-volume, not with a riddle."""
    installation.vnx.plan("create_lun", refused(Verdict.REFUSED, "no room"))
    first = installation.submit("create-volume", name="base", size_gb=1, pool="pool")
    copy = installation.submit("snap-copy", name="copy", source="base")
    records = installation.run(first.job, copy.job)
    assert [(one.state, one.code) for one in records] == [
        (State.FAILED, Code.ARRAY_REFUSED),
        (State.FAILED, Code.NO_SUCH_VOLUME),
    ]


def test_after_waits_for_success_and_holds_nothing(installation: Installation) -> None:
    """A job with predecessors is WAITING and holds no claim until they have succeeded."""
    first = installation.submit("create-volume", name="a", size_gb=1, pool="pool")
    second = installation.submit("create-volume", name="b", size_gb=1, pool="pool", after=(first.job,))
    assert (second.state, installation.record(second.job).claims) == (State.WAITING, ())
    assert [one.state for one in installation.run(first.job, second.job)] == [State.SUCCEEDED, State.SUCCEEDED]


def test_after_a_failure_the_follower_is_cancelled(installation: Installation) -> None:
    """A predecessor that fails cancels the jobs behind it, one after the other, and they touch nothing."""
    installation.vnx.plan("create_lun", refused(Verdict.REFUSED, "no room"))
    first = installation.submit("create-volume", name="a", size_gb=1, pool="pool")
    second = installation.submit("create-volume", name="b", size_gb=1, pool="pool", after=(first.job,))
    third = installation.submit("create-volume", name="c", size_gb=1, pool="pool", after=(second.job,))
    records = installation.run(first.job, second.job, third.job)
    assert [one.state for one in records] == [State.FAILED, State.CANCELLED, State.CANCELLED]
    assert {one.code for one in records[1:]} == {Code.PREDECESSOR}
    assert installation.array_shows() == {"gold": "2 GB full: ore"}


def test_a_key_makes_a_submission_repeatable(installation: Installation) -> None:
    """The same key returns the same job, even when its volume exists by now; another request under it is refused."""
    first = installation.submit("snap-copy", key="k1", name="copy", source="gold")
    installation.run(first.job)
    again = installation.submit("snap-copy", key="k1", name="copy", source="gold")
    assert (again.job, again.known, again.state) == (first.job, True, State.SUCCEEDED)
    with pytest.raises(Refused) as caught:
        installation.submit("snap-copy", key="k1", name="other", source="gold")
    assert (caught.value.code, caught.value.details["job"]) == (Code.KEY_CONFLICT, first.job)


def test_two_jobs_for_one_name(installation: Installation) -> None:
    """The second of two jobs for one name is refused while the first is at it, and names it."""
    first = installation.submit("create-volume", name="a", size_gb=1, pool="pool")
    with pytest.raises(Refused, match=first.job) as caught:
        installation.submit("create-volume", name="a", size_gb=1, pool="pool")
    assert caught.value.code == Code.NAME_IN_USE


def test_a_full_number_range_refuses(installation: Installation) -> None:
    """Numbers of the private range are never given twice; when all are in use the next job is refused."""
    small = installation.box.model_copy(update={"numbers": (500, 502)})
    object.__setattr__(installation.settings, "arrays", {"box": small})
    jobs = [installation.submit("create-volume", name=f"v{n}", size_gb=1, pool="pool").job for n in range(3)]
    numbers = sorted(installation.record(job).numbers["volume"] for job in jobs)
    assert numbers == [500, 501, 502]
    with pytest.raises(Refused) as caught:
        installation.submit("create-volume", name="v3", size_gb=1, pool="pool")
    assert caught.value.code == Code.NUMBERS_LIMIT


def test_a_clone_under_way_is_deleted_once_it_is_one(installation: Installation) -> None:
    """A delete of a clone that is still being copied waits for its end, and then deletes a full copy."""
    clone = installation.submit("clone", name="twin", source="gold").job
    installation.turns()
    installation.read_array()
    delete = installation.submit("delete-volume", name="twin")
    assert delete.why == f"waits for job {clone}, which is to make volume twin"
    first, second = installation.run(clone, delete.job)
    assert (first.state, second.state, second.operation) == (State.SUCCEEDED, State.SUCCEEDED, "delete-volume")
    assert installation.array_shows() == {"gold": "2 GB full: ore"}


def test_a_snap_copy_without_its_snapshot_yet_is_deleted_once_it_is_one(installation: Installation) -> None:
    """A delete of a snap copy whose mount point is bare still waits for its end, and then deletes the snapshot too."""
    copy = installation.submit("snap-copy", name="copy", source="gold").job
    for cursor in (0, 1):
        engine.turn(installation.world, copy, cursor)
    installation.read_array()
    delete = installation.submit("delete-volume", name="copy")
    assert delete.why == f"waits for job {copy}, which is to make volume copy"
    first, second = installation.run(copy, delete.job)
    assert (first.state, second.state, second.operation) == (State.SUCCEEDED, State.SUCCEEDED, "delete-snap-copy")
    assert installation.array_shows() == {"gold": "2 GB full: ore"}
    assert installation.held() == {}


def test_a_snapshot_that_took_the_name_of_the_one_that_was_meant_is_spared(installation: Installation) -> None:
    """A deletion that waited while somebody re-created the name on another volume fails and destroys nothing."""
    installation.make("other", content="tin")
    installation.do("create-snapshot", name="monday", volume="gold")
    delete = installation.submit("delete-snapshot", name="monday").job
    array = MemoryArray(installation.vnx)
    array.destroy_snapshot("monday")
    array.create_snapshot(2, "monday", writable=False)
    installation.read_array()
    (record,) = installation.run(delete)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert installation.array_shows()["snapshot monday of other"] == "tin"
