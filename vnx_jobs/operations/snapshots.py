"""Operations on snapshots."""

from typing import Final

from vnx_jobs.model.step import operation
from vnx_jobs.steps.restore import check_restore, restore_volume
from vnx_jobs.steps.snapshot_copies import copy_named_snapshot, name_snapshot
from vnx_jobs.steps.snapshots import check_snapshot, destroy_named_snapshot, take_named_snapshot
from vnx_jobs.steps.unmapped import check_unmapped

CREATE_SNAPSHOT: Final = operation(
    "create-snapshot",
    "Take a snapshot of a volume.",
    take_named_snapshot,
)

DELETE_SNAPSHOT: Final = operation(
    "delete-snapshot",
    "Delete a snapshot.",
    check_snapshot,
    destroy_named_snapshot,
)

CREATE_SNAPSHOT_OF_SNAP_COPY: Final = operation(
    "create-snapshot-of-snap-copy",
    "Take a snapshot of a snap copy while no host sees it.",
    check_unmapped,
    take_named_snapshot,
)

COPY_SNAPSHOT: Final = operation(
    "copy-snapshot",
    "Copy a snapshot: a second one of the same moment.",
    copy_named_snapshot,
    name_snapshot,
)

RESTORE_SNAPSHOT: Final = operation(
    "restore-snapshot",
    "Restore a volume to a snapshot; what it held before is kept in a backup snapshot.",
    check_restore,
    restore_volume,
)

TABLES: Final = (
    CREATE_SNAPSHOT,
    CREATE_SNAPSHOT_OF_SNAP_COPY,
    COPY_SNAPSHOT,
    RESTORE_SNAPSHOT,
    DELETE_SNAPSHOT,
)
