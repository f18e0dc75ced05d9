"""Commands that land late, when their client is long dead: docs/design.md says of each why it does no harm."""

import inspect
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.crash.fates import LATEST, REFUSAL, SURVIVED
from tests.crash.play import is_gone, is_whole, plan, submitted
from tests.crash.tables import MATRIX, START, Row, row_of
from tests.installation import Installation
from vnx_jobs.adapters.array.words import Commands
from vnx_jobs.adapters.memory.vnx import Fault, answer_lost
from vnx_jobs.model.array import THIN, Layout
from vnx_jobs.model.hosts import FrontPort
from vnx_jobs.model.keeping import FOR_GOOD, Keeping
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.ports import Array

PAGE: Final = (Path(__file__).parents[2] / "docs" / "design.md").read_text()
MAKING: Final = [
    pytest.param(row_of(operation), command, id=f"{operation}-{command}")
    for operation, command in (
        ("create-volume", "create_lun"),
        ("create-compressed-volume", "compress_lun"),
        ("rename-volume", "rename_lun"),
        ("create-snapshot", "create_snapshot"),
        ("copy-snapshot", "copy_snapshot"),
        ("copy-snapshot", "name_snapshot"),
        ("snap-copy", "create_snapshot"),
        ("snap-copy-of-snapshot", "copy_snapshot"),
        ("snap-copy-of-snapshot", "allow_writes"),
        ("snap-copy", "create_mount_point"),
        ("snap-copy", "attach_snapshot"),
        ("register-and-attach", "create_storage_group"),
        ("register-and-attach", "set_path"),
        ("connect-and-attach", "connect_host"),
        ("clone", "create_lun"),
        ("clone", "migrate"),
        ("backup", "map_lun"),
        ("backup-of-group", "create_group_snapshot"),
        ("restore-backup", "create_lun"),
        ("drill", "map_lun"),
    )
]
"""Every command that makes something, in some operation."""


def _changing() -> set[str]:
    """Return the port's methods that change the array: they return nothing."""
    methods = inspect.getmembers(Array, inspect.isfunction)
    return {name for name, method in methods if inspect.signature(method).return_annotation is None} - {"__init__"}


def _rows() -> dict[str, str]:
    """Return the page's rows: the words that are sent, by the port's method."""
    section = PAGE.split("## What lands late or twice")[1].split("\n## ")[0]
    found = {}
    for words, methods in re.findall(r"^\| (.+?) \| (.+?) \|", section, re.MULTILINE):
        for method in re.findall(r"`(\w+)`", methods):
            found[method] = words
    return found


def test_the_page_lists_every_changing_command() -> None:
    """Each changing method of the Array port stands on the page, beside the words that the adapter sends for it."""
    rows = _rows()
    assert set(rows) == _changing()
    some: dict[object, object] = {int: 1, str: "high", bool: True, Layout: THIN, Keeping: FOR_GOOD}
    some |= {FrontPort: FrontPort("A", 0, ""), Sequence[int]: (1, 2)}
    for method, words in rows.items():
        build = getattr(Commands(), method)
        sent = build(**{name: some[one.annotation] for name, one in inspect.signature(build).parameters.items()})
        assert f"`{' '.join(sent[:2])}" in words, (method, sent)


@pytest.mark.parametrize(("row", "command"), MAKING)
@pytest.mark.parametrize("lost", ["killed, lands late", "hung, lands late", "time out, lands late"])
def test_what_lands_late_after_a_cancel_is_undone(
    fresh: Iterator[Installation], row: Row, command: str, lost: str
) -> None:
    """A job that is cancelled while its command may still land waits for the landing, and leaves nothing."""
    installation = next(fresh)
    installation.vnx.seconds_per_gb = 1000.0
    plan(installation, command, SURVIVED[lost])
    job = submitted(installation, row)
    installation.until(lambda: installation.vnx.spared == ())
    ordered = installation.store.order(job, Order.CANCEL, "ann")
    installation.bell.ring(ordered.rings)
    is_gone(installation, installation.run(job)[0], State.CANCELLED)


REUSED: Final = (
    ("delete-volume", {"operation": "create-volume", "name": "spare", "size_gb": 1, "pool": "pool"}, "1 GB full: "),
    ("delete-snap-copy", {"operation": "snap-copy", "name": "copy", "source": "spare"}, "2 GB snap copy of spare: tin"),
    ("delete-snapshot", {"operation": "create-snapshot", "name": "monday", "volume": "spare"}, "tin"),
    ("delete-group-snapshot", {"operation": "create-snapshot", "name": "frozen", "volume": "spare"}, "tin"),
    ("delete-group", {"operation": "create-group", "name": "wide", "members": "south"}, "south"),
)
"""A deletion, a job that is to make an object of the same name after it, and what that is."""


@pytest.mark.parametrize(("operation", "next_job", "made"), REUSED)
@pytest.mark.parametrize("lost", ["killed, lands late", "hung, lands late", "time out, lands late"])
def test_a_late_destruction_spares_the_next_owner_of_the_name(
    installation: Installation, operation: str, next_job: dict[str, Any], made: str, lost: str
) -> None:
    """A deletion whose command lands at the last moment lets nobody have its name before; the next owner stands."""
    row = row_of(operation)
    for command in row.commands:
        plan(installation, command, SURVIVED[lost])
    first = submitted(installation, row)
    second = installation.submit(after=(first,), **next_job).job
    assert [one.state for one in installation.run(first, second)] == [State.SUCCEEDED, State.SUCCEEDED]
    installation.clock.advance(10 * LATEST)
    name = next_job["name"]
    shown = installation.array_shows()
    assert made in {shown.get(name), shown.get(f"snapshot {name} of spare"), shown.get(f"group {name}")}


_BACKUP: Final = {
    "create_snapshot": {"snapshot hidden of gold (2)"},
    "create_group_snapshot": {"snapshot hidden of gold (2)"},
    "create_mount_point": {"mount0 of a job"},
}
_LEFT_THROUGH_HOSTS: Final[dict[str, dict[str, set[str]]]] = {
    **dict.fromkeys(("backup", "backup-of-snap-copy", "backup-of-group"), _BACKUP),
    "drill": {"create_lun": {"drill of a job"}},
    "restore-backup": {"map_lun": {"vault sees again"}},
    "restore-backup-onto": {"map_lun": {"vault sees spare"}},
    "promote-through-host": {"map_lun 2": {"vault sees copy"}},
}
"""What stands if that command of a backup, a restore, a drill or a promotion lands when its job has long ended."""

TOO_LATE: Final = 50.0
"""Seconds after which a command lands that no settling time waits for: whoever may own its object by then is spared."""


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.operation)
def test_a_second_landing_long_after_changes_nothing(fresh: Iterator[Installation], row: Row) -> None:
    """A command that was given up for lost, was sent again, and lands after all when the job has ended is refused.

    But for what was temporary, which is gone by then: the snapshot of a clone, the target of a migration, what a backup
    host was shown. And for the copy of a snapshot, which has another name. They bear the name of a job that has ended.
    A volume that was restored is shown to the backup host then, under a number that is not given out again for long.
    """
    of_group = row.operation == "clone-of-group-snapshot"
    copied = "snapshot hidden of north, east" if of_group else "snapshot hidden of gold (2)"
    hidden = {command: {copied} for command in row.commands[:1]}
    target = {"create_lun": {"LUN of a job"}}
    left_late: dict[str, set[str]] = hidden if row.operation.startswith(("clone", "copy-snapshot")) else {}
    left_late |= target if "migrate" in row.commands else {}
    left_late |= _LEFT_THROUGH_HOSTS.get(row.operation, {})
    for command in row.commands:
        installation = next(fresh)
        installation.vnx.plan(command, answer_lost(effect=True, after=TOO_LATE))
        is_whole(installation, row, installation.run(submitted(installation, row))[0])
        installation.clock.advance(2 * TOO_LATE)
        shown, whole = (
            {"LUN of a job" if name.startswith("vjt-") else name for name in names}
            for names in (installation.array_shows(), row.whole)
        )
        assert shown == whole | left_late.get(command, set())
        assert installation.vnx.world.copies == {}


@pytest.mark.parametrize(
    "command", ["migrate", "cancel_migration", "destroy_lun", "destroy_mount_point", "attach_snapshot"]
)
def test_what_lands_long_after_an_undo_changes_nothing(installation: Installation, command: str) -> None:
    """Commands that land when their clone is undone, and another of the same name is being made, do nothing."""
    installation.vnx.seconds_per_gb = 1000.0
    late = Fault(answer_lost(effect=True).error, effect=True, after=TOO_LATE)
    installation.vnx.plan(command, late)
    if command.startswith("destroy"):
        plan(installation, "migrate", REFUSAL)
    elif command == "attach_snapshot":
        plan(installation, command, REFUSAL)
    job = installation.submit("clone", name="twin", source="gold").job
    if command in {"migrate", "cancel_migration"}:
        installation.until(lambda: "session-over" in installation.record(job).condition)
        installation.bell.ring(installation.store.order(job, Order.CANCEL, "ann").rings)
    assert installation.run(job)[0].state in {State.CANCELLED, State.FAILED}
    assert installation.array_shows() == START
    installation.read_array()
    again = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: "session-over" in installation.record(again).condition)
    installation.clock.advance(2 * TOO_LATE)
    assert len(installation.vnx.world.copies) == 1
    assert installation.record(again).error == ""
    assert {"twin", *START} <= set(installation.array_shows())
