"""Specs of volumes."""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field
from pydantic import model_validator as check_whole

from vnx_jobs.model.array import Layout, Provisioning, StorageProcessor, Tiering
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.things import numbered, thing

from .fields import Flag, JobSpec, LunNumber, Name, SizeGB


class CreateVolume(JobSpec):
    """Create an empty volume in a pool."""

    operation: Literal["create-volume"] = "create-volume"
    name: Name
    size_gb: SizeGB
    pool: Name
    provisioning: Provisioning = "thick"
    """Deduplicated and compressed volumes are thin underneath; both need the array's enabler."""
    tiering: Tiering | None = None
    """As the array chooses if not given; needs the array's enabler."""
    sp: StorageProcessor | None = None
    """The SP that is to own it; as the array chooses if not given."""
    ignore_thresholds: Flag = False
    """Create it even beyond the pool's own threshold."""

    @property
    def makes(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.name),)

    @property
    def into(self) -> str:
        """The pool."""
        return self.pool

    @property
    def layout(self) -> Layout:
        """How it is to lie in its pool."""
        return Layout(self.provisioning, self.tiering, self.sp, self.ignore_thresholds)

    @property
    def table(self) -> str:
        """A volume is compressed when it stands."""
        return "create-compressed-volume" if self.provisioning == "compressed" else "create-volume"


class ExtendVolume(JobSpec):
    """Make a volume larger. It is never made smaller again; a snap copy cannot be extended."""

    operation: Literal["extend-volume"] = "extend-volume"
    name: Name
    size_gb: SizeGB
    """The new size."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.name),)


class RenameVolume(JobSpec):
    """Give a volume, or a snap copy, another name."""

    operation: Literal["rename-volume"] = "rename-volume"
    name: Name
    new_name: Name

    @check_whole(mode="after")
    def _another_name(self) -> "RenameVolume":
        if self.name == self.new_name:
            raise ValueError("name and new_name are the same")
        return self

    @property
    def makes(self) -> tuple[str, ...]:
        """The volume under its new name."""
        return (thing("volume", self.new_name),)

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.name),)


class DeleteVolume(JobSpec):
    """Delete a volume; a snap copy takes its hidden snapshot with it."""

    operation: Literal["delete-volume"] = "delete-volume"
    name: Name

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume, which no host sees any more."""
        return thing("volume", self.name), thing("detached", self.name)

    @property
    def lists(self) -> tuple[ListKind, ...]:
        """The groups that it may be in: a member is not deleted, nor what hosts see."""
        return ("groups", "storage-groups")


class SetReadonly(JobSpec):
    """Mark a volume as read-only, or as writable again, for whatever host attaches it from now on."""

    operation: Literal["set-readonly"] = "set-readonly"
    name: Name
    readonly: Flag

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.name),)


class ManageVolume(JobSpec):
    """Adopt a LUN that others made, under its own name or a new one."""

    operation: Literal["manage-volume"] = "manage-volume"
    name: Name
    """The volume's name from now on."""
    existing: Annotated[str, Field(pattern="^[^#].*$")] | None = None
    """The name that the LUN has; give this or `number`."""
    number: LunNumber | None = None
    """The number that the LUN has; give this or `existing`."""
    readonly: Flag = False
    """Whether hosts may only read it."""

    @check_whole(mode="after")
    def _one_lun(self) -> "ManageVolume":
        if (self.existing is None) == (self.number is None):
            raise ValueError("give either existing=NAME or number=NUMBER of the LUN, and not both")
        return self

    @property
    def lun(self) -> str:
        """The name by which the LUN is looked up."""
        return self.existing or numbered(self.number or 0)

    @property
    def makes(self) -> tuple[str, ...]:
        """The volume, if it is not known to have that name already."""
        return () if self.existing == self.name else (thing("volume", self.name),)

    @property
    def needs(self) -> tuple[str, ...]:
        """The LUN."""
        return (thing("volume", self.lun),)


class UnmanageVolume(JobSpec):
    """Let a volume go: nothing is kept of it any more, and its LUN stays as it is."""

    operation: Literal["unmanage-volume"] = "unmanage-volume"
    name: Name

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.name),)


VolumeSpec: TypeAlias = (
    CreateVolume | ExtendVolume | RenameVolume | SetReadonly | ManageVolume | UnmanageVolume | DeleteVolume
)
SPECS: Final = (CreateVolume, ExtendVolume, RenameVolume, SetReadonly, ManageVolume, UnmanageVolume, DeleteVolume)
