"""`lun -list`: the block of one LUN."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.records import Lun, Pool
from vnx_jobs.simulator.rules import luns, pools

from . import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

COUNTERS = (
    "Read Requests",
    "Write Requests",
    "Blocks Read",
    "Blocks Written",
    "Busy Ticks",
    "Idle Ticks",
    "Sum of Outstanding Requests",
    "Non-Zero Request Count Arrivals",
    "Implicit Trespasses",
    "Explicit Trespasses",
)


class Context:
    """What the blocks of many LUNs need, read once for all of them."""

    def __init__(self, array: Array) -> None:
        self.array = array
        self.now = layout.moment(array.now)
        self.tiering = array.has("-FAST")
        self.dedup = array.settings.model.deduplication and array.has("-Deduplication")
        self.pools = {pool.id: pool for pool in pools.every(array)}
        self.groups = dict(
            array.db.execute(
                "SELECT lun, name FROM member JOIN consistency_group ON consistency_group.id = consistency_group"
            )
        )
        self.snapshots = dict(
            array.db.execute("SELECT lun.id, snapshot.name FROM lun JOIN snapshot ON attached = snapshot.id")
        )
        self.names: dict[int, str] = {}
        self.mounts: dict[int, list[int]] = {}
        for number, primary, name in array.db.execute(
            "SELECT lun.number, main.id, main.name FROM lun JOIN lun AS main ON main.id = lun.primary_id ORDER BY lun.number"
        ):
            self.names[primary] = name
            self.mounts.setdefault(primary, []).append(number)


def block(context: Context, lun: Lun) -> str:
    """Write everything about one LUN."""
    pool = context.pools[lun.pool]
    rows = [*_head(lun), *_capacities(lun), *_place(pool), *_condition(context, lun), *_counters(context)]
    text = f"LOGICAL UNIT NUMBER {lun.number}\n{layout.labelled(rows)}{_kind(context, lun)}"
    return f"{text}Tier Distribution:\n{_tiers(pool)}{_relations(context, lun)}"


def _tiers(pool: Pool) -> str:
    return "".join(f"{tier.name}:  {tier.share:.2f}%\n" for tier in pool.tiers)


def listing(array: Array, chosen: Sequence[Lun]) -> str:
    """Write the blocks of some LUNs."""
    context = Context(array)
    return layout.blocks(block(context, lun) for lun in chosen)


def _head(lun: Lun) -> list[tuple[str, object]]:
    return [
        ("Name", lun.name),
        ("UID", lun.uid),
        ("Current Owner", f"SP {lun.owner}"),
        ("Default Owner", f"SP {lun.owner}"),
        ("Allocation Owner", f"SP {lun.owner}"),
    ]


def _capacities(lun: Lun) -> list[tuple[str, object]]:
    allocated = 0 if lun.thin else lun.blocks
    metadata = 3153920 if lun.thin else pools.metadata(lun.blocks)
    uncommitted = 523264 if lun.thin else 0
    return [
        *layout.capacity("User Capacity", lun.blocks),
        *layout.capacity("Consumed Capacity", allocated + metadata + uncommitted),
        *layout.capacity("LUN Allocation", allocated),
        *layout.capacity("Snapshot Allocation", 0),
        *layout.capacity("Metadata Allocation", metadata),
        *layout.capacity("Uncommitted Allocation", uncommitted),
        *layout.capacity("Snapshot Subscribed Capacity", 0),
        *layout.capacity("Metadata Subscribed Capacity", pools.metadata(lun.blocks)),
        ("Compression Savings (Blocks)", 0 if lun.compressed else "N/A"),
        ("Compression Savings (GBs)", "0.000" if lun.compressed else "N/A"),
    ]


def _place(pool: Pool) -> list[tuple[str, object]]:
    return [
        ("Pool Name", pool.name),
        ("Raid Type", pool.raid),
        ("Disk Type", pool.disk_type),
        ("Offset", 0),
        ("Auto-Assign Enabled", "DISABLED"),
        ("Auto-Trespass Enabled", "DISABLED"),
    ]


def condition(array: Array, lun: Lun) -> tuple[str, str]:
    """Return a LUN's Current State and Current Operation.

    A fresh LUN is first Initializing and Preparing, then Ready and Preparing, then Ready (Cinder's VNX driver waits for
    the last).
    """
    if array.faults.of_lun("lun-offline", lun.number, lun.name):
        return "Offline", "None"
    if not luns.is_preparing(array, lun):
        return "Ready", "None"
    halfway = lun.created + (lun.ready_at - lun.created) / 2
    return ("Initializing" if array.now < halfway else "Ready"), "Preparing"


def _condition(context: Context, lun: Lun) -> list[tuple[str, object]]:
    state, operation = condition(context.array, lun)
    busy = operation != "None"
    return [
        ("Current State", state),
        ("Status", "OK(0x0)"),
        ("Is Faulted", "true" if state == "Offline" else "false"),
        ("Is Transitioning", "true" if state == "Initializing" else "false"),
        ("Current Operation", operation),
        ("Current Operation State", "In Progress" if busy else "N/A"),
        ("Current Operation Status", "OK(0x0)" if busy else "N/A"),
        ("Current Operation Percent Completed", 0),
    ]


def _counters(context: Context) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [("Statistics Logging Current Time", context.now)]
    for counter in COUNTERS:
        rows += [(counter, 0), (f"{counter} SP A", 0), (f"{counter} SP B", 0)]
    return rows


def _kind(context: Context, lun: Lun) -> str:
    rows: list[tuple[str, object]] = [
        ("Is Pool LUN", "Yes"),
        ("Is Thin LUN", layout.yes(lun.thin)),
        ("Is Private", "No"),
        ("Is Compressed", layout.yes(lun.compressed)),
    ]
    if context.dedup:
        rows += [
            ("Deduplication State", ("Enabled" if lun.deduplicated else "Off") if lun.thin else "N/A"),
            ("Deduplication Status", "OK(0x0)" if lun.thin else "N/A"),
        ]
    rows.append(("Features", "N/A"))
    if context.tiering and lun.tiering:
        rows.append(("Tiering Policy", lun.tiering))
    rows.append(("Initial Tier", lun.initial_tier))
    return layout.labelled(rows)


def _relations(context: Context, lun: Lun) -> str:
    mounts = context.mounts.get(lun.id, [])
    is_mount = lun.is_mount_point
    return layout.labelled(
        [
            ("Allow Snapshot Auto-Delete", "Yes"),
            ("Snapshot Mount Points", ", ".join(map(str, mounts)) or "N/A"),
            ("Consistency Group", context.groups.get(lun.id, "N/A")),
            ("Primary LUN", context.names[lun.primary_id or 0] if is_mount else "N/A"),
            ("Attached Snapshot", context.snapshots.get(lun.id, "N/A")),
            ("Allow Inband Snap Attach", "No" if is_mount else "N/A"),
            ("Allocation Policy", "Automatic"),
        ]
    )
