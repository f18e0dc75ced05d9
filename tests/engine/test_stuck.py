"""A stuck job: what it says is left, what a person can do with that, and which claims it keeps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.backup_host import HOST, REPOSITORY, digest_of
from tests.cli.terminal import run_here
from tests.crash.left import LEFT_SNAPSHOT, LEFT_TARGET
from tests.engine.by_hand import SimulatedInstallation
from tests.simulator.arrays import NEVER
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.keys import kind_of
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.operations import OPERATIONS
from vnx_jobs.orders import Orders
from vnx_jobs.steps.leftovers import NOTHING

BACKUP: Final = Label("box", "spare", "60:06", "", "01ARZ3NDEKTSV4RRFFQ69G5FB0", 1_700_000_000_000, 2 << 30)
"""A backup that is there."""
_IDLE: Final = "iqn.1993-08.org.debian:01:idle"
BEFORE: Final = (
    f"storagegroup -create -gname {HOST}",
    "lun -create -capacity 2 -sq gb -poolName pool -l 1 -name gold -type Thin",
    "lun -create -capacity 2 -sq gb -poolName pool -l 2 -name spare -type Thin",
    "snap -create -res 1 -name 'last monday' -allowReadWrite no",
    "snap -create -res 1 -name theirs -allowReadWrite yes",
    "lun -create -type snap -primaryLun 1 -l 3 -name foreign",
    "lun -attach -l 3 -snapName theirs",
    "lun -create -capacity 2 -sq gb -poolName pool -l 4 -name shown -type Thin",
    "storagegroup -create -gname esx",
    "storagegroup -addhlu -hlu 1 -alu 4 -gname esx -o",
    "storagegroup -create -gname once",
    f"storagegroup -setpath -o -gname once -hbauid {_IDLE} -sp a -spport 4 -host idle -ip 10.0.0.9",
    "storagegroup -disconnecthost -host idle -gname once -o",
    "storagegroup -destroy -gname once -o",
    "snap -group -create -name wide -res 4",
    "snap -create -res wide -resType CG -name frozen -allowReadWrite no",
)
"""What another administrator has made."""


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[SimulatedInstallation]:
    """Make an installation over a simulated VNX with two volumes, a snapshot and a mount point of somebody else's."""
    made = SimulatedInstallation(valkey_url, prefix, tmp_path)
    made.type(*BEFORE)
    label = BACKUP.with_digest(digest_of("tin"))
    made.catalogue.enter(Backup.of(label, added=3, seconds=1.0, tool="files", repository=REPOSITORY))
    made.read_array()
    yield made
    made.close()


def _order(site: SimulatedInstallation, job: str, order: Order) -> None:
    Orders(site.store, site.bell, site.submission).give(job, order, "ann")


@dataclass(frozen=True)
class Row:
    """An operation, one of the commands that undo it refused, and what the job then says.

    `{job}`, `{volume}` and `{target}` stand for the job's id and its LUN numbers.
    """

    operation: str
    request: dict[str, Any]
    refused: str
    left: tuple[str, ...]
    spare: tuple[str, ...] = ()
    """Kinds of the claims that it can give back."""


_VOLUME: Final = "LUN {volume} new: naviseccli lun -destroy -l {volume} -o"
_MOUNT: Final = "mount point {volume} new: naviseccli lun -destroy -l {volume} -forceDetach -o"
_SNAP: Final = "snapshot vjt-{job}-snap: naviseccli snap -destroy -id vjt-{job}-snap -o"
_TARGET: Final = "LUN {target} vjt-{job}-target: naviseccli lun -destroy -l {target} -o"
_COPYING: Final = "migration of LUN {volume} onto LUN {target}: naviseccli migrate -cancel -source {volume} -o"
_SHOWN: Final = "mapping of LUN 2 in storage group esx: naviseccli storagegroup -removehlu -hlu {hlu-0} -gname esx -o"
_GROUP: Final = "consistency group new one: naviseccli snap -group -destroy -id 'new one'"
_MEMBER: Final = "LUN 2 in consistency group wide: naviseccli snap -group -rmmember -id wide -res 2"
_RENAMED: Final = "LUN 2 ne w, which was spare: naviseccli lun -modify -l 2 -newName spare -o"
_MOVING: Final = "migration of LUN 2 onto LUN {target}: naviseccli migrate -cancel -source 2 -o"
_PROMOTING: Final = "migration of LUN 500 onto LUN {target}: naviseccli migrate -cancel -source 500 -o"
_PROMOTING_FOREIGN: Final = "migration of LUN 3 onto LUN {target}: naviseccli migrate -cancel -source 3 -o"
_THICK: Final = {"name": "spare", "provisioning": "thick"}
_COMPRESSED: Final = {"name": "spare", "provisioning": "compressed"}
_MIGRATED: Final = ("copies", "pin", "snapshots", "volume")
_PROMOTED: Final = ("volume", "volume")
_OF_VOLUME: Final[dict[str, Any]] = {"name": "new", "source": "gold"}
_OF_COPY: Final[dict[str, Any]] = {"name": "new", "source": "foreign"}
_OF_SNAPSHOT: Final[dict[str, Any]] = {"name": "new", "snapshot": "last monday"}

_AT_HOST: Final = "in storage group vault: naviseccli storagegroup -removehlu -hlu {hlu-0} -gname vault -o"
_DEVICE: Final = f"mapping of LUN {{device-0}} {_AT_HOST}"
_NEW_SHOWN: Final = f"mapping of LUN {{volume}} {_AT_HOST}"
_SPARE_SHOWN: Final = f"mapping of LUN 2 {_AT_HOST}"
_MOUNT0: Final = "mount point {device-0} vjt-{job}-mount0: naviseccli lun -destroy -l {device-0} -forceDetach -o"
_SNAP0: Final = "snapshot vjt-{job}-snap0: naviseccli snap -destroy -id vjt-{job}-snap0 -o"
_DRILL: Final = "LUN {device-0} vjt-{job}-drill: naviseccli lun -destroy -l {device-0} -o"
_BY_HOST: Final[dict[str, Any]] = {"name": "copy", "host": HOST}
_REPLACEMENT: Final = "LUN {device-1} vjt-{job}-new: naviseccli lun -destroy -l {device-1} -o"
_REPLACED: Final = f"mapping of LUN 500 {_AT_HOST}"
_TO: Final[dict[str, Any]] = {"repository": REPOSITORY, "host": HOST}
_RESTORED: Final[dict[str, Any]] = {"backup": BACKUP.archive, "name": "new", "pool": "pool", "host": HOST}
_OVERWRITTEN: Final[dict[str, Any]] = {"backup": BACKUP.archive, "name": "spare", "overwrite": True, "host": HOST}
_DRILLED: Final[dict[str, Any]] = {"backup": BACKUP.archive, "pool": "pool", "host": HOST}
_HIDDEN: Final = ("hlus", "repository", "storage-group")
"""What is given back when the backup host sees the device no more."""

_NEW_HOST: Final = {
    "volumes": "spare",
    "host": "new",
    "mode": "rw",
    "initiators": "iqn.1993-08.org.debian:01:new",
    "ports": "B-4",
}
_IDLE_HOST: Final = _NEW_HOST | {"host": "idle", "initiators": "iqn.1993-08.org.debian:01:more"}
_UNSHOWN: Final = ("hlus", "mapping", "volume")
_OF_GROUP: Final[dict[str, Any]] = {"name": "new", "snapshot": "frozen", "member": "shown"}


def _left_of_attaching(request: dict[str, str], first: str) -> tuple[str, ...]:
    """Return what the attachment to a host without a storage group leaves, from one thing on."""
    host = request["host"]
    lines = {
        "mapping": f"mapping of LUN 2 in storage group {host}: "
        f"naviseccli storagegroup -removehlu -hlu {{hlu-0}} -gname {host} -o",
        "initiator": f"initiator {request['initiators']} of host {host}: "
        f"naviseccli port -removeHBA -hbauid {request['initiators']} -o",
        "connection": f"host idle in storage group {host}: "
        "naviseccli storagegroup -disconnecthost -host idle -gname idle -o",
        "group": f"storage group {host}: naviseccli storagegroup -destroy -gname {host} -o",
    }
    kept = [name for name in list(lines)[list(lines).index(first) :] if name != "connection" or host == "idle"]
    return tuple(lines[name] for name in kept)


UNDONE: Final = (
    Row("create-volume", {"name": "new", "size_gb": "1", "pool": "pool"}, "lun -destroy", (_VOLUME,)),
    Row(
        "create-compressed-volume",
        {"name": "new", "size_gb": "1", "pool": "pool", "provisioning": "compressed"},
        "lun -destroy",
        (_VOLUME,),
    ),
    Row("rename-volume", {"name": "spare", "new_name": "ne w"}, "lun -modify -l 2 -newName spare", (_RENAMED,)),
    Row(
        "manage-and-rename-volume",
        {"name": "ne w", "existing": "spare"},
        "lun -modify -l 2 -newName spare",
        (_RENAMED,),
    ),
    Row(
        "create-snapshot",
        {"name": "tues day", "volume": "gold"},
        "snap -destroy",
        ("snapshot tues day: naviseccli snap -destroy -id 'tues day' -o",),
    ),
    Row(
        "copy-snapshot",
        {"name": "wednes day", "snapshot": "last monday"},
        "snap -destroy",
        ("snapshot wednes day: naviseccli snap -destroy -id 'wednes day' -o",),
    ),
    Row("snap-copy", _OF_VOLUME, "lun -destroy", (_MOUNT, _SNAP)),
    Row("snap-copy", _OF_VOLUME, "snap -destroy", (_SNAP,), ("copies", "mounts", "name", "numbers")),
    Row("snap-copy-of-snapshot", _OF_SNAPSHOT, "lun -destroy", (_MOUNT, _SNAP), ("snapshot",)),
    Row(
        "snap-copy-of-snapshot",
        _OF_SNAPSHOT,
        "snap -destroy",
        (_SNAP,),
        ("copies", "mounts", "name", "numbers", "snapshot"),
    ),
    Row(
        "create-snapshot-of-snap-copy",
        {"name": "thurs day", "volume": "foreign"},
        "snap -destroy",
        ("snapshot thurs day: naviseccli snap -destroy -id 'thurs day' -o",),
        ("mapping",),
    ),
    Row("snap-copy-of-snap-copy", _OF_COPY, "lun -destroy", (_MOUNT, _SNAP), ("mapping",)),
    Row(
        "snap-copy-of-snap-copy",
        _OF_COPY,
        "snap -destroy",
        (_SNAP,),
        ("copies", "mapping", "mounts", "name", "numbers"),
    ),
    Row("clone-of-snap-copy", _OF_COPY, "migrate -cancel", (_COPYING, _TARGET, _MOUNT, _SNAP), ("mapping",)),
    Row("clone-of-snap-copy", _OF_COPY, "snap -destroy", (_SNAP,), ("mapping", "mounts", "name", "numbers")),
    Row("clone", _OF_VOLUME, "migrate -cancel", (_COPYING, _TARGET, _MOUNT, _SNAP)),
    Row("clone", _OF_VOLUME, "lun -destroy -l {target}", (_TARGET, _MOUNT, _SNAP)),
    Row("clone", _OF_VOLUME, "lun -destroy -l {volume}", (_MOUNT, _SNAP)),
    Row("clone", _OF_VOLUME, "snap -destroy", (_SNAP,), ("mounts", "name", "numbers")),
    Row("clone-of-snapshot", _OF_SNAPSHOT, "migrate -cancel", (_COPYING, _TARGET, _MOUNT, _SNAP)),
    Row("clone-of-snapshot", _OF_SNAPSHOT, "lun -destroy -l {target}", (_TARGET, _MOUNT, _SNAP), ("snapshot",)),
    Row("clone-of-snapshot", _OF_SNAPSHOT, "lun -destroy -l {volume}", (_MOUNT, _SNAP), ("snapshot",)),
    Row("clone-of-snapshot", _OF_SNAPSHOT, "snap -destroy", (_SNAP,), ("mounts", "name", "numbers", "snapshot")),
    Row("clone-of-group-snapshot", _OF_GROUP, "migrate -cancel", (_COPYING, _TARGET, _MOUNT, _SNAP)),
    Row("clone-of-group-snapshot", _OF_GROUP, "lun -destroy -l {target}", (_TARGET, _MOUNT, _SNAP), ("snapshot",)),
    Row("clone-of-group-snapshot", _OF_GROUP, "lun -destroy -l {volume}", (_MOUNT, _SNAP), ("snapshot",)),
    Row("clone-of-group-snapshot", _OF_GROUP, "snap -destroy", (_SNAP,), ("mounts", "name", "numbers", "snapshot")),
    Row("migrate-volume", _THICK, "migrate -cancel", (_MOVING, _TARGET)),
    Row("migrate-volume", _THICK, "lun -destroy -l {target}", (_TARGET,), _MIGRATED),
    Row("migrate-compressed-volume", _COMPRESSED, "migrate -cancel", (_MOVING, _TARGET)),
    Row("migrate-compressed-volume", _COMPRESSED, "lun -destroy -l {target}", (_TARGET,), _MIGRATED),
    Row("promote-volume", {"name": "copy"}, "migrate -cancel", (_PROMOTING, _TARGET)),
    Row("promote-volume", {"name": "copy"}, "lun -destroy -l {target}", (_TARGET,), _PROMOTED),
    Row("promote-mount-point", {"name": "foreign"}, "migrate -cancel", (_PROMOTING_FOREIGN, _TARGET)),
    Row("promote-mount-point", {"name": "foreign"}, "lun -destroy -l {target}", (_TARGET,), _PROMOTED),
    Row("promote-through-host", _BY_HOST, "storagegroup -removehlu", (_REPLACED, _REPLACEMENT), ("name",)),
    Row(
        "promote-through-host",
        _BY_HOST,
        "lun -destroy",
        (_REPLACEMENT,),
        ("mapping", "name", *_PROMOTED, "hlus", "storage-group"),
    ),
    Row(
        "attach-volume",
        {"volumes": "spare", "host": "esx", "mode": "ro"},
        "storagegroup -removehlu",
        (_SHOWN,),
    ),
    *(
        row
        for operation, request in (("register-and-attach", _NEW_HOST), ("connect-and-attach", _IDLE_HOST))
        for row in (
            Row(operation, request, "storagegroup -removehlu", _left_of_attaching(request, "mapping")),
            Row(operation, request, "port -removeHBA", _left_of_attaching(request, "initiator"), _UNSHOWN),
            Row(operation, request, "storagegroup -destroy", _left_of_attaching(request, "group"), _UNSHOWN),
        )
    ),
    Row("create-group", {"name": "new one", "members": "gold,spare"}, "snap -group -destroy", (_GROUP,)),
    Row("add-to-group", {"name": "wide", "members": "spare"}, "snap -group -rmmember", (_MEMBER,)),
    Row(
        "create-group-snapshot",
        {"name": "tues day", "group": "wide"},
        "snap -destroy",
        ("snapshot tues day: naviseccli snap -destroy -id 'tues day' -o",),
    ),
    *(
        row
        for operation, request, snapshot, earlier in (
            ("backup", {"volumes": "gold", **_TO}, _SNAP0, ()),
            ("backup-of-snap-copy", {"volumes": "foreign", **_TO}, _SNAP0, ("mapping",)),
            ("backup-of-group", {"group": "wide", **_TO}, _SNAP, ()),
        )
        for row in (
            Row(operation, request, "storagegroup -removehlu", (_DEVICE, _MOUNT0, snapshot), ("repository", *earlier)),
            Row(operation, request, "lun -destroy", (_MOUNT0, snapshot), (*_HIDDEN, *earlier)),
            Row(operation, request, "snap -destroy", (snapshot,), (*_HIDDEN, "mounts", "numbers", *earlier)),
        )
    ),
    Row("restore-backup", _RESTORED, "storagegroup -removehlu", (_NEW_SHOWN, _VOLUME), ("repository",)),
    Row("restore-backup", _RESTORED, "lun -destroy", (_VOLUME,), _HIDDEN),
    Row("restore-backup-onto", _OVERWRITTEN, "storagegroup -removehlu", (_SPARE_SHOWN,), ("copies", "repository")),
    Row("drill", _DRILLED, "storagegroup -removehlu", (_DEVICE, _DRILL), ("repository",)),
    Row("drill", _DRILLED, "lun -destroy", (_DRILL,), _HIDDEN),
)
"""Each operation that makes something, with each command of its undo; the lines are written by hand."""

DELETIONS: Final = (
    ("delete-volume", "delete-volume", "spare", "lun -destroy"),
    ("extend-volume", "extend-volume", "spare", "lun -expand"),
    ("delete-mount-point", "delete-volume", "foreign", "lun -destroy"),
    ("delete-snap-copy", "delete-volume", "new", "lun -destroy"),
    ("delete-snapshot", "delete-snapshot", "last monday", "snap -destroy"),
    ("restore-snapshot", "restore-snapshot", "last monday", "snap -restore"),
    ("detach-volume", "detach-volume", "shown", "storagegroup -removehlu"),
    ("delete-group", "delete-group", "wide", "snap -group -destroy"),
    ("remove-from-group", "remove-from-group", "wide", "snap -group -rmmember"),
    ("delete-group-snapshot", "delete-group-snapshot", "frozen", "snap -destroy"),
    ("clean-up", "clean-up", LEFT_SNAPSHOT, "snap -destroy"),
    ("clean-up-mount-point", "clean-up", "wreck", "lun -destroy"),
    ("clean-up-lun", "clean-up", LEFT_TARGET, "lun -destroy"),
    ("clean-up-session", "clean-up", LEFT_TARGET, "migrate -cancel"),
    ("clean-up-mapping", "clean-up", LEFT_TARGET, "storagegroup -removehlu"),
)
"""Table, operation, object, and the command that destroys it, or what it is to bring back."""


READS_OF_ONE: Final = {
    "lun -list -all -l",
    "migrate -list",
    "snap -list -id",
    "storagegroup -messner",
    "snap -group -list -id",
}
"""What shows whether one object still stands."""
MARKING: Final = {
    *("set-readonly", "manage-volume", "unmanage-volume", "reconcile"),
    *("verify-backup", "prune-backups", "restore-backup-to-file"),
}
"""Operations that change nothing on the array."""
WORDS: Final = {
    "create-compressed-volume": "create-volume",
    "manage-and-rename-volume": "manage-volume",
    "migrate-compressed-volume": "retype-volume",
    "promote-mount-point": "promote-volume",
    "promote-through-host": "promote-volume",
    "backup-of-group": "backup",
    "restore-backup-onto": "restore-backup",
    "clone-of-group-snapshot": "clone",
    "register-and-attach": "attach-volume",
    "connect-and-attach": "attach-volume",
}
"""What is asked for where a closer table is run."""


def test_no_operation_is_missing() -> None:
    """Every table of the catalogue that changes an array has its rows here."""
    assert {row.operation for row in UNDONE} | {table for table, *_ in DELETIONS} | MARKING == set(OPERATIONS)


def _submit(site: SimulatedInstallation, row: Row) -> str:
    site.runner.unanswered.add("snap -create -res 1 -name tues day")
    site.runner.unanswered.add("snap -create -res 3 -name thurs day")
    if row.operation == "copy-snapshot":
        site.runner.unanswered.add("snap -modify")
    site.runner.unanswered |= {"storagegroup -addhlu", "snap -group", "lun -modify"}
    if row.operation == "create-group-snapshot":
        site.runner.unanswered.add("snap -create -res wide")
    word = WORDS.get(row.operation, row.operation.removesuffix("-of-snapshot").removesuffix("-of-snap-copy"))
    return site.submit(word, **row.request).job


def _stick(site: SimulatedInstallation, job: str, refused: str) -> Record:
    """Cancel a job that has gone as far as it can be cancelled, while a command of its undo is refused."""
    site.until(lambda: site.record(job).admitted and site.record(job).step != "check-unmapped")
    if "target" in site.record(job).numbers:
        site.until(lambda: "session-over" in site.record(job).condition)
    record = site.record(job)
    makes_group = "group" in record.operation and "target" not in record.numbers
    if "hlu-0" in record.numbers or makes_group or "new_name" in record.facts:
        site.until(lambda: site.record(job).unsure)
    site.runner.refused.add(refused.format(**site.record(job).numbers))
    _order(site, job, Order.CANCEL)
    (record,) = site.run(job)
    assert record.state is State.STUCK, record.why
    return record


def _given_back(asked: Record, stuck: Record) -> list[str]:
    """Return the kinds of claims that a job asked for and does not hold now that it is stuck."""
    return sorted(kind_of(key) for _, key, _ in set(asked.claims) - set(stuck.claims))


def _written(lines: Iterable[str], record: Record) -> tuple[str, ...]:
    return tuple(line.format(job=record.id, **record.numbers) for line in lines)


@pytest.mark.parametrize("row", UNDONE, ids=lambda row: f"{row.operation}: {row.refused}")
def test_what_a_stuck_job_names_can_be_removed_by_hand(site: SimulatedInstallation, row: Row) -> None:
    """The lines name what stands, no more and no less; their commands leave nothing; resumed, the job then ends.

    Claims that nothing of the job stands under any more are given back, and only those.
    """
    copied = row.request.get("name") == "copy"
    if copied:
        assert site.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    before, job = site.stands(), _submit(site, row)
    site.until(lambda: site.record(job).admitted)
    asked = site.record(job)
    record = _stick(site, asked.id, row.refused)
    assert record.operation == row.operation
    assert record.leftovers == _written(row.left, record)
    assert _given_back(asked, record) == sorted(row.spare)
    site.follow(record.leftovers)
    assert site.stands() == before
    _order(site, record.id, Order.RESUME)
    (ended,) = site.run(record.id)
    assert (ended.state, ended.leftovers, site.held()) == (State.CANCELLED, (), _of_others(site, copied=copied))


def _of_others(site: SimulatedInstallation, *, copied: bool) -> dict[str, list[str]]:
    """Return the slots of what the other administrator has made, and of the snap copy that was promoted in vain."""
    gold, shown = site.inventory.volume("box", "gold"), site.inventory.volume("box", "shown")
    assert gold is not None
    assert shown is not None
    held = {"copies": ["theirs"], "mounts": ["theirs"], "snapshots": ["last monday", "theirs"]}
    copy = ["hidden"] if copied else []
    numbers = {"numbers:box": ["500"]} if copied else {}
    return (
        {f"{kind}:box:{gold.lun.uid}": members + copy for kind, members in held.items()}
        | numbers
        | {
            "hlus:box:esx": ["1"],
            f"snapshots:box:{shown.lun.uid}": ["frozen"],
        }
    )


@pytest.mark.parametrize("given", [1, 2, 3])
def test_a_person_may_do_a_part_of_it(site: SimulatedInstallation, given: int) -> None:
    """A stuck clone of which only the first objects were removed by hand removes the others itself when resumed."""
    before = site.stands()
    record = _stick(site, site.submit("clone", **_OF_VOLUME).job, "migrate -cancel")
    site.follow(record.leftovers[:given])
    _order(site, record.id, Order.RESUME)
    (ended,) = site.run(record.id)
    assert (ended.state, site.stands()) == (State.CANCELLED, before)


@pytest.mark.parametrize("operation", ["clone", "clone-of-snapshot"])
def test_a_clone_is_finished_by_hand(site: SimulatedInstallation, operation: str) -> None:
    """Past its point of no return a stuck clone names the one command that is still to be given, and then succeeds."""
    site.runner.refused.add("snap -destroy")
    site.runner.copies_end = True
    job = site.submit("clone", **(_OF_VOLUME if operation == "clone" else _OF_SNAPSHOT)).job
    asked = site.record(job)
    (record,) = site.run(job)
    assert (record.state, record.operation) == (State.STUCK, operation)
    assert record.leftovers == (_SNAP.format(job=job),)
    assert _given_back(asked, record) == ["mounts", "name"] + (["snapshot"] if operation != "clone" else [])
    site.follow(record.leftovers)
    _order(site, job, Order.RESUME)
    assert site.run(job)[0].state is State.SUCCEEDED
    assert site.stands() == {"luns": ["foreign", "gold", "new", "shown", "spare"]} | {
        "snapshots": ["frozen", "last monday", "theirs"],
        "migrations": [],
        "mappings": ["esx 1: 4"],
        "groups": ["wide: [4]"],
    }


def test_a_deletion_of_a_snap_copy_is_finished_by_hand(site: SimulatedInstallation) -> None:
    """Where the snapshot behind a snap copy could not be destroyed, its command is named; the name is given back."""
    before, copy = site.stands(), site.do("snap-copy", name="new", source="gold").id
    site.runner.refused.add("snap -destroy")
    asked = site.record(site.submit("delete-volume", name="new").job)
    (record,) = site.run(asked.id)
    assert record.leftovers == (_SNAP.format(job=copy),)
    assert _given_back(asked, record) == ["name"]
    site.follow(record.leftovers)
    _order(site, record.id, Order.RESUME)
    assert site.run(record.id)[0].state is State.SUCCEEDED
    assert site.stands() == before


def test_a_promotion_is_finished_by_hand(site: SimulatedInstallation) -> None:
    """A promoted snap copy whose hidden snapshot could not be destroyed: its command is named; no claim is given back.

    The source is still needed, since the snapshot hangs on it.
    """
    copy = site.do("snap-copy", name="copy", source="gold").id
    site.runner.refused.add("snap -destroy")
    site.runner.copies_end = True
    asked = site.record(site.submit("promote-volume", name="copy").job)
    (record,) = site.run(asked.id)
    assert (record.state, record.operation) == (State.STUCK, "promote-volume")
    assert record.leftovers == (_SNAP.format(job=copy),)
    assert _given_back(asked, record) == []
    site.follow(record.leftovers)
    _order(site, record.id, Order.RESUME)
    assert site.run(record.id)[0].state is State.SUCCEEDED
    assert site.stands()["snapshots"] == ["frozen", "last monday", "theirs"]
    assert [one.is_mount_point for one in site.port.luns() if one.name == "copy"] == [False]


def _prepare(site: SimulatedInstallation, table: str) -> None:
    """Make what is deleted but is nothing of the other administrator's: a snap copy, or what jobs left."""
    match table:
        case "delete-snap-copy":
            site.do("snap-copy", name="new", source="gold")
        case "clean-up":
            site.type(f"snap -create -res 1 -name {LEFT_SNAPSHOT} -allowReadWrite yes")
        case "clean-up-mount-point":
            job = site.submit("snap-copy", name="wreck", source="gold").job
            _order(site, _stick(site, job, "lun -destroy").id, Order.ABANDON)
            site.runner.refused.clear()
        case "clean-up-lun" | "clean-up-session" | "clean-up-mapping":
            site.type(f"lun -create -capacity 2 -sq gb -poolName pool -l 700 -name {LEFT_TARGET} -type Thin")
    if table == "clean-up-mapping":
        site.type(f"storagegroup -addhlu -hlu 9 -alu 700 -gname {HOST} -o")
    if table == "clean-up-session":
        site.sim.speed = NEVER
        site.type("migrate -start -source 2 -dest 700 -rate medium -o")
    site.read_array()


@pytest.mark.parametrize(("table", "operation", "name", "command"), DELETIONS)
def test_a_deletion_that_cannot_be_judged_leaves_nothing_of_its_own(
    site: SimulatedInstallation, table: str, operation: str, name: str, command: str
) -> None:
    """A cancelled deletion that cannot read whether the object stands names nothing, keeps all claims, and goes on."""
    _prepare(site, table)
    before = site.stands()
    site.runner.unanswered.add(command)
    of: dict[str, dict[str, Any]] = {
        "restore-snapshot": {"volume": "gold"},
        "remove-from-group": {"members": "shown"},
        "extend-volume": {"size_gb": 3},
        "clean-up-mount-point": {"kind": "mount-point"},
        "clean-up-lun": {"kind": "lun"},
        "clean-up-mapping": {"kind": "mapping", "storage_group": HOST},
        "clean-up-session": {"kind": "session", "source": "spare"},
    }
    request = {"volumes": name, "host": "esx"} if table == "detach-volume" else {"name": name, **of.get(table, {})}
    asked = site.record(site.submit(operation, **request).job)
    job = asked.id
    site.until(lambda: site.record(job).unsure)
    site.runner.refused |= READS_OF_ONE
    _order(site, job, Order.CANCEL)
    (record,) = site.run(job)
    assert (record.state, record.operation, record.leftovers) == (State.STUCK, table, (NOTHING,))
    assert _given_back(asked, record) == []
    site.runner.refused.clear()
    _order(site, job, Order.RESUME)
    assert site.run(job)[0].state is State.SUCCEEDED, "it was destroyed, only nobody heard it"
    assert (site.stands() != before) is (table != "extend-volume")
    sizes = {"delete-volume": [], "extend-volume": [3]}
    assert [one.size_gb for one in site.port.luns() if one.name == "spare"] == sizes.get(table, [2])


def test_what_cannot_be_read_is_named(site: SimulatedInstallation) -> None:
    """An array that shows nothing more when the job is stuck: a line too many rather than one too few."""
    job = site.submit("clone", **_OF_VOLUME).job
    site.until(lambda: "session-over" in site.record(job).condition)
    site.runner.refused |= {"migrate", "lun -list", "snap -list"}
    _order(site, job, Order.CANCEL)
    (record,) = site.run(job)
    assert record.leftovers == _written((_COPYING, _TARGET, _MOUNT, _SNAP), record)


@pytest.mark.parametrize(
    ("by_hand", "refused", "left"),
    [
        ((_COPYING,), "migrate -cancel", (_TARGET, _MOUNT, _SNAP)),
        ((_COPYING, _MOUNT), "lun -destroy -l {target}", (_TARGET, _SNAP)),
        ((_COPYING, _MOUNT, _SNAP), "lun -destroy -l {target}", (_TARGET,)),
    ],
)
def test_what_somebody_has_removed_is_not_named(
    site: SimulatedInstallation, by_hand: tuple[str, ...], refused: str, left: tuple[str, ...]
) -> None:
    """An administrator interferes with a clone, which is then cancelled and stuck: what is gone is left out."""
    job = site.submit("clone", **_OF_VOLUME).job
    site.until(lambda: "session-over" in site.record(job).condition)
    site.follow(_written(by_hand, site.record(job)))
    record = _stick(site, job, refused)
    assert record.leftovers == _written(left, record)


def test_a_line_has_the_very_command_that_the_port_sends(site: SimulatedInstallation) -> None:
    """The words for people are those that the adapter has storops build, so neither can drift from the other."""
    record = _stick(site, site.submit("clone", **_OF_VOLUME).job, "migrate -cancel")
    volume, target = record.numbers["volume"], record.numbers["target"]
    commands = site.port.commands
    words: list[Any] = [
        commands.cancel_migration(volume),
        commands.destroy_lun(target),
        commands.destroy_mount_point(volume),
        commands.destroy_snapshot(f"vjt-{record.id}-snap"),
    ]
    assert [line.partition(": naviseccli ")[2] for line in record.leftovers] == [" ".join(one) for one in words]


def test_people_and_programs_are_told_the_same(
    site: SimulatedInstallation, valkey_url: str, prefix: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """`vnx-jobs job ID` numbers the lines in their order, one below the other; JSON has them as a list."""
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    capsys: pytest.CaptureFixture[str] = request.getfixturevalue("capsys")
    config = tmp_path / "config.yaml"
    config.write_text(f"installation: t\nprefix: '{prefix}'\nredis_url: {valkey_url}\n")
    monkeypatch.setenv("VNX_JOBS_CONFIG", str(config))
    record = _stick(site, site.submit("clone", **_OF_VOLUME).job, "migrate -cancel")
    lines = run_here(["job", record.id], capsys).output.splitlines()
    assert [line.strip() for line in lines[-4:]] == [f"{at}. {one}" for at, one in enumerate(record.leftovers, start=1)]
    assert run_here(["job", record.id, "--json"], capsys).json["leftovers"] == list(record.leftovers)
