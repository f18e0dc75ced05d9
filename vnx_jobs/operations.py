"""The table of contents: every operation as a list of steps, one step a line."""

from typing import Final

from .model.step import NO_WAY_BACK, catalogue, operation
from .steps.destruction import destroy_mount_point, destroy_volume
from .steps.identity import await_target, check_identity, learn_identity
from .steps.luns import create_target, create_volume
from .steps.migration import copy_onto_target
from .steps.mounts import attach_snapshot, create_mount_point
from .steps.snapshots import (
    allow_writes,
    copy_snapshot,
    destroy_named_snapshot,
    destroy_snapshot_behind,
    take_named_snapshot,
    take_snapshot,
)
from .steps.work import put_away

CREATE_VOLUME: Final = operation(
    "create-volume",
    "Create an empty volume in a pool.",
    create_volume,
    learn_identity,
)

CREATE_SNAPSHOT: Final = operation(
    "create-snapshot",
    "Take a snapshot of a volume.",
    take_named_snapshot,
)

DELETE_SNAPSHOT: Final = operation(
    "delete-snapshot",
    "Delete a snapshot.",
    destroy_named_snapshot,
)

SNAP_COPY: Final = operation(
    "snap-copy",
    "Make a snap copy of a volume: a mount point with its own snapshot attached, instant at any size.",
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
    put_away(take_snapshot),
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
    put_away(copy_snapshot),
)

DELETE_VOLUME: Final = operation(
    "delete-volume",
    "Delete a volume that has no snap copies.",
    check_identity,
    destroy_volume,
)

DELETE_SNAP_COPY: Final = operation(
    "delete-snap-copy",
    "Delete a snap copy, and the hidden snapshot behind it.",
    check_identity,
    destroy_mount_point,
    NO_WAY_BACK,
    destroy_snapshot_behind,
)

DELETE_MOUNT_POINT: Final = operation(
    "delete-mount-point",
    "Delete a mount point that somebody else made; the snapshot attached to it is theirs and stays.",
    check_identity,
    destroy_mount_point,
)

OPERATIONS: Final = catalogue(
    CREATE_VOLUME,
    CREATE_SNAPSHOT,
    DELETE_SNAPSHOT,
    SNAP_COPY,
    SNAP_COPY_OF_SNAPSHOT,
    FULL_CLONE,
    FULL_CLONE_OF_SNAPSHOT,
    DELETE_VOLUME,
    DELETE_SNAP_COPY,
    DELETE_MOUNT_POINT,
)
