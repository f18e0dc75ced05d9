"""Every check finds its promise broken in evidence made by hand, and no other check takes offence at kept ones."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.torture.evidence import (
    ARCHIVE,
    BACK,
    BACKUP,
    CLONE,
    COPY,
    EMPTY,
    FAILED,
    GB,
    GIVEN,
    GONE,
    GROUP,
    HIDDEN,
    OLDER,
    OTHER,
    PROVED,
    PRUNED,
    SAVED,
    SEEN,
    SNAP,
    by_admin,
    changed_lun,
    kept,
    record,
    sent,
    with_commands,
    with_entry,
    with_image,
    with_key,
    with_record,
    without_lun,
    without_snapshot,
)
from vnx_jobs.model.array import BLOCKS_PER_GB, Group, Lun, Session, Snapshot, StorageGroup
from vnx_jobs.model.states import State
from vnx_jobs.torture.checks.promises import PROMISES
from vnx_jobs.torture.evidence import Evidence

CHECKS = dict(PROMISES)
LOST, ENDS, STANDS, LEFT, TRUTH, ORPHANS, DOUBLED, TURNS, LIMITS, THEIRS, CLAIMS, SLOTS, NUMBERS, HOSTS, BACKUPS = (
    CHECKS
)
_BACKUP_HOST = StorageGroup("backup-host", ((1, 20003),))
Break = Callable[[Evidence], Evidence]


def _with_lun(name: str, number: int) -> Break:
    lun = Lun(number, name, f"uid-{number}", BLOCKS_PER_GB, "pool_1", thin=True)
    return lambda it: replace(it, luns=(*it.luns, lun))


def _with_snapshot(name: str) -> Break:
    return lambda it: replace(it, snapshots=(*it.snapshots, Snapshot(name, 100, 100, "")))


def _changed(it: Evidence, operation: str, name: str, **spec: str) -> Evidence:
    """Return the same evidence with a job that says that it changed a volume."""
    return replace(it, records={**it.records, "changed": record("changed", operation, name, spec=spec)})


def _seeing(*luns: tuple[int, int]) -> tuple[StorageGroup, ...]:
    return (StorageGroup("esx", luns),)


def _stuck(it: Evidence) -> Evidence:
    left = f"snapshot {HIDDEN}: naviseccli snap -destroy -id {HIDDEN} -o"
    return with_record(it, COPY, state=State.STUCK, leftovers=(left,))


def _with(*commands: tuple[float, str], fault: str = "", seconds: float = 0.1) -> Break:
    first = commands[0]
    more = [
        sent(at, *words.split(), fault=fault if (at, words) == first else "", seconds=seconds) for at, words in commands
    ]
    return lambda it: with_commands(it, *more)


def _held_back(it: Evidence) -> Evidence:
    words = ("lun", "-attach", "-l", "20000", "-snapName", HIDDEN)
    held, landed = sent(20, *words, fault="hold", changed=False), sent(28, *words, fault="landed")
    return with_commands(it, held, sent(26, "lun", "-list", "-l", "20000", changed=False), landed)


def _many_snapshots(it: Evidence) -> Evidence:
    names = [f"more-{n}" for n in range(254)]
    return with_commands(it, *(by_admin(50, "snap", "-create", "-res", "100", "-name", name) for name in names))


def _refused_at_the_limit(it: Evidence) -> Evidence:
    answer = "SP A: The maximum number of snapshot mount points for the primary LUN has been reached."
    refused = sent(50, "lun", "-create", "-type", "snap", "-primaryLun", "100", "-l", "20009", changed=False)
    return with_commands(it, replace(refused, answer=answer, status=1))


BROKEN: list[tuple[str, Break, str]] = [
    (LOST, lambda it: replace(it, records={k: v for k, v in it.records.items() if k != SNAP}), "has no record"),
    (LOST, lambda it: replace(it, asked={k: v for k, v in it.asked.items() if k != SNAP}), "nobody asked for it"),
    (LOST, lambda it: with_record(it, CLONE, key="k-1"), "came of one request"),
    (LOST, lambda it: with_record(it, SNAP, spec={"name": "tuesday"}), "another request"),
    (ENDS, lambda it: with_record(it, COPY, state=State.WAITING), "still WAITING"),
    (ENDS, lambda it: with_record(it, COPY, state=State.PAUSED), "still PAUSED"),
    (STANDS, lambda it: without_lun(it, "copy"), "copy SUCCEEDED and is not there"),
    (STANDS, lambda it: without_lun(it, "twin"), "twin SUCCEEDED and is not there"),
    (STANDS, lambda it: without_lun(it, "empty"), "empty SUCCEEDED and is not there"),
    (STANDS, lambda it: without_snapshot(it, "monday"), "monday SUCCEEDED and is not there"),
    (STANDS, lambda it: without_snapshot(it, HIDDEN), "not its own snapshot"),
    (STANDS, lambda it: changed_lun(it, "copy", attached="monday"), "not its own snapshot"),
    (STANDS, lambda it: changed_lun(it, "copy", primary="empty"), "hangs on empty, not on src"),
    (STANDS, lambda it: changed_lun(it, "twin", primary="src"), "still a mount point"),
    (STANDS, lambda it: changed_lun(it, "twin", blocks=1), "has 1 blocks"),
    (STANDS, lambda it: changed_lun(it, "twin", number=20002), "has number 20002"),
    (STANDS, lambda it: changed_lun(it, "empty", thin=True), "not what was asked for"),
    (STANDS, lambda it: replace(it, digests={**it.digests, "twin": "d2"}), "does not hold the bytes of src"),
    (STANDS, lambda it: replace(it, digests={**it.digests, "copy": "d2"}), "does not hold the bytes of src"),
    (STANDS, lambda it: changed_lun(it, "empty", blocks=BLOCKS_PER_GB), "was extended to 2 GB"),
    (STANDS, lambda it: changed_lun(it, "empty", blocks=3 * BLOCKS_PER_GB), "not what was asked for"),
    (STANDS, lambda it: without_snapshot(it, BACKUP), f"{BACKUP} SUCCEEDED and is not there"),
    (STANDS, lambda it: replace(it, groups=()), "group pair SUCCEEDED and is not there"),
    (STANDS, lambda it: replace(it, groups=(Group("pair", (100,)),)), "group pair has members"),
    (STANDS, lambda it: _changed(it, "migrate-volume", "twin", pool="pool_2"), "was moved to pool_2"),
    (STANDS, lambda it: _changed(it, "promote-volume", "copy"), "still a mount point"),
    (STANDS, lambda it: _changed(it, "rename-volume", "twin", new_name="other"), "other is not there"),
    (LEFT, lambda it: with_record(it, GROUP, state=State.FAILED), "group pair is there"),
    (LEFT, lambda it: with_record(it, BACK, state=State.CANCELLED), f"snapshot {BACKUP} is there"),
    (LEFT, _with_lun("broken", 20006), "volume broken is there"),
    (LEFT, _with_snapshot(f"vja-{FAILED}-snap"), f"vja-{FAILED}-snap is there"),
    (
        LEFT,
        lambda it: without_lun(
            with_record(it, GONE, spec={"operation": "delete-volume", "name": "copy"}, state=State.FAILED), "copy"
        ),
        "copy is gone",
    ),
    (TRUTH, lambda it: with_record(it, FAILED, state=State.STUCK), "does not say what remains"),
    (TRUTH, lambda it: with_record(it, FAILED, state=State.STUCK, leftovers=("x",)), "nothing of it remains"),
    (ORPHANS, _with_snapshot("vja-01M81YQCWBXN3Y7D3JVFVRK4NZ-snap"), "no job answers for it"),
    (ORPHANS, _with_snapshot(f"vja-{CLONE}-snap"), "no job answers for it"),
    (ORPHANS, lambda it: without_lun(it, "copy"), "no job answers for it"),
    (ORPHANS, _with_lun("stray", 20008), "no job made it"),
    (ORPHANS, lambda it: replace(it, sessions=(Session(20001, 20002, "FAULTED", 3),)), "session of LUN 20001"),
    (DOUBLED, _with((20, f"snap -create -res 100 -name {HIDDEN}")), "carried out 2 times"),
    (DOUBLED, _with((20, "migrate -start -source 20001 -dest 20002")), "carried out 2 times"),
    (DOUBLED, _with((20, "lun -create -type snap -l 20000 -name copy")), "carried out 2 times"),
    (DOUBLED, _with((20, "lun -expand -l 20003 -capacity 2 -sq gb")), "carried out 2 times"),
    (DOUBLED, _with((20, "snap -group -create -name pair -res 100")), "carried out 2 times"),
    (DOUBLED, _with((20, f"snap -restore -id monday -res 100 -bakName {BACKUP}")), "carried out 2 times"),
    (HOSTS, lambda it: replace(it, storage_groups=_seeing((1, 20003), (2, 20003))), "is shown 2 times"),
    (HOSTS, lambda it: replace(it, storage_groups=_seeing((1, 20003), (2, 20001))), "no record says so"),
    (HOSTS, lambda it: replace(it, storage_groups=_seeing()), "is not shown"),
    (HOSTS, lambda it: replace(it, storage_groups=_seeing()), "no host sees it"),
    (HOSTS, lambda it: with_record(it, SEEN, state=State.FAILED), "hosts see empty"),
    (HOSTS, lambda it: with_key(it, "h:hlus:box:esx", **{"7": "3"}), "7 of esx is held and shows nothing"),
    (HOSTS, lambda it: replace(it, keys={**it.keys, "h:hlus:box:esx": {}}), "1 of esx is used and not held"),
    (CLAIMS, lambda it: with_key(it, "h:group:box:pair", **{CLONE: "3"}), f"still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "h:mapping:box:uid-empty", **{CLONE: "3"}), f"still holds {CLONE}"),
    (TURNS, _with((20.0, "lun -attach -l 20000"), (20.5, "lun -list -l 20000"), seconds=1.0), "0.50 s too early"),
    (
        TURNS,
        _with((20.0, "lun -attach -l 20000"), (23.0, "lun -list -l 20000"), fault="lost-answer"),
        "1.50 s too early",
    ),
    (TURNS, _with((20.0, f"snap -modify -id {HIDDEN}"), (20.0, "lun -list -l 20000")), "too early"),
    (TURNS, _held_back, "2.00 s too early"),
    (LIMITS, _many_snapshots, "more than 256 snapshots"),
    (LIMITS, _refused_at_the_limit, "refused"),
    (
        LIMITS,
        _with(*((20.0 + n / 10, f"migrate -start -source {n} -dest 1{n}") for n in range(3))),
        "migration sessions",
    ),
    (
        LIMITS,
        _with(*((30.0, f"lun -create -type snap -primaryLun 100 -l {n}") for n in range(255))),
        "255 mount points",
    ),
    (THEIRS, lambda it: without_snapshot(it, "theirs"), "theirs (snapshot:theirs) of another administrator is gone"),
    (THEIRS, lambda it: without_lun(it, "src"), "src (number:100) of another administrator is gone"),
    (THEIRS, _with((20, "snap -destroy -id theirs -o")), "which is another administrator's"),
    (CLAIMS, lambda it: with_key(it, "h:volume:box:uid-src", **{CLONE: "3"}), f"still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "h:pin:box:uid-src", **{CLONE: "3"}), f"still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "h:migrations:box", **{CLONE: "3"}), f"still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "h:repository:box:uid-src", **{CLONE: "3"}), f"still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, f"transfer:{CLONE}/0", host="mover"), "still holds host"),
    (CLAIMS, lambda it: with_key(it, "transfers:mover", **{f"{CLONE}/0": "3"}), f"still holds {CLONE}/0"),
    (CLAIMS, lambda it: with_key(it, "copying", **{f"{CLONE}/0": "3"}), f"still holds {CLONE}/0"),
    (CLAIMS, lambda it: with_key(it, "asked", **{CLONE: "[0]"}), f"still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "q:copies:box:uid-src", **{CLONE: "3"}), f"still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "slots:box", owner="2000"), "still holds owner"),
    (CLAIMS, lambda it: with_key(it, "parked:box", **{CLONE: "{}"}), f"still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "due", **{CLONE: "3"}), f"due still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "ready:box", batch="3"), "ready:box still holds batch"),
    (CLAIMS, lambda it: with_key(it, "ready:box:batch", **{CLONE: "3"}), f"ready:box:batch still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "chains:box", **{CLONE: "3"}), f"chains:box still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "held", box="torture"), "held still holds box"),
    (CLAIMS, lambda it: with_key(it, "away", box="it does not answer"), "away still holds box"),
    (CLAIMS, lambda it: with_key(it, "frozen", box="3"), "frozen still holds box"),
    (CLAIMS, lambda it: with_key(it, "live", **{CLONE: ""}), f"live still holds {CLONE}"),
    (CLAIMS, lambda it: with_key(it, "makes:box", **{"volume:twin": CLONE}), "still holds volume:twin"),
    (CLAIMS, lambda it: with_key(it, "own:numbers:box", **{"20001": CLONE}), "still holds 20001"),
    (CLAIMS, lambda it: with_key(it, "lim", **{"copies:box:gone": "255"}), "still holds copies:box:gone"),
    (CLAIMS, lambda it: with_key(it, f"job:{CLONE}/p", st="W"), "still holds st"),
    (SLOTS, lambda it: with_key(it, "h:copies:box:uid-src", stale="3"), "holds stale, which the array does not show"),
    (SLOTS, lambda it: with_key(it, "h:mounts:box:uid-gone", stale="3"), "holds stale, which the array does not show"),
    (SLOTS, _with_snapshot("tuesday"), "does not hold tuesday"),
    (NUMBERS, lambda it: with_key(it, "h:numbers:box", **{"20009": "3"}), "20009 is held and no LUN has it"),
    (NUMBERS, _with_lun("vol", 20009), "20009 stands and is not held"),
    (NUMBERS, lambda it: with_key(it, "n:numbers:box", **{"20000": "3"}), "both held and free"),
    (NUMBERS, lambda it: replace(it, numbers=range(20000, 20011)), "20010 is neither held nor free"),
    (STANDS, lambda it: without_lun(it, "given"), "given SUCCEEDED and is not there"),
    (STANDS, lambda it: changed_lun(it, "given", pool="pool_2"), "given is not what was asked for"),
    (STANDS, lambda it: changed_lun(it, "given", blocks=1), "given has 512 bytes"),
    (LEFT, lambda it: with_record(it, GIVEN, state=State.FAILED), "volume given is there"),
    (LEFT, lambda it: _with_lun(f"vja-{SAVED}-mount0", 20004)(with_record(it, SAVED, state=State.FAILED)), "mount0 is"),
    (ORPHANS, _with_snapshot(f"vja-{SAVED}-snap0"), "no job answers for it"),
    (ORPHANS, _with_lun(f"vja-{SAVED}-mount0", 20004), "no job answers for it"),
    (ORPHANS, _with_lun(f"vja-{PROVED}-drill", 20005), "no job answers for it"),
    (HOSTS, lambda it: replace(it, storage_groups=(*it.storage_groups, _BACKUP_HOST)), "no record says so"),
    (BACKUPS, lambda it: replace(it, catalogue=()), "the catalogue does not know it"),
    (BACKUPS, lambda it: with_entry(it, digest=OTHER), "something else than job"),
    (BACKUPS, lambda it: with_entry(it, job=f"{COPY[:-1]}Z"), "its job is not on record"),
    (BACKUPS, lambda it: with_record(it, SAVED, state=State.FAILED), "its job ended FAILED"),
    (BACKUPS, lambda it: with_record(it, SAVED, state=State.CANCELLED), "its job ended CANCELLED"),
    (BACKUPS, lambda it: replace(it, images={}), "not in the repository"),
    (BACKUPS, lambda it: with_image(it, ARCHIVE, sealed=False), "incomplete in the repository"),
    (BACKUPS, lambda it: with_image(it, ARCHIVE, size=GB - 512), f"and {GB - 512} in the repository"),
    (BACKUPS, lambda it: with_image(it, ARCHIVE, digest=OTHER), f"{OTHER} in the repository"),
    (BACKUPS, lambda it: with_image(with_entry(it, digest=OTHER), ARCHIVE, digest=OTHER), "not what src-1 holds"),
    (BACKUPS, lambda it: changed_lun(it, "src-1", blocks=1), "and src-1 has 512"),
    (BACKUPS, lambda it: with_image(it, f"box-src-1-20240101T000000Z-{FAILED}"), "the catalogue does not know it"),
    (BACKUPS, lambda it: with_image(it, OLDER), "was removed and is in the repository"),
    (BACKUPS, lambda it: replace(it, contents={**it.contents, "given": OTHER}), "given does not hold the bytes"),
    (BACKUPS, lambda it: with_entry(it, proved=None), "proved"),
    (BACKUPS, lambda it: with_entry(it, verified=None), "verified"),
]


@pytest.mark.parametrize("promise", CHECKS)
def test_evidence_of_a_good_run_breaks_no_promise(promise: str) -> None:
    """A run in which all went well is not accused."""
    assert CHECKS[promise](kept()) == []


@pytest.mark.parametrize(("promise", "broken", "said"), BROKEN, ids=lambda one: one if isinstance(one, str) else "")
def test_a_broken_promise_is_found(promise: str, broken: Break, said: str) -> None:
    """Evidence of one breach makes the promise's own check say what is wrong."""
    assert [breach for breach in CHECKS[promise](broken(kept())) if said in breach]


def test_every_promise_has_a_case_that_breaks_it() -> None:
    """A check that was never seen to fail is worth nothing."""
    assert {promise for promise, _, _ in BROKEN} == set(CHECKS)


def test_a_stuck_job_may_keep_what_it_names() -> None:
    """What a stuck job says it left is no orphan, and what it holds is no leak."""
    stuck = with_key(_stuck(kept()), "h:volume:box:uid-src", **{COPY: "3"})
    assert [breach for check in CHECKS.values() for breach in check(stuck)] == []


def test_a_command_may_follow_when_settling_is_over() -> None:
    """A command without an answer, and the next one of its job late enough."""
    late = _with((20.0, "lun -attach -l 20000"), (24.6, "lun -list -l 20000"), fault="lost-answer")
    assert CHECKS[TURNS](late(kept())) == []


def test_a_command_may_follow_one_that_hung_and_was_answered() -> None:
    """It hung shorter than its client waits: its answer came, and the next command of its job at once after it."""
    hung = _with((20.0, "lun -attach -l 20000"), (21.6, "lun -destroy -l 20000"), fault="hang", seconds=1.5)
    assert CHECKS[TURNS](hung(kept())) == []


def test_a_migration_that_is_over_or_cancelled_counts_no_more() -> None:
    """Sessions one after the other keep to a limit of two."""
    words = [(20.0 + n, f"migrate -start -source {n} -dest 1{n}") for n in range(5)]
    assert CHECKS[LIMITS](_with(*words)(kept())) == []


def test_what_was_deleted_on_request_is_not_missed() -> None:
    """A volume that SUCCEEDED and was deleted by a later job that SUCCEEDED need not stand."""
    gone = record(GONE, "delete-volume", "empty")
    evidence = without_lun(replace(kept(), records={**kept().records, GONE: gone}), "empty")
    assert CHECKS[STANDS](evidence) == []
    assert EMPTY in evidence.records


def test_a_backup_that_was_removed_on_request_is_not_missed() -> None:
    """A backup that SUCCEEDED need be neither known nor stored once a later pruning has removed it."""
    pruned = with_record(kept(), PRUNED, facts={"going": f'["{ARCHIVE}"]'})
    assert CHECKS[BACKUPS](replace(pruned, catalogue=(), images={})) == []


def test_what_a_stuck_pruning_has_left_of_a_backup_is_no_breach() -> None:
    """A pruning that is stuck may have removed the image and not the entry, or neither."""
    stuck = with_record(kept(), PRUNED, state=State.STUCK, facts={"going": f'["{ARCHIVE}"]'})
    assert CHECKS[BACKUPS](stuck) == []
    assert CHECKS[BACKUPS](replace(stuck, images={})) == []
