"""The fence around storops: its builders give the words of a command, its parsers read a listing, and nothing else.

storops never starts a process here, has no heartbeat and no thread, and is never asked for the host's certificate
level. Its parsers get texts that were judged to be listings; `listings` gives the fields their types.
"""

import warnings
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # storops imports `pipes` and has invalid escapes, both deprecated in Python 3.11
    from storops.vnx.block_cli import CliClient
    from storops.vnx.enums import VNXMigrationRate, VNXProvisionEnum
    from storops.vnx.parsers import VNXCliParser, VNXPropDescriptor

Words: TypeAlias = tuple[str, ...]
Fields: TypeAlias = Mapping[str, str | None]
"""What a listing says of one object: a text for each label, None where the label is missing."""


class _Builder(CliClient):  # type: ignore[misc]  # storops is untyped
    """storops' client, whose commands come back as words instead of being executed."""

    def __init__(self) -> None:
        super().__init__(heartbeat_interval=0)

    def execute(self, params: list[Any], ip: None = None) -> Words:  # noqa: ARG002 -- storops gives it by name
        return tuple(str(param) for param in params)


class Commands:
    """The words of every command that is sent to an array, without the global options. Sends nothing."""

    def __init__(self) -> None:
        self._builder: Any = _Builder()

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

    def create_lun(self, number: int, name: str, size_gb: int, pool: str, *, thin: bool) -> Words:
        """Create a LUN; storops drops the name beside a number without a word, so it is added here."""
        provision = VNXProvisionEnum.THIN if thin else VNXProvisionEnum.THICK
        words = self._words("create_pool_lun", pool_name=pool, lun_id=number, size_gb=size_gb, provision=provision)
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

    def create_snapshot(self, source: int, name: str, *, writable: bool, description: str = "") -> Words:
        """Snapshot a LUN, never to be deleted by the array itself; the description, which storops lacks, is added."""
        words = self._words("create_snap", source, name, allow_rw=writable, auto_delete=False)
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

    def _words(self, builder: str, *values: Any, **options: Any) -> Words:  # noqa: ANN401 -- storops is untyped
        words: Words = getattr(self._builder, builder)(*values, **options)
        return words


def lun_fields(text: str) -> list[Fields]:
    """Parse the answer of `lun -list -all`."""
    return _parse(_LUN, text)


def snapshot_fields(text: str) -> list[Fields]:
    """Parse the answer of `snap -list -detail`."""
    return _parse(_SNAPSHOT, text)


def session_fields(text: str) -> list[Fields]:
    """Parse the answer of `migrate -list`."""
    return _parse(_SESSION, text)


def pool_fields(text: str) -> list[Fields]:
    """Parse the answer of `storagepool -list -all`."""
    return _parse(_POOL, text)


def _parse(parser: Any, text: str) -> list[Fields]:  # noqa: ANN401 -- storops is untyped
    parsed: list[Fields] = [dict(one) for one in parser.parse_all(text)]
    return parsed


def _parser(index: str, **labels: str) -> Any:  # noqa: ANN401 -- storops is untyped
    """Make a storops parser of the fields we use; its own lacks sizes in blocks, and its converters run commands."""
    parser = VNXCliParser()
    for key, label in labels.items():
        parser.add_property(VNXPropDescriptor(None, label, key, is_index=key == index))
    return parser


_LUN: Final = _parser(
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
)
_SNAPSHOT: Final = _parser(
    "name",
    name="Name:",
    description="Description:",
    sources="Source LUN(s):",
    primaries="Primary LUN(s):",
    created="Creation time:",
    attached="Attached LUN(s):",
    writable="Allow Read/Write:",
    modified="Modified:",
    auto_delete="Allow auto delete:",
)
_SESSION: Final = _parser(
    "source_name",
    source_name="Source LU Name:",
    source="Source LU ID:",
    destination="Dest LU ID:",
    state="Current State:",
    percent="Percent Complete:",
    remaining="Time Remaining:",
)
_POOL: Final = _parser(
    "name",
    name="Pool Name:",
    number="Pool ID:",
    user_gb="User Capacity (GBs):",
    available_gb="Available Capacity (GBs):",
    state="State:",
)
