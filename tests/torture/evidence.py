"""Evidence by hand: a small run in which every promise was kept, for tests to break one at a time."""

from dataclasses import replace
from typing import Any

from vnx_jobs.model.array import BLOCKS_PER_GB, Group, Lun, Snapshot, StorageGroup
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.torture.evidence import ADMIN, Command, Evidence, Image

COPY, CLONE, EMPTY, SNAP, GONE, FAILED = (f"01M81YQCWBXN3Y7D3JVFVRK4N{letter}" for letter in "ABCDEF")
"""A snap copy, a full clone, an empty volume, a snapshot, a deletion of a volume, and a copy that failed."""
LARGER, GROUP, SEEN, BACK = (f"01M81YQCWBXN3Y7D3JVFVRK4N{letter}" for letter in "GHJK")
"""An extension of the empty volume, a consistency group, an attachment of the empty volume, and a restore."""
SAVED, GIVEN, PROVED, CHECKED, PRUNED = (f"01M81YQCWBXN3Y7D3JVFVRK4N{letter}" for letter in "MNPQR")
"""A backup of the source, a restore of it, its drill, its check, and a pruning of an older backup."""
BACKUP = f"before-{BACK}"
HIDDEN = f"vja-{COPY}-snap"
GB = BLOCKS_PER_GB * 512
HELD = f"sha256-1MiB:{'a' * 64}"
"""The digest of what the source holds."""
OTHER = f"sha256-1MiB:{'b' * 64}"
LABEL = Label("box", "src-1", "uid-src-1", "", SAVED, 1_700_000_000_000, GB, HELD)
ARCHIVE = LABEL.archive
OLDER = "box-src-1-20230101T000000Z-01M81YQCWBXN3Y7D3JVFVRK4NS"
SOURCE = Lun(100, "src", "uid-src", BLOCKS_PER_GB, "pool_1", thin=True)
LUNS = (
    SOURCE,
    Lun(20000, "copy", "uid-copy", BLOCKS_PER_GB, "pool_1", thin=True, primary="src", attached=HIDDEN),
    Lun(20001, "twin", "uid-twin", BLOCKS_PER_GB, "pool_1", thin=True),
    Lun(20003, "empty", "uid-empty", 2 * BLOCKS_PER_GB, "pool_1", thin=False),
    Lun(101, "src-1", "uid-src-1", BLOCKS_PER_GB, "pool_1", thin=True),
    Lun(20007, "given", "uid-given", BLOCKS_PER_GB, "pool_1", thin=True),
)
SNAPSHOTS = (
    Snapshot(HIDDEN, 100, 100, "", attached=20000),
    Snapshot("monday", 100, 100, ""),
    Snapshot("theirs", 100, 100, ""),
    Snapshot(BACKUP, 100, 100, ""),
)
KEYS = {
    "lim": {"copies:box:uid-src": "255", "numbers:box": "20000-20009"},
    "h:copies:box:uid-src": {HIDDEN: "5"},
    "h:mounts:box:uid-src": {HIDDEN: "5"},
    "h:snapshots:box:uid-src": {HIDDEN: "5", "monday": "9", "theirs": "4", BACKUP: "12"},
    "h:numbers:box": {"20000": "1", "20001": "1", "20003": "1", "20007": "1"},
    "n:numbers:box": dict.fromkeys(map(str, (20002, 20004, 20005, 20006, 20008, 20009)), "0"),
    "h:hlus:box:esx": {"1": "11"},
    "attached:box": {"uid-empty esx": '[1, "rw"]'},
    "slots:box/watch": {"abc": "99999"},
}


def record(job: str, operation: str, name: str, state: State = State.SUCCEEDED, **fields: Any) -> Record:
    """Return a record as it stands after a run."""
    spec = {"operation": operation, "name": name, **fields.pop("spec", {})}
    return Record(
        id=job, spec=spec, operation=fields.pop("table", operation), steps=("a",), array="box", state=state, **fields
    )


def sent(at: float, *words: str, seconds: float = 0.1, fault: str = "", changed: bool = True) -> Command:
    """Return a command of ours, as the array logged it."""
    return Command(at, seconds, words, 0, "cli", changed, fault)


def by_admin(at: float, *words: str) -> Command:
    """Return a command of another administrator."""
    return Command(at, 0.1, words, 0, ADMIN, changed=True)


_OTHERS = (
    record(COPY, "snap-copy", "copy", numbers={"volume": 20000}, facts={"source": "src"}, key="k-1"),
    record(CLONE, "clone", "twin", numbers={"volume": 20001, "target": 20002}, facts={"source": "src"}, key="k-2"),
    record(
        EMPTY,
        "create-volume",
        "empty",
        numbers={"volume": 20003},
        spec={"size_gb": 1, "pool": "pool_1", "provisioning": "thick"},
    ),
    record(SNAP, "create-snapshot", "monday", spec={"volume": "src"}),
    record(LARGER, "extend-volume", "empty", spec={"size_gb": 2}, facts={"number": 20003}),
    record(GROUP, "create-group", "pair", spec={"members": ["src", "twin"]}),
    record(SEEN, "attach-volume", "empty", numbers={"hlu-0": 1}, facts={"uid-0": "uid-empty"}),
    record(BACK, "restore-snapshot", "monday", spec={"volume": "src"}, facts={"backup": BACKUP}),
    record(GONE, "delete-volume", "old", facts={"number": 20005}),
    record(FAILED, "snap-copy", "broken", State.FAILED, numbers={"volume": 20006}, facts={"source": "src"}),
)
FOUND = {"label-0": LABEL.to_json(), "size-0": GB, "volumes": 1}
"""What a job about the backup knows of it."""
SAYS = {"volume-0": "src-1", "uid-0": "uid-src-1", "size-0": GB, "instant-0": LABEL.instant, "digest-0": HELD}
_ABOUT_BACKUPS = (
    record(
        SAVED,
        "backup",
        "src-1",
        spec={"volumes": ["src-1"]},
        numbers={"device-0": 20004, "hlu-0": 1},
        facts={"volumes": 1, **SAYS},
    ),
    record(GIVEN, "restore-backup", "given", numbers={"volume": 20007}, spec={"pool": "pool_1"}, facts=FOUND),
    record(PROVED, "drill", ARCHIVE, spec={"backup": ARCHIVE}, numbers={"device-0": 20005}, facts=FOUND),
    record(CHECKED, "verify-backup", ARCHIVE, spec={"backup": ARCHIVE}, facts=FOUND),
    record(PRUNED, "prune-backups", "src-1", spec={"volume": "src-1"}, facts={"going": f'["{OLDER}"]'}),
)
RECORDS = (*_OTHERS, *_ABOUT_BACKUPS)
COMMANDS = (
    by_admin(1, "lun", "-create", "-l", "100", "-name", "src"),
    by_admin(2, "snap", "-create", "-res", "100", "-name", "theirs"),
    sent(10, "snap", "-create", "-res", "100", "-name", HIDDEN),
    sent(11, "lun", "-create", "-type", "snap", "-primaryLun", "100", "-l", "20000", "-name", "copy"),
    sent(12, "lun", "-attach", "-l", "20000", "-snapName", HIDDEN),
    sent(13, "migrate", "-start", "-source", "20001", "-dest", "20002"),
    sent(14, "snap", "-create", "-res", "100", "-name", "monday"),
    sent(15, "lun", "-expand", "-l", "20003", "-capacity", "2", "-sq", "gb"),
    sent(16, "snap", "-group", "-create", "-name", "pair", "-res", "100,20001"),
    sent(17, "storagegroup", "-addhlu", "-hlu", "1", "-alu", "20003", "-gname", "esx"),
    sent(18, "snap", "-restore", "-id", "monday", "-res", "100", "-bakName", BACKUP),
)


SEALED = replace(
    Backup.of(LABEL, added=4096, seconds=1.0, tool="files 1", repository="images"), verified=1_800_000, proved=1_900_000
)
"""The catalogue's entry of the backup."""


def kept() -> Evidence:
    """Return evidence in which every promise was kept."""
    return Evidence(
        array="box",
        installation="a",
        numbers=range(20000, 20010),
        asked={one.id: dict(one.spec) for one in RECORDS},
        records={one.id: one for one in RECORDS},
        commands=COMMANDS,
        luns=LUNS,
        snapshots=SNAPSHOTS,
        groups=(Group("pair", (100, 20001)),),
        storage_groups=(StorageGroup("esx", ((1, 20003),)),),
        digests={"src": "d1", "copy": "d1", "twin": "d1"},
        catalogue=(SEALED,),
        images={ARCHIVE: Image(GB, HELD)},
        contents={"src-1": HELD, "given": HELD},
        keys=KEYS,
        now=1000,
        migrations=2,
        shortest_copy=1.0,
        least_settling=4.5,
    )


def with_record(evidence: Evidence, job: str, **changes: Any) -> Evidence:
    """Return the same evidence with one record changed."""
    return replace(evidence, records={**evidence.records, job: evidence.records[job].evolve(**changes)})


def with_commands(evidence: Evidence, *more: Command) -> Evidence:
    """Return the same evidence with further commands."""
    return replace(evidence, commands=(*evidence.commands, *more))


def with_key(evidence: Evidence, key: str, **held: str) -> Evidence:
    """Return the same evidence with something more in a key of the state server."""
    return replace(evidence, keys={**evidence.keys, key: {**evidence.keys.get(key, {}), **held}})


def without_lun(evidence: Evidence, name: str) -> Evidence:
    """Return the same evidence with a LUN missing."""
    return replace(evidence, luns=tuple(lun for lun in evidence.luns if lun.name != name))


def changed_lun(evidence: Evidence, name: str, **changes: Any) -> Evidence:
    """Return the same evidence with a LUN that is otherwise."""
    return replace(evidence, luns=tuple(replace(one, **changes) if one.name == name else one for one in evidence.luns))


def without_snapshot(evidence: Evidence, name: str) -> Evidence:
    """Return the same evidence with a snapshot missing."""
    return replace(evidence, snapshots=tuple(one for one in evidence.snapshots if one.name != name))


def with_entry(evidence: Evidence, **changes: Any) -> Evidence:
    """Return the same evidence with the catalogue's entry of the backup changed."""
    return replace(evidence, catalogue=(replace(SEALED, **changes),))


def with_image(evidence: Evidence, archive: str, **changes: Any) -> Evidence:
    """Return the same evidence with an image in the repository that is otherwise, or more."""
    image = replace(Image(GB, HELD), **changes)
    return replace(evidence, images={**evidence.images, archive: image})
