"""Which plan a spec gets. Pure: it sees a view of the inventory and asks nobody, so it costs no array command."""

from vnx_jobs.model.specs import (
    AddToGroup,
    AttachVolume,
    BackUp,
    CleanUp,
    Clone,
    CopySnapshot,
    CreateGroup,
    CreateGroupSnapshot,
    CreateSnapshot,
    CreateVolume,
    DeleteGroup,
    DeleteGroupSnapshot,
    DeleteSnapshot,
    DeleteVolume,
    DetachVolume,
    Drill,
    ExtendVolume,
    ManageVolume,
    MigrateVolume,
    PromoteVolume,
    PruneBackups,
    Reconcile,
    RemoveFromGroup,
    RenameVolume,
    RestoreBackup,
    RestoreSnapshot,
    RetypeVolume,
    SetReadonly,
    SnapCopy,
    Spec,
    UnmanageVolume,
    VerifyBackup,
)

from .backups import plan_backup
from .cleaning import clean_up, reconcile
from .copies import full_clone, snap_copy
from .ground import Ground
from .groups import plan_group
from .hosts import attach_volume, detach_volume
from .mapped import shown
from .migrations import migrate_volume
from .plan import Barred, Plan, Shown, Unresolved, UnresolvedError
from .sessions import barred
from .snapshots import copy_snapshot, create_snapshot, delete_snapshot, restore_snapshot
from .volume_changes import extend_volume, manage_volume, rename_volume, set_readonly, unmanage_volume
from .volumes import create_volume, delete_volume


def plan(spec: Spec, ground: Ground) -> Plan | Unresolved | Barred | Shown:
    """Plan one job. Raises Refused for what no waiting can mend."""
    try:
        planned = _plan(spec, ground)
    except UnresolvedError as error:
        return error.unresolved
    return barred(planned, ground.view, ground.settings.number_range) or shown(planned, ground.view) or planned


def _plan(spec: Spec, ground: Ground) -> Plan:  # noqa: C901, PLR0911, PLR0912 -- an arm for each word
    match spec:
        case CreateVolume():
            return create_volume(spec, ground)
        case CreateSnapshot():
            return create_snapshot(spec, ground)
        case CopySnapshot():
            return copy_snapshot(spec, ground)
        case RestoreSnapshot():
            return restore_snapshot(spec, ground)
        case DeleteSnapshot():
            return delete_snapshot(spec, ground)
        case SnapCopy():
            return snap_copy(spec, ground)
        case Clone():
            return snap_copy(spec, ground) if spec.snapcopy else full_clone(spec, ground)
        case DeleteVolume():
            return delete_volume(spec, ground)
        case ExtendVolume():
            return extend_volume(spec, ground)
        case RenameVolume():
            return rename_volume(spec, ground)
        case SetReadonly():
            return set_readonly(spec, ground)
        case ManageVolume():
            return manage_volume(spec, ground)
        case UnmanageVolume():
            return unmanage_volume(spec, ground)
        case MigrateVolume() | RetypeVolume() | PromoteVolume():
            return migrate_volume(spec, ground)
        case AttachVolume():
            return attach_volume(spec, ground)
        case DetachVolume():
            return detach_volume(spec, ground)
        case (
            CreateGroup()
            | AddToGroup()
            | RemoveFromGroup()
            | DeleteGroup()
            | CreateGroupSnapshot()
            | DeleteGroupSnapshot()
        ):
            return plan_group(spec, ground)
        case CleanUp():
            return clean_up(spec, ground)
        case Reconcile():
            return reconcile()
        case BackUp() | RestoreBackup() | Drill() | VerifyBackup() | PruneBackups():
            return plan_backup(spec, ground)
