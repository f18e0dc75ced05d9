"""`storagepool -list` and `storagepool -feature -info`."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.records import GB_BLOCKS, Pool, Tier
from vnx_jobs.simulator.rules import pools

from . import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

Row = tuple[str, object]


def block(array: Array, pool: Pool) -> str:
    """Write everything about one pool."""
    used = pools.consumed(array, pool)
    head = layout.labelled([*_head(array, pool), *_capacities(array, pool, used)])
    tiers = "\n".join(_tier(array, pool, tier, used) for tier in pool.tiers)
    every = _disks(pool, (bus(disk) for disk in pool.disks.split(",")))
    foot = layout.labelled(_foot(array, pool))
    return f"{head}\n{tiers}\nRebalance Percent Complete:  N/A\nDisks:\n{every}{foot}"


def _disks(pool: Pool, lines: Iterable[str]) -> str:
    """List disks; a mixed pool was recorded with an empty line before each."""
    gap = "\n" if len(pool.tiers) > 1 else ""
    return "".join(f"{gap}{line}\n" for line in lines)


def bus(disk: str) -> str:
    """Write a disk's place, B_E_D, as listings do."""
    where = disk.split("_")
    return f"Bus {where[0]} Enclosure {where[1]} Disk {where[2]}"


def _head(array: Array, pool: Pool) -> list[Row]:
    destroying = pools.is_destroying(array, pool)
    return [
        ("Pool Name", pool.name),
        ("Pool ID", pool.id),
        ("Raid Type", pool.raid),
        ("Percent Full Threshold", pool.threshold),
        ("Description", pool.description),
        ("Disk Type", pool.disk_type),
        ("State", "Destroying" if destroying else "Ready"),
        ("Status", "OK(0x0)"),
        ("Current Operation", "Destroying" if destroying else "None"),
        ("Current Operation State", "N/A"),
        ("Current Operation Status", "N/A"),
        ("Current Operation Percent Completed", 0),
    ]


def _capacities(array: Array, pool: Pool, used: int) -> list[Row]:
    luns = array.db.execute("SELECT blocks, thin FROM lun WHERE pool = ? AND primary_id IS NULL", (pool.id,)).fetchall()
    thick = sum(blocks for blocks, thin in luns if not thin)
    lun_blocks = sum(blocks for blocks, _ in luns)
    metadata = sum(pools.metadata(blocks) for blocks, _ in luns)
    subscribed = lun_blocks + metadata
    raw = pool.user_blocks * 5 // 4
    savings: list[Row] = [("Compression Savings (Blocks)", "N/A"), ("Compression Savings (GBs)", "N/A")]
    tiering: list[Row] = [("Auto-Tiering", "Scheduled")] if array.has("-FAST") else []
    return [
        *layout.capacity("Raw Capacity", raw),
        *layout.capacity("User Capacity", pool.user_blocks),
        *layout.capacity("Consumed Capacity", used),
        *layout.capacity("Available Capacity", 0 if pools.is_full(array, pool) else pool.user_blocks - used),
        ("Percent Full", f"{used * 100 / pool.user_blocks:.3f}"),
        *layout.capacity("LUN Allocation", thick),
        *layout.capacity("Snapshot Allocation", 0),
        *layout.capacity("Metadata Allocation", used - min(used, thick)),
        *layout.capacity("Total Subscribed Capacity", subscribed),
        ("Percent Subscribed", f"{subscribed * 100 / pool.user_blocks:.3f}"),
        *layout.capacity("Oversubscribed by", max(0, subscribed - pool.user_blocks)),
        *layout.capacity("LUN Subscribed Capacity", lun_blocks),
        *layout.capacity("Snapshot Subscribed Capacity", 0),
        *layout.capacity("Metadata Subscribed Capacity", metadata),
        *savings,
        *tiering,
    ]


def _tier(array: Array, pool: Pool, tier: Tier, used: int) -> str:
    def gigabytes(blocks: int) -> str:
        return f"{blocks * tier.share / 100 / GB_BLOCKS:.2f}"

    rows: list[Row] = [
        ("Tier Name", tier.name),
        ("Raid Type", tier.raid),
        ("Raid Drive Count", len(tier.disks)),
        ("User Capacity (GBs)", gigabytes(pool.user_blocks)),
        ("Consumed Capacity (GBs)", gigabytes(used)),
        ("Available Capacity (GBs)", gigabytes(pool.user_blocks - used)),
        ("Percent Subscribed", f"{used * 100 / pool.user_blocks:.2f}%"),
    ]
    targets = ("for Higher Tier", "for Lower Tier", "Within Tier")
    rows += [(f"Data Targeted {where} (GBs)", "0.00") for where in targets if array.has("-FAST")]
    disks = _disks(pool, (f"{bus(disk)} ({tier.disk_type})" for disk in tier.disks))
    return f"{layout.labelled(rows)}Disks (Type):\n{disks}"


def _foot(array: Array, pool: Pool) -> list[Row]:
    numbers = [
        number for (number,) in array.db.execute("SELECT number FROM lun WHERE pool = ? ORDER BY number", (pool.id,))
    ]
    rows: list[Row] = [("LUNs", ", ".join(map(str, numbers)))]
    if array.has("-FASTCache"):
        rows.append(("FAST Cache", "Enabled"))
    if array.settings.model.deduplication and array.has("-Deduplication"):
        rows += _dedup(array, pool)
    for what, high, low in (("Pool Full", "95.00", "85.00"), ("Snapshot Space Used", "25.00", "20.00")):
        rows += [
            (f"Auto-Delete {what} Threshold Enabled", "Off"),
            (f"Auto-Delete {what} High Watermark", high),
            (f"Auto-Delete {what} Low Watermark", low),
            (f"Auto-Delete {what} State", "Idle"),
        ]
    return rows


def _dedup(array: Array, pool: Pool) -> list[Row]:
    some = array.one("SELECT 1 FROM lun WHERE pool = ? AND deduplicated", pool.id)
    return [
        ("Deduplication State", "Enabled" if some else "Idle (No Deduplicated LUNs)"),
        ("Deduplication Status", "OK(0x0)"),
        ("Deduplication Percent Completed", "N/A"),
        ("Deduplication Remaining Size (Blocks)", "N/A"),
        ("Deduplication Remaining Size (GBs)", "N/A"),
        ("Deduplication Rate", "Medium"),
        ("Deduplicated LUNs' Tiering Policy", "Auto Tier"),
        ("Deduplicated LUNs' Initial Tier", "Optimize Pool"),
        ("Efficiency Savings (Blocks)", "N/A"),
        ("Efficiency Savings (GBs)", "N/A"),
        ("Deduplication Shared Capacity (Blocks)", "N/A"),
        ("Deduplication Shared Capacity (GBs)", "N/A"),
    ]


def features(array: Array) -> list[tuple[str, str, object]]:
    """Return what `storagepool -feature -info` can say: flag, label, value."""
    model = array.settings.model
    every = pools.every(array)
    used = sum(len(pool.disks.split(",")) for pool in every)
    luns = array.count("SELECT count(*) FROM lun WHERE primary_id IS NULL")
    thin = array.count("SELECT count(*) FROM lun WHERE primary_id IS NULL AND thin")
    largest = model.max_lun_gb
    return [
        (
            "-isvirtualprovisioningsupported",
            "Is Virtual Provisioning Supported",
            "true" if array.has("-ThinProvisioning") else "false",
        ),
        ("-maxpools", "Max. Pools", model.max_pools),
        ("-maxdiskdrivesperpool", "Max. Disks Per Pool", model.max_disks),
        ("-maxdiskdrivesallpools", "Max. Disks for all Pools", model.max_disks),
        ("-maxdiskdrivesperop", "Max. Disks Per Operation", model.max_disks_at_once),
        ("-maxpoolluns", "Max. Pool LUNs", model.max_luns),
        ("-minpoollunsize", "Min. Pool LUN Size(Blocks)", 1),
        ("-maxpoollunsize", "Max. Pool LUN Size(Blocks)", largest * GB_BLOCKS),
        ("-maxpoollunsize", "Max. Pool LUN Size(GBs)", f"{largest:.3f}"),
        ("-numpools", "Total Number of Pools", len(every)),
        ("-numpoolluns", "Total Number of Pool LUNs", luns),
        ("-numthinluns", "Total Number of all Pool LUNs that are thin", thin),
        ("-numdiskdrivesallpools", "Number of Disks used in Pools", used),
    ]
