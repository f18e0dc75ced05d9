"""Comparing an array with its records; and cleaning up what jobs left, an object a job."""

from typing import Final

from vnx_jobs.model.step import operation
from vnx_jobs.steps.cleaning import (
    cancel_left_session,
    check_left_session,
    check_left_snapshot,
    check_leftover,
    hide_leftover,
)
from vnx_jobs.steps.destruction import destroy_mount_point, destroy_volume
from vnx_jobs.steps.reconciling import compare_and_repair
from vnx_jobs.steps.snapshots import destroy_named_snapshot

CLEAN_UP: Final = operation(
    "clean-up",
    "Remove a snapshot that a job left.",
    check_left_snapshot,
    destroy_named_snapshot,
)

CLEAN_UP_MOUNT_POINT: Final = operation(
    "clean-up-mount-point",
    "Remove a mount point that a job left; the snapshot in it is another job's to remove.",
    check_leftover,
    destroy_mount_point,
)

CLEAN_UP_LUN: Final = operation(
    "clean-up-lun",
    "Remove a LUN that a job left.",
    check_leftover,
    destroy_volume,
)

CLEAN_UP_SESSION: Final = operation(
    "clean-up-session",
    "Cancel a migration session that a job left.",
    check_left_session,
    cancel_left_session,
)

CLEAN_UP_MAPPING: Final = operation(
    "clean-up-mapping",
    "Show a host no longer what a job left.",
    check_leftover,
    hide_leftover,
)

RECONCILE: Final = operation(
    "reconcile",
    "Compare the array with what is on record of it, and repair slots and numbers.",
    compare_and_repair,
)

TABLES: Final = (
    RECONCILE,
    CLEAN_UP,
    CLEAN_UP_MOUNT_POINT,
    CLEAN_UP_LUN,
    CLEAN_UP_SESSION,
    CLEAN_UP_MAPPING,
)
