"""A finding: one thing that differs between array and records, in a sentence, and what would be done about it."""

from dataclasses import dataclass
from enum import StrEnum

from vnx_jobs.model.hosts import Attachment
from vnx_jobs.model.specs.cleaning import LeftKind


class Remedy(StrEnum):
    """What is done about a finding."""

    ADOPT = "adopt"
    """The records follow the array: it was changed by others."""
    REPAIR = "repair"
    """Slots or numbers are put right by the array's lists."""
    CLEAN = "clean"
    """A job removes an object that is proved to be ours."""
    LEAVE = "leave"
    """Nothing: it is somebody else's, or not proved to be ours, or a person must decide."""


class Kind(StrEnum):
    """The kinds of findings. Stable: scripts rely on them."""

    VOLUME_APPEARED = "volume-appeared"
    VOLUME_VANISHED = "volume-vanished"
    VOLUME_REPLACED = "volume-replaced"
    """Another LUN, with another UID, bears a known name."""
    VOLUME_RENAMED = "volume-renamed"
    VOLUME_RESIZED = "volume-resized"
    VOLUME_MOVED = "volume-moved"
    """A volume lies in another pool than before, or is of another kind."""
    SNAPSHOT_APPEARED = "snapshot-appeared"
    SNAPSHOT_VANISHED = "snapshot-vanished"
    SNAPSHOT_REPLACED = "snapshot-replaced"
    """Another snapshot bears a known name."""
    GROUP_APPEARED = "group-appeared"
    GROUP_VANISHED = "group-vanished"
    GROUP_CHANGED = "group-changed"
    """A consistency group has other members than before."""
    GROUP_REPLACED = "group-replaced"
    """Another consistency group, with another description, bears a known name."""
    ATTACHMENT_CHANGED = "attachment-changed"
    """A mount point holds another snapshot than before."""
    MAPPING_VANISHED = "mapping-vanished"
    """A storage group shows a volume no more."""
    MAPPING_APPEARED = "mapping-appeared"
    """A storage group shows a volume that no job attached there."""
    MARK_UNUSED = "mark-unused"
    """An access mark of a volume that is on the array no more."""
    EMPTY_MOUNT_POINT = "empty-mount-point"
    """A mount point of ours holds no snapshot: there is nothing to read in it."""
    NUMBER_TAKEN = "number-taken"
    """Somebody else's LUN has a number of the private range."""
    NUMBER_UNUSED = "number-unused"
    """A number of the private range, or a host LUN number, is held for what is not there."""
    SLOT_UNUSED = "slot-unused"
    SLOT_MISSING = "slot-missing"
    SESSION = "session"
    """A migration session that no job has started."""
    LEFTOVER = "leftover"
    """An object of a job that is over."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What a clean-up job would be asked to remove."""

    kind: LeftKind
    name: str
    left_by: str
    """The job that left it."""
    source: str | None = None
    """Of a migration session: the volume that it copies."""
    storage_group: str | None = None
    """Of a mapping: the storage group that shows the LUN."""


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment on record, of the volume of a UID."""

    uid: str
    attachment: Attachment


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference."""

    kind: Kind
    subject: str
    """Name of the object."""
    says: str
    """What is so: a clause without a full stop."""
    remedy: Remedy
    does: str
    """What is done about it: a clause."""
    members: frozenset[str] = frozenset()
    """Members of slots, and LUN numbers, that differ for no other reason than this."""
    removal: Removal | None = None
    """Set exactly if the remedy is to clean."""
    forgets: Attached | None = None
    """What is on record and no more so."""
    unmarks: str | None = None
    """UID of a volume whose access mark goes with it."""

    @property
    def sentence(self) -> str:
        """Say the finding, and what is done about it."""
        return f"{self.says}: {self.does}."
