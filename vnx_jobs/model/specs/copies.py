"""Specs of copies: snap copies and full clones."""

from typing import Final, Literal, TypeAlias

from pydantic import model_validator as check_whole

from vnx_jobs.model.array import Tiering
from vnx_jobs.model.things import thing

from .fields import Flag, JobSpec, Name, SizeGB, SnapshotName
from .rates import Rated

NO_SNAP_COPY: Final = (
    "no snap copy is made of a group's snapshot: what is hidden behind it would be of every member; make a full clone"
)
_OF_A_FULL_COPY: Final = ("pool", "size_gb", "provisioning", "tiering", "rate")


class _Copy(JobSpec):
    name: Name
    source: Name | None = None
    """The volume to copy; give this or `snapshot`."""
    snapshot: SnapshotName | None = None
    """The snapshot to copy; give this or `source`."""
    on_limit: Literal["refuse", "wait"] = "refuse"
    """What to do while the source is at the array's limits: refuse the job, or queue it."""

    @check_whole(mode="after")
    def _one_source(self) -> "_Copy":
        if (self.source is None) == (self.snapshot is None):
            raise ValueError("give either source=VOLUME or snapshot=SNAPSHOT, and not both")
        if self.source == self.name:
            raise ValueError("name and source are the same volume")
        return self

    @property
    def makes(self) -> tuple[str, ...]:
        """The copy."""
        return (thing("volume", self.name),)

    @property
    def needs(self) -> tuple[str, ...]:
        """The source, or the snapshot."""
        return (thing("volume", self.source) if self.source is not None else thing("snapshot", self.snapshot or ""),)

    @property
    def snapshot_of(self) -> str | None:
        """The source."""
        return self.source


class SnapCopy(_Copy):
    """Make a snap copy: a volume that is a mount point with its own snapshot attached. Instant at any size."""

    operation: Literal["snap-copy"] = "snap-copy"


class Clone(_Copy, Rated):
    """Make a full clone, or with `snapcopy=true` a snap copy, of a volume or a snapshot."""

    operation: Literal["clone"] = "clone"
    member: Name | None = None
    """Which volume of a consistency group's snapshot to copy."""
    snapcopy: Flag = False
    pool: Name | None = None
    """Where the full copy goes; the source's pool if not given."""
    size_gb: SizeGB | None = None
    """The source's if not given, and never smaller; what lies behind the source's end reads as zeros."""
    provisioning: Literal["thick", "thin", "deduplicated"] | None = None
    """The source's if not given."""
    tiering: Tiering | None = None
    """The source's if not given."""

    @check_whole(mode="after")
    def _snap_copies_live_with_their_source(self) -> "Clone":
        given = [name for name in _OF_A_FULL_COPY if getattr(self, name) is not None]
        if self.snapcopy and given:
            raise ValueError(
                f"a snap copy lives in its source's pool, as large as its source: leave out {', '.join(given)}"
            )
        return self

    @check_whole(mode="after")
    def _a_member_is_of_a_snapshot(self) -> "Clone":
        if self.member is None:
            return self
        if self.snapshot is None:
            raise ValueError("member says which volume of a group's snapshot is meant: give snapshot=SNAPSHOT too")
        if self.snapcopy:
            raise ValueError(NO_SNAP_COPY)
        if self.member == self.name:
            raise ValueError("name and member are the same volume")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The source, or the snapshot and the volume of it that is meant."""
        return super().needs if self.member is None else (*super().needs, thing("volume", self.member))

    @property
    def into(self) -> str | None:
        """The pool of the full copy."""
        return self.pool

    @property
    def table(self) -> str:
        """The table of the kind of copy asked for."""
        return "snap-copy" if self.snapcopy else "clone"


CopySpec: TypeAlias = SnapCopy | Clone
SPECS: Final = (SnapCopy, Clone)
