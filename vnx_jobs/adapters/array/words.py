"""The words of commands on LUNs, snapshots and sessions, and the fields that are read of their listings."""

from typing import Final

from vnx_jobs.model.array import Layout
from vnx_jobs.model.keeping import FOR_GOOD, Keeping

from .groups_words import GroupCommands
from .mappings_words import MappingCommands
from .snapshots_words import SnapshotCommands, kept_for
from .storops_cli import (
    Fields,
    VNXMigrationRate,
    VNXProvisionEnum,
    VNXTieringEnum,
    Words,
    parse,
    parser_of,
)
from .volumes_words import VolumeCommands


class Commands(SnapshotCommands, GroupCommands, VolumeCommands, MappingCommands):
    """The words of every command that is sent to an array, without the global options. Sends nothing."""

    def luns(self) -> Words:
        """List every LUN."""
        return self._words("get_lun")

    def lun(self, number: int) -> Words:
        """List one LUN."""
        return self._words("get_lun", lun_id=number)

    def snapshots(self) -> Words:
        """List every snapshot."""
        return self._words("get_snap")

    def snapshot(self, name: str) -> Words:
        """List one snapshot."""
        return self._words("get_snap", name=name)

    def sessions(self) -> Words:
        """List every migration session."""
        return self._words("get_migration_session")

    def pools(self) -> Words:
        """List every storage pool."""
        return self._words("get_pool")

    def create_lun(self, number: int, name: str, size_gb: int, pool: str, layout: Layout) -> Words:
        """Create a LUN; storops drops the name beside a number without a word, so it is added here."""
        words = self._words(
            "create_pool_lun",
            pool_name=pool,
            lun_id=number,
            size_gb=size_gb,
            provision=VNXProvisionEnum.parse(layout.provisioning),
            tier=VNXTieringEnum.parse(layout.tiering),
            ignore_thresholds=layout.ignore_thresholds,
            sp_id=layout.sp,
        )
        return (*words, "-name", name)

    def create_mount_point(self, number: int, name: str, primary: int) -> Words:
        """Create a mount point; the name is added as for a LUN."""
        return (*self._words("create_mount_point", primary_lun_id=primary, mount_point_id=number), "-name", name)

    def destroy_lun(self, number: int) -> Words:
        """Destroy a LUN, never with its snapshots."""
        return self._words("delete_pool_lun", lun_id=number)

    def destroy_mount_point(self, number: int) -> Words:
        """Destroy a mount point, detaching its snapshot; never with its snapshots."""
        return self._words("delete_pool_lun", lun_id=number, force_detach=True)

    def create_snapshot(
        self, source: int, name: str, *, writable: bool, description: str = "", keeping: Keeping = FOR_GOOD
    ) -> Words:
        """Snapshot a LUN; the description, which storops lacks, is added."""
        words = self._words("create_snap", source, name, allow_rw=writable, **kept_for(keeping))
        return (*words, "-descr", description) if description else words

    def copy_snapshot(self, source: str, name: str) -> Words:
        """Copy a snapshot."""
        return self._words("copy_snap", source, name)

    def allow_writes(self, snapshot: str) -> Words:
        """Make a snapshot writable and safe from the array's own deleting."""
        return self._words("modify_snap", snapshot, allow_rw=True, auto_delete=False)

    def destroy_snapshot(self, name: str) -> Words:
        """Destroy a snapshot."""
        return self._words("delete_snap", name)

    def attach_snapshot(self, mount_point: int, snapshot: str) -> Words:
        """Attach a snapshot to a mount point."""
        return self._words("attach_snap", snapshot, lun_id=mount_point)

    def migrate(self, source: int, destination: int, rate: str) -> Words:
        """Start a migration session. Raises ValueError for a rate that the array does not know."""
        return self._words("migrate_lun", source, destination, VNXMigrationRate.parse(rate))

    def cancel_migration(self, source: int) -> Words:
        """Cancel a migration session."""
        return self._words("cancel_migrate_lun", source)


def lun_fields(text: str) -> list[Fields]:
    """Parse the answer of `lun -list -all`."""
    return parse(_LUN, text)


def snapshot_fields(text: str) -> list[Fields]:
    """Parse the answer of `snap -list -detail`."""
    return parse(_SNAPSHOT, text)


def session_fields(text: str) -> list[Fields]:
    """Parse the answer of `migrate -list`."""
    return parse(_SESSION, text)


def pool_fields(text: str) -> list[Fields]:
    """Parse the answer of `storagepool -list -all`."""
    return parse(_POOL, text)


_LUN: Final = parser_of(
    "number",
    number="LOGICAL UNIT NUMBER",
    name="Name:",
    uid="UID:",
    blocks="User Capacity (Blocks):",
    pool="Pool Name:",
    thin="Is Thin LUN:",
    state="Current State:",
    operation="Current Operation:",
    primary="Primary LUN:",
    attached="Attached Snapshot:",
    compressed="Is Compressed:",
    deduplication="Deduplication State:",
    tiering="Tiering Policy:",
    initial_tier="Initial Tier:",
    owner="Current Owner:",
)
_SNAPSHOT: Final = parser_of(
    "name",
    name="Name:",
    description="Description:",
    sources="Source LUN(s):",
    group="Source CG:",
    primaries="Primary LUN(s):",
    created="Creation time:",
    attached="Attached LUN(s):",
    writable="Allow Read/Write:",
    modified="Modified:",
    auto_delete="Allow auto delete:",
    expires="Expiration date:",
)
_SESSION: Final = parser_of(
    "source_name",
    source_name="Source LU Name:",
    source="Source LU ID:",
    destination="Dest LU ID:",
    state="Current State:",
    percent="Percent Complete:",
    remaining="Time Remaining:",
)
_POOL: Final = parser_of(
    "name",
    name="Pool Name:",
    number="Pool ID:",
    user_gb="User Capacity (GBs):",
    available_gb="Available Capacity (GBs):",
    state="State:",
)
