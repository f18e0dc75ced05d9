"""`lun -list`: the block of one LUN."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.records import Lun, Pool
from vnx_jobs.simulator.rules import luns, pools

from . import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK = """\
LOGICAL UNIT NUMBER {number}
Name:  {name}
UID:  {uid}
Current Owner:  SP {owner}
Default Owner:  SP {owner}
Allocation Owner:  SP {owner}
{capacities}\
Compression Savings (Blocks):  {savings_blocks}
Compression Savings (GBs):  {savings}
Pool Name:  {pool}
Raid Type:  {raid}
Disk Type:  {disk_type}
Offset:  0
Auto-Assign Enabled:  DISABLED
Auto-Trespass Enabled:  DISABLED
{condition}\
{counters}\
Is Pool LUN:  Yes
Is Thin LUN:  {thin}
Is Private:  No
Is Compressed:  {compressed}
{deduplication}\
Features:  N/A
{policy}\
Initial Tier:  {initial_tier}
Tier Distribution:
{tiers}\
Allow Snapshot Auto-Delete:  Yes
Snapshot Mount Points:  {mounts}
Consistency Group:  {group}
Primary LUN:  {primary}
Attached Snapshot:  {snapshot}
Allow Inband Snap Attach:  {inband}
Allocation Policy:  Automatic
"""

CONDITION = """\
Current State:  {state}
Status:  OK(0x0)
Is Faulted:  {faulted}
Is Transitioning:  {transitioning}
Current Operation:  {operation}
Current Operation State:  {operation_state}
Current Operation Status:  {operation_status}
Current Operation Percent Completed:  0
"""

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
    """What the blocks of many LUNs need, read and written once for all of them."""

    def __init__(self, array: Array) -> None:
        self.array = array
        self.counters = _counters(array)
        self.tiering = array.has("-FAST")
        self.dedup = array.settings.model.deduplication and array.has("-Deduplication")
        self.pools = {pool.id: pool for pool in pools.every(array)}
        self.tiers = {pool.id: _tiers(pool) for pool in self.pools.values()}
        self.capacities: dict[tuple[int, int], str] = {}
        self.groups = dict(
            array.db.execute(
                "SELECT lun, name FROM member JOIN consistency_group ON consistency_group.id = consistency_group"
            )
        )
        self.snapshots = dict(
            array.db.execute("SELECT lun.id, snapshot.name FROM lun JOIN snapshot ON attached = snapshot.id")
        )
        self.names: dict[int | None, str] = {}
        self.mounts: dict[int, str] = {}
        for number, primary, name in array.db.execute(
            "SELECT lun.number, main.id, main.name FROM lun JOIN lun AS main ON main.id = lun.primary_id "
            "ORDER BY lun.number"
        ):
            self.names[primary] = name
            before = self.mounts.get(primary)
            self.mounts[primary] = f"{before}, {number}" if before else str(number)


def listing(array: Array, chosen: Sequence[Lun]) -> str:
    """Write the blocks of some LUNs."""
    context = Context(array)
    return layout.blocks(block(context, lun) for lun in chosen)


def block(context: Context, lun: Lun) -> str:
    """Write everything about one LUN."""
    pool = context.pools[lun.pool]
    return BLOCK.format(
        number=lun.number,
        name=lun.name,
        uid=lun.uid,
        owner=lun.owner,
        capacities=_capacities(context, lun),
        savings_blocks=0 if lun.compressed else "N/A",
        savings="0.000" if lun.compressed else "N/A",
        pool=pool.name,
        raid=pool.raid,
        disk_type=pool.disk_type,
        condition=_condition(context.array, lun),
        counters=context.counters,
        thin=layout.yes(lun.thin),
        compressed=layout.yes(lun.compressed),
        deduplication=_deduplication(lun) if context.dedup else "",
        policy=f"Tiering Policy:  {lun.tiering}\n" if context.tiering and lun.tiering else "",
        initial_tier=lun.initial_tier,
        tiers=context.tiers[lun.pool],
        mounts=context.mounts.get(lun.id, "N/A"),
        group=context.groups.get(lun.id, "N/A"),
        primary=context.names[lun.primary_id] if lun.is_mount_point else "N/A",
        snapshot=context.snapshots.get(lun.id, "N/A"),
        inband="No" if lun.is_mount_point else "N/A",
    )


def _capacities(context: Context, lun: Lun) -> str:
    """Write a LUN's capacities. LUNs of one size and kind share them."""
    key = (lun.blocks, lun.thin)
    if key not in context.capacities:
        allocated = 0 if lun.thin else lun.blocks
        metadata = pools.THIN_METADATA_BLOCKS if lun.thin else pools.metadata(lun.blocks)
        uncommitted = pools.THIN_UNCOMMITTED_BLOCKS if lun.thin else 0
        context.capacities[key] = layout.labelled(
            [
                *layout.capacity("User Capacity", lun.blocks),
                *layout.capacity("Consumed Capacity", allocated + metadata + uncommitted),
                *layout.capacity("LUN Allocation", allocated),
                *layout.capacity("Snapshot Allocation", 0),
                *layout.capacity("Metadata Allocation", metadata),
                *layout.capacity("Uncommitted Allocation", uncommitted),
                *layout.capacity("Snapshot Subscribed Capacity", 0),
                *layout.capacity("Metadata Subscribed Capacity", pools.metadata(lun.blocks)),
            ]
        )
    return context.capacities[key]


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


def _condition(array: Array, lun: Lun) -> str:
    state, operation = condition(array, lun)
    busy = operation != "None"
    return CONDITION.format(
        state=state,
        faulted="true" if state == "Offline" else "false",
        transitioning="true" if state == "Initializing" else "false",
        operation=operation,
        operation_state="In Progress" if busy else "N/A",
        operation_status="OK(0x0)" if busy else "N/A",
    )


def _counters(array: Array) -> str:
    """Write the counters: a simulation has done no I/O of its own, for any LUN."""
    rows: list[tuple[str, object]] = [("Statistics Logging Current Time", layout.moment(array.now))]
    for counter in COUNTERS:
        rows += [(counter, 0), (f"{counter} SP A", 0), (f"{counter} SP B", 0)]
    return layout.labelled(rows)


def _tiers(pool: Pool) -> str:
    return "".join(f"{tier.name}:  {tier.share:.2f}%\n" for tier in pool.tiers)


def _deduplication(lun: Lun) -> str:
    if not lun.thin:
        return "Deduplication State:  N/A\nDeduplication Status:  N/A\n"
    return f"Deduplication State:  {'Enabled' if lun.deduplicated else 'Off'}\nDeduplication Status:  OK(0x0)\n"
