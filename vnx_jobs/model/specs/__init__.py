"""Job specs: what a producer asks for. Every field is checked here, before anything is planned or stored."""

from typing import Annotated, Any, Final, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.mistakes import mistake

from . import backups, cleaning, copies, groups, hosts, migrations, snapshots, volumes
from .backups import BackUp, BackupSpec, Drill, PruneBackups, RestoreBackup, VerifyBackup
from .cleaning import CleanUp, Reconcile
from .copies import Clone, CopySpec, SnapCopy
from .fields import MAX_SIZE_GB, JobSpec
from .group_clones import CloneGroup
from .groups import (
    AddToGroup,
    CreateGroup,
    CreateGroupSnapshot,
    DeleteGroup,
    DeleteGroupSnapshot,
    GroupSpec,
    RemoveFromGroup,
)
from .hosts import AttachVolume, DetachVolume, HostSpec
from .migrations import MigrateVolume, MigrationSpec, PromoteVolume, RetypeVolume
from .snapshots import CopySnapshot, CreateSnapshot, DeleteSnapshot, RestoreSnapshot, SnapshotSpec
from .volumes import (
    CreateVolume,
    DeleteVolume,
    ExtendVolume,
    ManageVolume,
    RenameVolume,
    SetReadonly,
    UnmanageVolume,
    VolumeSpec,
)

__all__ = [
    "MAX_SIZE_GB",
    "OPERATIONS",
    "SEVERAL",
    "AddToGroup",
    "AttachVolume",
    "BackUp",
    "CleanUp",
    "Clone",
    "CloneGroup",
    "CopySnapshot",
    "CreateGroup",
    "CreateGroupSnapshot",
    "CreateSnapshot",
    "CreateVolume",
    "DeleteGroup",
    "DeleteGroupSnapshot",
    "DeleteSnapshot",
    "DeleteVolume",
    "DetachVolume",
    "Drill",
    "ExtendVolume",
    "ManageVolume",
    "MigrateVolume",
    "PromoteVolume",
    "PruneBackups",
    "Reconcile",
    "RemoveFromGroup",
    "RenameVolume",
    "RestoreBackup",
    "RestoreSnapshot",
    "RetypeVolume",
    "SetReadonly",
    "SnapCopy",
    "Spec",
    "UnmanageVolume",
    "VerifyBackup",
    "parse",
    "parse_several",
]

Spec: TypeAlias = (
    VolumeSpec | SnapshotSpec | CopySpec | MigrationSpec | HostSpec | GroupSpec | CleanUp | Reconcile | BackupSpec
)

OPERATIONS: Final[dict[str, type[Spec]]] = {
    spec.model_fields["operation"].default: spec
    for page in (volumes, snapshots, copies, migrations, hosts, groups, cleaning, backups)
    for spec in page.SPECS
}
"""What can be asked for, by the word that asks for it."""

SEVERAL: Final[dict[str, type[CloneGroup]]] = {"clone-group": CloneGroup}
"""What can be asked for that takes several jobs, by the word that asks for it."""

_ADAPTER: Final[TypeAdapter[Spec]] = TypeAdapter(Annotated[Spec, Field(discriminator="operation")])


def parse(fields: dict[str, Any]) -> Spec:
    """Check a request's fields and return its spec. Raises Refused(invalid) with one line that names every mistake."""
    word = fields.get("operation")
    if not (isinstance(word, str) and word in OPERATIONS):
        if isinstance(word, str) and word in SEVERAL:
            raise Refused(Code.INVALID, f"{word} takes several jobs: ask for it alone, by `vnx-jobs submit {word}`")
        problem = "operation is missing" if word is None else f"unknown operation {word!r}"
        raise Refused(Code.INVALID, f"{problem}; there are {', '.join(sorted([*OPERATIONS, *SEVERAL]))}")
    try:
        return _ADAPTER.validate_python(fields)
    except ValidationError as error:
        raise Refused(Code.INVALID, f"{word}: {_one_line(error, OPERATIONS[word], 1)}") from None


def parse_several(fields: dict[str, Any]) -> CloneGroup:
    """Check the fields of a request for several jobs. Raises Refused(invalid) as `parse` does."""
    try:
        return CloneGroup.model_validate(fields)
    except ValidationError as error:
        raise Refused(Code.INVALID, f"{fields['operation']}: {_one_line(error, CloneGroup, 0)}") from None


def _one_line(error: ValidationError, spec: type[JobSpec], at: int) -> str:
    """Say every mistake; `at` is where in a mistake's place the field stands."""
    fields = [field for field in spec.model_fields if field != "operation"]
    return "; ".join(
        mistake(next((str(part) for part in problem["loc"][at : at + 1]), ""), dict(problem), fields)
        for problem in error.errors(include_url=False, include_context=False)
    )
