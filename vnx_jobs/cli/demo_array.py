"""What the simulated array shows after the demo, compared with what the manifest asked for."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vnx_jobs.batches.fates import RowFate
from vnx_jobs.model.record import Record
from vnx_jobs.stack.simulated import simulator


def compare(box: Path, fates: Iterable[RowFate], records: Mapping[str, Record], source: str) -> dict[str, Any]:
    """Compare the array in the folder `box`, asked behind everybody's back, with what the rows should have made.

    The answer's `problems` is empty if they are the same, nothing temporary is left, and every full copy of the source
    holds its bytes.
    """
    asked = [(fate.operation, records[fate.job]) for fate in fates]
    snap_copies = _standing(asked, "snap-copy", "delete-volume")
    volumes = _standing(asked, "create-volume", "delete-volume") | _standing(asked, "clone", "delete-volume")
    snapshots = _standing(asked, "create-snapshot", "delete-snapshot")
    shown = json.loads(simulator("show", str(box), "--json"))
    luns = {lun["name"]: lun for lun in shown["luns"]}
    mounts = {name for name, lun in luns.items() if lun["primary"] is not None}
    behind = {luns[name]["attached_snapshot"] for name in mounts & snap_copies}
    problems = [
        *_differences("snap copies", snap_copies, mounts),
        *_differences("volumes", volumes, luns.keys() - mounts),
        *_differences("snapshots", snapshots, {one["name"] for one in shown["snapshots"]} - behind),
        *(f"a migration is listed: {one}" for one in shown["migrations"]),
    ]
    digests = {name: simulator("digest", str(box), name) for name in volumes & luns.keys()}
    copies = [name for name in digests if name != source]
    problems += [f"{name} does not hold the bytes of {source}" for name in copies if digests[name] != digests[source]]
    return {
        "problems": problems,
        "volumes": len(luns),
        "snap_copies": len(mounts),
        "snapshots": len(shown["snapshots"]) - len(behind),
        "equal_copies": len(copies),
        "commands": shown["commands"],
        "names": sorted(luns),
    }


def _standing(asked: Iterable[tuple[str, Record]], makes: str, ends: str) -> set[str]:
    """Return the names that operations made and none deleted."""
    made = {record.name for operation, record in asked if operation == makes}
    return made - {record.name for operation, record in asked if operation == ends}


def _differences(what: str, expected: set[str], found: set[str]) -> list[str]:
    missing, strange = sorted(expected - found), sorted(found - expected)
    return [f"{what} missing on the array: {', '.join(missing)}"] * bool(missing) + [
        f"{what} on the array that nobody asked for: {', '.join(strange)}"
    ] * bool(strange)
