"""How a row is played, and how its end is judged: by the array's state, its audit, and the state server's keys."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.backup_host import HOST
from tests.crash.fates import Fate
from tests.crash.grouped import UIDS as GROUPED_UIDS
from tests.crash.grouped import make_groups
from tests.crash.kept import BACKUPS, backups_shown, make_backups
from tests.crash.left import SCRATCH, leave_behind, stop_half_way
from tests.crash.left import UIDS as LEFT_UIDS
from tests.crash.tables import HELD, START, Row, row_of
from tests.installation import Installation
from tests.records import Claims
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import Command, is_meant
from vnx_jobs.adapters.memory.vnx_world import as_lun
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import ENDED, State

SLOTS: Final = ("copies", "mounts", "snapshots")
UIDS: Final = {
    f"60:06:01:60:00:00:00:00:00:00:00:00:00:00:00:{serial:02X}": name
    for serial, name in enumerate(("gold", "spare", "iron", "copy", "foreign", *LEFT_UIDS, *GROUPED_UIDS), 1)
}
"""The in-memory array gives them out in their order."""


def prepared(url: str, folder: Path) -> Installation:
    """Make the installation that stands at the start of every row; its records are in memory if there is no address."""
    made = Installation(url, "template:", folder)
    made.make("gold", content="ore")
    made.make("spare", content="tin")
    made.make("iron", content="rust")
    assert made.do("create-snapshot", name="monday", volume="gold").state == "SUCCEEDED"
    assert made.do("snap-copy", name="copy", source="gold").state == "SUCCEEDED"
    made.vnx.write(1, "slag")
    array = MemoryArray(made.vnx)
    array.create_snapshot(3, "theirs", writable=True)
    array.create_mount_point(90, "foreign", 3)
    array.attach_snapshot(90, "theirs")
    array.create_storage_group("esx")
    array.set_path("esx", "esx", "20:00:00:00:C9:12:34:56:10:00:00:00:C9:12:34:56", array.fibre_ports()[0])
    array.map_lun("esx", 5, 3)
    array.create_storage_group("once")
    array.set_path("once", "idle", "iqn.1993-08.org.debian:01:idle", array.iscsi_portals()[0])
    array.disconnect_host("once", "idle")
    array.destroy_storage_group("once")
    leave_behind(made)
    array.map_lun("esx", 9, SCRATCH)
    make_groups(made)
    make_backups(made)
    made.read_ports()
    made.read_array()
    made.clock.advance(5)  # all that was granted is older than what is to come
    assert made.array_shows() == START
    assert _slots(_claims(made)) == HELD
    return made


def plan(installation: Installation, command: str, fate: Fate, *, skip: int = 0) -> None:
    """Let a fate befall the next command of that verb."""
    installation.vnx.plan(command, fate.make(installation), skip=skip)


def submitted(installation: Installation, row: Row) -> str:
    """Submit a row's request; return the job."""
    request: dict[str, Any] = dict(row.request)
    for number in row.stopped:
        stop_half_way(installation, number)
    return installation.submit(request.pop("operation"), **request).job


def played(installation: Installation, row: Row) -> Record:
    """Submit a row's request and run until it has ended or is stuck."""
    return installation.run(submitted(installation, row))[0]


def sent(installation: Installation, row: Row | None = None) -> list[str]:
    """Return the changing commands that were sent, whatever came of them, as the row calls them."""
    named = () if row is None else row.commands
    return [
        next((one for one in named if is_meant(one, command.verb, command.arguments)), command.verb)
        for command in installation.vnx.audit
        if command.change
    ]


def place_of(audit: Sequence[Command], name: str) -> int:
    """Return the place of the first command that is meant by a row's name for it."""
    return next(at for at, command in enumerate(audit) if is_meant(name, command.verb, command.arguments))


def _claims(installation: Installation) -> Claims:
    """Return every claim that is held, with the names of volumes for their UIDs."""
    names = {volume.uid: volume.name for volume in installation.vnx.world.volumes.values()} | UIDS
    found: dict[str, Mapping[str, float]] = {}
    for key, members in installation.records.claims().items():
        kind, _, thing = key.replace("box:", "", 1).partition(":")
        uid, _, rest = thing.partition(" ")
        named = f"{names[uid]} {rest}".strip() if uid in names else thing
        found[f"{kind}:{named}"] = members
    return found


def _slots(claims: Claims) -> dict[str, int]:
    taken = {
        key: sum(ticket >= 0 for ticket in members.values())
        for key, members in claims.items()
        if key.partition(":")[0] in SLOTS
    }
    return {key: count for key, count in taken.items() if count}


def locks(installation: Installation, job: str) -> dict[str, str]:
    """Return what a job holds, but for slots and numbers: alone or shared."""
    return {
        key.removesuffix(f"-{job}"): "alone" if members[job] < 0 else "shared"
        for key, members in _claims(installation).items()
        if job in members
    }


def _nothing_else_is_held(installation: Installation, slots: Mapping[str, int]) -> None:
    """Check that the state server holds nothing but records, some slots, and the numbers of volumes on the array."""
    assert installation.records.under_way() == []
    claims = _claims(installation)
    assert {key.partition(":")[0] for key in claims} <= {*SLOTS, "numbers", "hlus"}
    assert _slots(claims) == slots
    borne = {str(number) for number in installation.vnx.world.volumes if number >= 500}
    assert set(claims.get("numbers:box", {})) == borne
    for group in ("esx", HOST):
        shown = installation.vnx.world.storage_groups[group].luns
        assert set(claims.get(f"hlus:{group}", {})) == {str(hlu) for hlu, _ in shown}


def _lies(installation: Installation, names: Iterable[str]) -> dict[str, str]:
    """Return kind and pool of volumes."""
    world = installation.vnx.world
    shown = {volume.name: as_lun(world, volume, installation.clock.monotonic()) for volume in world.volumes.values()}
    return {name: f"{shown[name].provisioning} in {shown[name].pool}" for name in names if name in shown}


def is_whole(installation: Installation, row: Row, record: Record) -> None:
    """Check that a job has ended with what was asked for, whole."""
    assert (record.state, record.operation) == (State.SUCCEEDED, row.operation), record.why or record.error
    assert installation.array_shows() == row.whole
    expected = dict.fromkeys(_lies(installation, START), "thin in pool") | row.moved
    assert _lies(installation, expected) == expected
    assert installation.vnx.world.copies == {}
    assert backups_shown(installation) == row.backups
    _nothing_else_is_held(installation, row.held)
    assert installation.vnx.spared == ()


def is_gone(installation: Installation, record: Record, state: State = State.FAILED) -> None:
    """Check that a job has ended with nothing of its own anywhere."""
    assert record.state == state, record.why
    assert record.state in ENDED
    assert installation.array_shows() == START
    assert set(_lies(installation, START).values()) == {"thin in pool"}
    assert set(installation.vnx.world.copies) == set(row_of(record.operation).stopped)
    assert backups_shown(installation) == BACKUPS
    _nothing_else_is_held(installation, HELD)
    assert installation.vnx.spared == ()


def is_stuck(installation: Installation, record: Record, kept: Mapping[str, str]) -> None:
    """Check that a job is stuck, says what it leaves, and holds the locks that this stands under."""
    assert record.state is State.STUCK, (record.state, record.why)
    assert record.leftovers
    assert locks(installation, record.id) == kept
    assert installation.vnx.spared == ()


def was_sent_once_more(installation: Installation, row: Row, again: Counter[str]) -> None:
    """Check that each changing command was sent once, and once more for each time it was certainly not carried out."""
    expected = Counter(row.commands) + again
    assert Counter(sent(installation, row)) == expected
