"""Migrations of volumes that users have."""

from typing import Final

from vnx_jobs.model.step import NO_WAY_BACK, operation
from vnx_jobs.steps.backup_devices import hide_from_host, show_to_host
from vnx_jobs.steps.exchange import (
    check_stayed_unshown,
    copy_across,
    create_replacement,
    destroy_replaced,
    learn_replacement,
    take_name,
)
from vnx_jobs.steps.identity import await_target, check_identity
from vnx_jobs.steps.luns import compress_target, create_target
from vnx_jobs.steps.migration import check_branches, copy_onto_target
from vnx_jobs.steps.snapshots import destroy_snapshot_behind
from vnx_jobs.steps.transfers import end_transfers
from vnx_jobs.steps.unmapped import check_unshown

MIGRATE_VOLUME: Final = operation(
    "migrate-volume",
    "Move a volume to another pool, kind or tier; hosts go on using it.",
    check_identity,
    create_target,
    await_target,
    copy_onto_target,
)

MIGRATE_COMPRESSED_VOLUME: Final = operation(
    "migrate-compressed-volume",
    "Compress a volume by moving it onto compressed storage; hosts go on using it.",
    check_identity,
    create_target,
    await_target,
    compress_target,
    copy_onto_target,
)

PROMOTE_VOLUME: Final = operation(
    "promote-volume",
    "Make a snap copy a full copy, and destroy the hidden snapshot that was behind it; hosts go on using it.",
    check_identity,
    check_branches,
    create_target,
    await_target,
    copy_onto_target,
    NO_WAY_BACK,
    destroy_snapshot_behind,
)

PROMOTE_MOUNT_POINT: Final = operation(
    "promote-mount-point",
    "Make a full copy of a mount point that somebody else made; the snapshot attached to it is theirs and stays.",
    check_identity,
    check_branches,
    create_target,
    await_target,
    copy_onto_target,
)

PROMOTE_THROUGH_HOST: Final = operation(
    "promote-through-host",
    "Make a snap copy a full copy by a backup host that copies it while no host sees it; UID and number change.",
    check_identity,
    check_branches,
    check_unshown,
    create_replacement,
    learn_replacement,
    show_to_host,
    copy_across,
    check_stayed_unshown,
    NO_WAY_BACK,
    hide_from_host,
    destroy_replaced,
    take_name,
    destroy_snapshot_behind,
    end_transfers,
)

TABLES: Final = (
    MIGRATE_VOLUME,
    MIGRATE_COMPRESSED_VOLUME,
    PROMOTE_VOLUME,
    PROMOTE_MOUNT_POINT,
    PROMOTE_THROUGH_HOST,
)
