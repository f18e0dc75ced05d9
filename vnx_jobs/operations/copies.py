"""Snap copies and full clones."""

from typing import Final

from vnx_jobs.model.step import NO_WAY_BACK, operation
from vnx_jobs.steps.identity import await_target, learn_identity
from vnx_jobs.steps.luns import create_target
from vnx_jobs.steps.migration import copy_onto_target
from vnx_jobs.steps.mounts import attach_snapshot, create_mount_point
from vnx_jobs.steps.snapshots import allow_writes, copy_snapshot, take_snapshot
from vnx_jobs.steps.unmapped import check_unmapped
from vnx_jobs.steps.work import put_away

put_away_snapshot: Final = put_away(take_snapshot)
put_away_copy: Final = put_away(copy_snapshot)

SNAP_COPY: Final = operation(
    "snap-copy",
    "Make a snap copy of a volume: a mount point with its own snapshot attached, instant at any size.",
    take_snapshot,
    create_mount_point,
    attach_snapshot,
    learn_identity,
)

SNAP_COPY_OF_SNAP_COPY: Final = operation(
    "snap-copy-of-snap-copy",
    "Make a snap copy of a snap copy while no host sees it; it hangs on the same primary LUN.",
    check_unmapped,
    take_snapshot,
    create_mount_point,
    attach_snapshot,
    learn_identity,
)

SNAP_COPY_OF_SNAPSHOT: Final = operation(
    "snap-copy-of-snapshot",
    "Make a snap copy of a snapshot.",
    copy_snapshot,
    allow_writes,
    create_mount_point,
    attach_snapshot,
    learn_identity,
)

FULL_CLONE: Final = operation(
    "clone",
    "Make a full copy of a volume, as it is when the job's snapshot is taken.",
    take_snapshot,
    create_mount_point,
    attach_snapshot,
    create_target,
    await_target,
    copy_onto_target,
    NO_WAY_BACK,
    put_away_snapshot,
)

FULL_CLONE_OF_SNAP_COPY: Final = operation(
    "clone-of-snap-copy",
    "Make a full copy of a snap copy while no host sees it.",
    check_unmapped,
    take_snapshot,
    create_mount_point,
    attach_snapshot,
    create_target,
    await_target,
    copy_onto_target,
    NO_WAY_BACK,
    put_away_snapshot,
)

FULL_CLONE_OF_SNAPSHOT: Final = operation(
    "clone-of-snapshot",
    "Make a full copy of a snapshot.",
    copy_snapshot,
    allow_writes,
    create_mount_point,
    attach_snapshot,
    create_target,
    await_target,
    copy_onto_target,
    NO_WAY_BACK,
    put_away_copy,
)

FULL_CLONE_OF_GROUP_SNAPSHOT: Final = operation(
    "clone-of-group-snapshot",
    "Make a full copy of one volume from the snapshot of its consistency group.",
    copy_snapshot,
    allow_writes,
    create_mount_point,
    attach_snapshot,
    create_target,
    await_target,
    copy_onto_target,
    NO_WAY_BACK,
    put_away_copy,
)

TABLES: Final = (
    SNAP_COPY,
    SNAP_COPY_OF_SNAP_COPY,
    SNAP_COPY_OF_SNAPSHOT,
    FULL_CLONE,
    FULL_CLONE_OF_SNAP_COPY,
    FULL_CLONE_OF_SNAPSHOT,
    FULL_CLONE_OF_GROUP_SNAPSHOT,
)
