"""Operations on volumes."""

from typing import Final

from vnx_jobs.model.step import NO_WAY_BACK, operation
from vnx_jobs.steps.destruction import destroy_mount_point, destroy_volume
from vnx_jobs.steps.identity import check_identity, learn_identity
from vnx_jobs.steps.luns import create_volume
from vnx_jobs.steps.snapshots import destroy_snapshot_behind
from vnx_jobs.steps.volumes import (
    check_writers,
    compress_volume,
    extend_volume,
    forget_marks,
    mark_access,
    rename_volume,
)

CREATE_VOLUME: Final = operation(
    "create-volume",
    "Create an empty volume in a pool.",
    create_volume,
    learn_identity,
)

CREATE_COMPRESSED_VOLUME: Final = operation(
    "create-compressed-volume",
    "Create an empty volume in a pool, and compress it.",
    create_volume,
    learn_identity,
    compress_volume,
)

EXTEND_VOLUME: Final = operation(
    "extend-volume",
    "Make a volume larger.",
    check_identity,
    extend_volume,
)

RENAME_VOLUME: Final = operation(
    "rename-volume",
    "Give a volume another name.",
    check_identity,
    rename_volume,
)

SET_READONLY: Final = operation(
    "set-readonly",
    "Mark a volume as read-only, or as writable.",
    check_writers,
    mark_access,
)

MANAGE_VOLUME: Final = operation(
    "manage-volume",
    "Adopt a LUN that others made, under the name that it has.",
    check_writers,
    mark_access,
)

MANAGE_AND_RENAME_VOLUME: Final = operation(
    "manage-and-rename-volume",
    "Adopt a LUN that others made, under a new name.",
    check_writers,
    rename_volume,
    mark_access,
)

UNMANAGE_VOLUME: Final = operation(
    "unmanage-volume",
    "Forget what is kept of a volume; its LUN stays.",
    check_identity,
    forget_marks,
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

TABLES: Final = (
    CREATE_VOLUME,
    CREATE_COMPRESSED_VOLUME,
    EXTEND_VOLUME,
    RENAME_VOLUME,
    SET_READONLY,
    MANAGE_VOLUME,
    MANAGE_AND_RENAME_VOLUME,
    UNMANAGE_VOLUME,
    DELETE_VOLUME,
    DELETE_SNAP_COPY,
    DELETE_MOUNT_POINT,
)
