"""Backups: volumes copied into a repository while they are in use, proved, given back, and removed again."""

from typing import Final

from vnx_jobs.model.step import NO_WAY_BACK, operation
from vnx_jobs.steps.backup_devices import (
    attach_backup_snapshot,
    create_backup_mount,
    hide_from_host,
    learn_devices,
    show_to_host,
    take_backup_group_snapshot,
    take_backup_snapshot,
)
from vnx_jobs.steps.catalogued import (
    check_may_go,
    check_untouched,
    enter_in_catalogue,
    forget_backups,
    note_verified,
    prove_backup,
)
from vnx_jobs.steps.identity import check_identity, learn_identity
from vnx_jobs.steps.luns import create_scratch, create_volume
from vnx_jobs.steps.transfers import (
    copy_in,
    copy_out,
    copy_to_file,
    discard_backups,
    end_transfers,
    seal_copies,
    verify_copies,
)
from vnx_jobs.steps.unmapped import check_stayed_unmapped, check_unmapped, check_unshown
from vnx_jobs.steps.work import put_away

put_away_mount: Final = put_away(create_backup_mount)
put_away_snapshot: Final = put_away(take_backup_snapshot)

BACKUP: Final = operation(
    "backup",
    "Copy volumes into a repository as they are at one instant, while hosts go on using them.",
    take_backup_snapshot,
    create_backup_mount,
    attach_backup_snapshot,
    learn_devices,
    show_to_host,
    copy_out,
    seal_copies,
    check_untouched,
    enter_in_catalogue,
    NO_WAY_BACK,
    hide_from_host,
    put_away_mount,
    put_away_snapshot,
    end_transfers,
)

BACKUP_OF_SNAP_COPY: Final = operation(
    "backup-of-snap-copy",
    "Copy a snap copy into a repository while no host sees it.",
    check_unmapped,
    take_backup_snapshot,
    create_backup_mount,
    attach_backup_snapshot,
    learn_devices,
    check_stayed_unmapped,
    show_to_host,
    copy_out,
    seal_copies,
    check_untouched,
    enter_in_catalogue,
    NO_WAY_BACK,
    hide_from_host,
    put_away_mount,
    put_away_snapshot,
    end_transfers,
)

BACKUP_OF_GROUP: Final = operation(
    "backup-of-group",
    "Copy all volumes of a consistency group into a repository as they are at one instant.",
    take_backup_group_snapshot,
    create_backup_mount,
    attach_backup_snapshot,
    learn_devices,
    show_to_host,
    copy_out,
    seal_copies,
    check_untouched,
    enter_in_catalogue,
    NO_WAY_BACK,
    hide_from_host,
    put_away_mount,
    put_away(take_backup_group_snapshot),
    end_transfers,
)

RESTORE_BACKUP: Final = operation(
    "restore-backup",
    "Write a backup onto a new volume.",
    create_volume,
    learn_identity,
    show_to_host,
    copy_in,
    NO_WAY_BACK,
    hide_from_host,
    end_transfers,
)

RESTORE_BACKUP_ONTO: Final = operation(
    "restore-backup-onto",
    "Write a backup onto a volume that exists and that no host sees; what it held is lost.",
    check_identity,
    check_unshown,
    show_to_host,
    NO_WAY_BACK,
    copy_in,
    hide_from_host,
    end_transfers,
)

RESTORE_BACKUP_TO_FILE: Final = operation(
    "restore-backup-to-file",
    "Write a backup into a new file on the backup host.",
    copy_to_file,
    NO_WAY_BACK,
    end_transfers,
)

DRILL: Final = operation(
    "drill",
    "Prove that a backup can be restored: write it onto a volume made for that, compare, and delete the volume.",
    create_scratch,
    learn_devices,
    show_to_host,
    copy_in,
    prove_backup,
    NO_WAY_BACK,
    hide_from_host,
    put_away(create_scratch, reads=1),
    end_transfers,
)

VERIFY_BACKUP: Final = operation(
    "verify-backup",
    "Check a backup in its repository.",
    verify_copies,
    note_verified,
    end_transfers,
)

PRUNE_BACKUPS: Final = operation(
    "prune-backups",
    "Remove backups from their repository, and give their space back.",
    check_may_go,
    NO_WAY_BACK,
    discard_backups,
    forget_backups,
    end_transfers,
)

TABLES: Final = (
    BACKUP,
    BACKUP_OF_SNAP_COPY,
    BACKUP_OF_GROUP,
    RESTORE_BACKUP,
    RESTORE_BACKUP_ONTO,
    RESTORE_BACKUP_TO_FILE,
    DRILL,
    VERIFY_BACKUP,
    PRUNE_BACKUPS,
)
