"""Gathers the evidence when all is over, and writes it into the home folder."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from vnx_jobs.adapters.redis.inspection import contents
from vnx_jobs.model.array import BLOCKS_PER_GB, Group, Lun, Session, Snapshot, StorageGroup
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.stack.simulated import simulator

from .drawing import SOURCES
from .evidence import Command, Evidence
from .reading import content, images, volumes_of
from .stage import ARRAY, Stage

_MB_A_SECOND: Final = 44
"""How fast the simulated array copies at the rate `high`."""
_PLAIN: Final = ("key:", "inv:", "batch:", "ended", "job:")
"""Keys that hold no claim. Of jobs' own only the wishes for permits are kept, see `_keys`."""
_LEAST_SHARE: Final = 0.5
"""Of its limit: what a command must have left of its turn to be started."""


def gather(stage: Stage, asked: Mapping[str, Mapping[str, Any]]) -> Evidence:
    """Read the records, the array's state and log, and the state server's keys. Raises StateServerError."""
    settings = stage.settings.arrays[ARRAY]
    pace = settings.pace
    records = {record.id: record for record in stage.house.store.find()}
    _, now = stage.house.inventory.ticket()
    keys = contents(stage.house.server)
    shown = stage.shown()
    return Evidence(
        array=ARRAY,
        installation=stage.settings.installation,
        numbers=settings.number_range,
        asked=asked,
        records=records,
        commands=tuple(commands(simulator("log", str(stage.box), "--json").splitlines())),
        luns=luns(shown),
        snapshots=snapshots(shown),
        sessions=sessions(shown),
        groups=tuple(Group(str(one["name"]), tuple(one["members"])) for one in shown["consistency_groups"]),
        storage_groups=storage_groups(shown),
        digests=_digests(stage, records.values(), {str(lun["name"]) for lun in shown["luns"]}),
        catalogue=stage.house.catalogue.find(ARRAY, limit=0),
        images=images(stage.repository),
        contents=_contents(stage, records.values(), {str(lun["name"]) for lun in shown["luns"]}),
        keys={name: held for name, held in keys.items() if not name.startswith(_PLAIN) or name.endswith("/p")},
        now=float(now),
        migrations=settings.migrations,
        shortest_copy=BLOCKS_PER_GB * 512 / 1_000_000 / _MB_A_SECOND / settings.speed,
        longest_command=pace.write_limit + 1,
        # A turn's command can be sent as late as this before the lease ends; settling is counted from the turn's start.
        least_settling=pace.write_limit * _LEAST_SHARE + pace.margin,
    )


def commands(lines: Iterable[str]) -> list[Command]:
    """Read the array's audit log."""
    return [
        Command(
            time=float(entry["time"]),
            seconds=float(entry["seconds"]),
            words=tuple(entry["argv"]),
            status=entry["status"],
            caller=str(entry["caller"]),
            changed=entry["effect"] == "changed",
            fault=str(entry["fault"]),
            answer=str(entry["answer"]),
        )
        for entry in map(json.loads, lines)
    ]


def luns(shown: Mapping[str, Any]) -> tuple[Lun, ...]:
    """Read the LUNs that stand."""
    return tuple(
        Lun(
            number=int(one["number"]),
            name=str(one["name"]),
            uid=str(one["uid"]),
            blocks=int(one["size_blocks"]),
            pool=str(one["pool"]),
            thin=bool(one["thin"]),
            primary=one["primary"],
            attached=one["attached_snapshot"],
            state=f"{one['state']} {one['operation']}",
        )
        for one in shown["luns"]
    )


def snapshots(shown: Mapping[str, Any]) -> tuple[Snapshot, ...]:
    """Read the snapshots that stand."""
    return tuple(
        Snapshot(
            name=str(one["name"]),
            source=int(one["source"]),
            primary=int(one["primary"]),
            created=str(one["created"]),
            attached=one["attached_lun"],
            writable=bool(one["allow_read_write"]),
            modified=bool(one["modified"]),
            group=one["consistency_group"],
            # members are no mount points: each hangs on itself
            beside=tuple((int(source), int(source)) for source in one["sources"][1:]),
        )
        for one in shown["snapshots"]
    )


def sessions(shown: Mapping[str, Any]) -> tuple[Session, ...]:
    """Read the migration sessions that are listed."""
    return tuple(
        Session(int(one["source"]), int(one["dest"]), str(one["state"]), int(one["percent"]))
        for one in shown["migrations"]
    )


def storage_groups(shown: Mapping[str, Any]) -> tuple[StorageGroup, ...]:
    """Read the storage groups that stand, and what hosts see in them."""
    return tuple(
        StorageGroup(str(one["name"]), tuple((int(pair["hlu"]), int(pair["alu"])) for pair in one["luns"]))
        for one in shown["storage_groups"]
    )


def _digests(stage: Stage, records: Iterable[Record], standing: set[str]) -> dict[str, str]:
    """Return digests of all copies that stand, and of what they are copies of."""
    copies = {one.name: str(one.facts["source"]) for one in records if _is_copy(one)}
    names = sorted(({*copies} | {*copies.values()}) & standing)
    with ThreadPoolExecutor(2) as readers:
        found = readers.map(lambda name: simulator("digest", str(stage.box), name).strip(), names)
        return dict(zip(names, found, strict=True))


def _contents(stage: Stage, records: Iterable[Record], standing: set[str]) -> dict[str, str]:
    """Return the digests, as backups have them, of what was restored, and of the volumes that nobody writes to."""
    done = [one for one in records if one.state is State.SUCCEEDED]
    restored = {one.name for one in done if one.operation == "restore-backup"}
    backed_up = {name for one in done if one.operation.startswith("backup") for name in volumes_of(one)}
    names = sorted((restored | (backed_up & {*SOURCES})) & standing)
    with ThreadPoolExecutor(2) as readers:
        return dict(zip(names, readers.map(lambda name: content(stage.box, name), names), strict=True))


def _is_copy(record: Record) -> bool:
    return record.state is State.SUCCEEDED and "source" in record.facts and "volume" in record.numbers


def write(stage: Stage, evidence: Evidence, story: Iterable[str]) -> None:
    """Write the evidence beside the logs."""
    home = stage.places.home
    (home / "audit.jsonl").write_text(simulator("log", str(stage.box), "--json"))
    (home / "array.json").write_text(json.dumps(stage.shown(), indent=1))
    records = [dataclasses.asdict(record.evolve(facts=dict(record.facts))) for record in evidence.records.values()]
    (home / "records.json").write_text(json.dumps(records, indent=1, default=dict))
    backups = {
        "catalogue": [dataclasses.asdict(one) for one in evidence.catalogue],
        "images": {name: dataclasses.asdict(one) for name, one in evidence.images.items()},
        "contents": dict(evidence.contents),
    }
    (home / "backups.json").write_text(json.dumps(backups, indent=1))
    (home / "keys.json").write_text(json.dumps(evidence.keys, indent=1))
    (home / "events.jsonl").write_text("".join(f"{line}\n" for line in _events(stage)))
    (home / "story.txt").write_text("".join(f"{line}\n" for line in story))


def _events(stage: Stage) -> Iterable[str]:
    """Return what became of the jobs, event by event, as far back as the state server keeps it."""
    found = stage.house.server.events("0-0", 1)
    return (json.dumps({"id": number, **event}) for number, event in found)
