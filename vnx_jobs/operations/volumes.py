"""Operations on volumes."""

from typing import Final

from vnx_jobs.model.step import NO_WAY_BACK, operation
from vnx_jobs.steps.destruction import destroy_mount_point, destroy_volume
from vnx_jobs.steps.identity import check_identity, learn_identity
from vnx_jobs.steps.luns import create_volume
from vnx_jobs.steps.snapshots import destroy_snapshot_behind

CREATE_VOLUME: Final = operation(
    "create-volume",
    "Create an empty volume in a pool.",
    create_volume,
    learn_identity,
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
    DELETE_VOLUME,
    DELETE_SNAP_COPY,
    DELETE_MOUNT_POINT,
)
