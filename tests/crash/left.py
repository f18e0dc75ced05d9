"""What jobs that are over left on the array before each row: one was abandoned, of the other there is no record."""

from typing import Any, Final

from tests.crash.fates import REFUSAL
from vnx_jobs.adapters.memory import vnx_rules
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.model.array import Layout
from vnx_jobs.model.orders import Order

LOST: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
"""The job that no record tells of."""
LEFT_SNAPSHOT: Final = f"vjt-{LOST}-snap"
LEFT_TARGET: Final = f"vjt-{LOST}-target"
RUIN: Final = 95
TARGET: Final = 700
LEFT_SCRATCH: Final = f"vjt-{LOST}-drill"
SCRATCH: Final = 701

START: Final = {
    "ruin": "2 GB full: dust",
    "wreck": "2 GB snap copy of ruin: dust",
    "snapshot hidden of ruin": "dust",
    "snapshot hidden of ruin (2)": "dust",
    LEFT_TARGET: "2 GB full: ",
    "drill of a job": "2 GB full: ",
    "esx sees drill of a job": "under 9",
}
HELD: Final = {"copies:ruin": 1, "mounts:ruin": 1, "snapshots:ruin": 2}
UIDS: Final = ("ruin", "wreck", LEFT_TARGET, LEFT_SCRATCH)
"""In the order in which the array gives them their UIDs."""


def leave_behind(made: Any) -> None:
    """Let a snap copy be abandoned when its undo was refused, and a job leave things that nobody knows of."""
    array = MemoryArray(made.vnx)
    array.create_lun(RUIN, "ruin", 2, "pool", Layout("thin"))
    made.vnx.write(RUIN, "dust")
    made.read_array()
    job = made.submit("snap-copy", name="wreck", source="ruin").job
    made.until(lambda: made.record(job).step == "learn-identity")
    made.vnx.plan("destroy_mount_point", REFUSAL.make(made))
    made.store.order(job, Order.CANCEL, "ann")
    assert made.run(job)[0].state == "STUCK"
    made.store.order(job, Order.ABANDON, "ann")
    array.create_snapshot(RUIN, LEFT_SNAPSHOT, writable=True)
    array.create_lun(TARGET, LEFT_TARGET, 2, "pool", Layout("thin"))
    array.create_lun(SCRATCH, LEFT_SCRATCH, 2, "pool", Layout("thin"))


def stop_half_way(installation: Any, source: int) -> None:
    """Let the copy of a LUN onto what the lost job left have stopped."""
    installation.vnx.apply(lambda world, now: vnx_rules.migrate(world, now, source, TARGET, 1.0))
    installation.vnx.stop_session(source)
