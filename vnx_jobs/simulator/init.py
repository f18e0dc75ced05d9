"""Making an array: an empty folder becomes a state."""

from __future__ import annotations

import os
import shlex
import sqlite3
import sys
import time
from pathlib import Path

from . import schema
from .record import record
from .records import DISK_GB, GB_BLOCKS, SLOTS
from .settings import ENABLERS, MIRRORS, Model, put
from .store import LAYOUT

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
DEFAULT_POOLS = (("pool_1", 20480, False), ("pool_2", 10240, True))
TIERS = "Extreme Performance,Performance,Capacity"
MOST_GB = 1 << 20
DEFAULT_NAME = "IT_IS_ARR_NAME"
"""The array name of the one recording that shows one; `arrayname NEW -o` changes it."""
SYSTEM_USER = ("sysadmin", "global", "sysadmin", "administrator", "system")


class CannotMake(Exception):  # noqa: N818 - the words say it
    """The folder cannot become a state; the text says why."""


@record
class Plan:
    """What `vnx-sim init` was asked to make. Pools are a name, GB and whether mixed; latencies are milliseconds."""

    model: Model
    serial: str
    name: str
    pools: tuple[tuple[str, int, bool], ...]
    enablers: tuple[str, ...]
    spa: str
    spb: str
    latency: tuple[float, float]
    sessions: int
    sessions_full: str
    migrations: int


def default_enablers(model: Model) -> tuple[str, ...]:
    """Return what a model comes with: everything that its generation knows."""
    return tuple(name for name in (*ENABLERS, *MIRRORS) if model.deduplication or name != "-Deduplication")


def make(folder: Path, plan: Plan) -> None:
    """Make a state in a new or empty folder, with `bin/naviseccli` bound to it. Raises CannotMake."""
    _check(plan)
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotMake(f"{folder} is not an empty folder")
    for name in ("content", "devices", "locks", "bin"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    draft = folder / "array.db.new"
    with sqlite3.connect(draft, isolation_level=None) as db:
        db.executescript(f"BEGIN; {schema.statements()} COMMIT;")
        db.execute("BEGIN")
        _enter(db, plan)
        db.execute("COMMIT")
    db.close()
    _write_program(folder)
    draft.rename(folder / "array.db")


def _check(plan: Plan) -> None:
    names = [name for name, _, _ in plan.pools]
    unknown = set(plan.enablers) - {*ENABLERS, *MIRRORS}
    low, high = plan.latency
    faults = (
        (len(set(names)) < len(names), f"two pools have one name: {', '.join(names)}"),
        (sum(size for _, size, _ in plan.pools) > MOST_GB, f"the pools are larger than {MOST_GB} GB together"),
        (
            bool(unknown),
            f"no enabler is called {', '.join(sorted(unknown))}; there are {' '.join((*ENABLERS, *MIRRORS))}",
        ),
        (plan.spa == plan.spb, f"both SPs have the address {plan.spa}"),
        (high < low, f"latency: {low:g} is more than {high:g}"),
        (not (plan.name.isprintable() and plan.serial.isprintable() and plan.name), "a name is one line of text"),
    )
    for is_so, sentence in faults:
        if is_so:
            raise CannotMake(sentence)


def _enter(db: sqlite3.Connection, plan: Plan) -> None:
    disks = _pools(db, plan)
    settings = {
        "layout": LAYOUT,
        "model": plan.model.name,
        "serial": plan.serial,
        "name": plan.name,
        "enablers": ",".join(plan.enablers),
        "spa": plan.spa,
        "spb": plan.spb,
        "control_station": ".".join([*plan.spa.split(".")[:3], "3"]),
        "latency_low": str(plan.latency[0]),
        "latency_high": str(plan.latency[1]),
        "sessions": str(plan.sessions),
        "sessions_full": plan.sessions_full,
        "migrations": str(plan.migrations),
        "enclosures": str(disks // SLOTS + 2),
        "statistics": "1",
        "certificate_level": "low",
    }
    for name, value in settings.items():
        put(db, name, value)
    db.execute("INSERT INTO account VALUES (?, ?, ?, ?, ?)", SYSTEM_USER)
    db.execute("INSERT INTO storage_group (name, uid, special) VALUES (?, ?, 1)", ("~management", f"{'00:' * 15}04"))
    _ports(db, plan.serial.lower())
    db.execute("DELETE FROM undo")
    db.execute("UPDATE poll SET time = ?", (time.time(),))


def _pools(db: sqlite3.Connection, plan: Plan) -> int:
    """Enter the pools, each on disks of its own; return the number of disks."""
    used = 0
    for number, (name, gigabytes, mixed) in enumerate(plan.pools):
        count = max(5, gigabytes // DISK_GB + 1)
        places = [f"{disk // SLOTS // 10}_{disk // SLOTS % 10}_{disk % SLOTS}" for disk in range(used, used + count)]
        used += count
        kind = ("Mixed", "Mixed", TIERS) if mixed else ("r_5", "SAS", "Performance")
        db.execute(
            "INSERT INTO pool VALUES (?, ?, ?, ?, ?, ?, 70, '', ?)",
            (number, name, gigabytes * GB_BLOCKS, *kind, ",".join(places)),
        )
    return used


FC_PORTS = (0, 1, 2, 3)
FAST_ISCSI_PORTS = (4, 5, 6, 7)
FCOE_PORTS = (8,)
SLOW_ISCSI_PORTS = (9, 10, 11)
ADDRESSED = (4, 5)


def _ports(db: sqlite3.Connection, serial: str) -> None:
    for place, sp in enumerate("AB"):
        for number in FC_PORTS:
            tail = f"{place * 8 + number:02X}"
            wwn = f"50:06:01:60:88:60:01:{tail}:50:06:01:6{number}:08:60:01:{tail}"
            db.execute("INSERT INTO port VALUES (?, ?, 'FC', ?, '', '8Gbps', 0)", (sp, number, wwn))
        for number in FAST_ISCSI_PORTS + SLOW_ISCSI_PORTS:
            iqn = f"iqn.1992-04.com.emc:cx.{serial}.{sp.lower()}{number}"
            mac = f"00-60-16-36-{0x80 + place:02X}-{number:02X}"
            speed = "10000 Mb" if number in FAST_ISCSI_PORTS else "1000 Mb"
            db.execute("INSERT INTO port VALUES (?, ?, 'iSCSI', ?, ?, ?, 1500)", (sp, number, iqn, mac, speed))
        for number in FCOE_PORTS:
            wwn = f"50:06:01:60:B6:E0:16:81:50:06:01:6{place * 8}:36:E4:16:81"
            row = (sp, number, wwn, f"00-60-16-48-D6-{0x42 + place:02X}")
            db.execute("INSERT INTO port VALUES (?, ?, 'FCoE', ?, ?, '0 Gb', 2240)", row)
        for number in ADDRESSED:
            address = f"192.168.{number}.{52 + place}"
            row = (sp, number, address, f"192.168.{number}.1")
            db.execute("INSERT INTO virtual_port VALUES (?, ?, 0, NULL, ?, '255.255.255.0', ?)", row)


def _write_program(folder: Path) -> None:
    """Write `bin/naviseccli`: bound to the folder, started without site-packages, which would cost more than the call.

    A shell starts Python, since a `#!` line takes neither spaces nor long paths.
    """
    python, start, here = (shlex.quote(str(path)) for path in (sys.executable, _starter(), folder))
    program = folder / "bin" / "naviseccli"
    program.write_text(f'#!/bin/sh\nVNX_SIM_STATE={here} exec {python} -I -S {start} "$@"\n', encoding="utf-8")
    program.chmod(0o755)


def _starter() -> Path:
    return PACKAGE_ROOT / "vnx_jobs" / "simulator" / "start.py"


def suggested_serial() -> str:
    """Make up a serial number of the form that real arrays have."""
    return f"SIM{int.from_bytes(os.urandom(5), 'big') % 10**11:011d}"
