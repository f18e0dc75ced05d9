"""The keys of claims: what exactly is locked or counted. Objects are known by UID; names too while they come or go."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

KeyKind: TypeAlias = Literal[
    "volume",
    "name",
    "snapshot",
    "pin",
    "copies",
    "mounts",
    "snapshots",
    "numbers",
    "group",
    "mapping",
    "hlus",
    "storage-group",
    "repository",
]
"""What a key of a claim begins with, up to its colon; a permit is no part of a job's request."""
PermitKind: TypeAlias = Literal["migrations", "asap"]
"""What there are permits for: migration sessions, and among them those at rate asap."""

EVERY_KIND: Final[tuple[KeyKind, ...]] = get_args(KeyKind)


_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "name": "the name",
        "pin": "copies under way of",
        "copies": "snap copies of",
        "mounts": "mount points of",
        "snapshots": "snapshots of",
        "numbers": "LUN numbers of",
        "group": "consistency group",
        "mapping": "attachments of",
        "hlus": "host LUN numbers of",
        "storage-group": "storage group",
        "repository": "backups of",
        "migrations": "migration sessions of",
        "asap": "migration sessions at rate asap of",
    }
)


def in_words(kind: str, thing: str) -> str:
    """Return what people call what a claim of a kind is about, where the key has a UID."""
    return f"{_WORDS.get(kind, kind)} {thing}"


def key_in_words(key: str, names: Mapping[str, str]) -> str:
    """Return what people call what the claim of a key is about; `names` are those of volumes, by UID."""
    kind, colon, place = key.partition(":")
    array, _, thing = place.partition(":")
    uid, _, repository = thing.partition(" ")
    name = names.get(uid, uid) or array
    return in_words(kind, f"{name} in {repository}" if repository else name) if colon else key


def kind_of(key: str) -> str:
    """Return what a key begins with."""
    return key.partition(":")[0]


def volume_key(array: str, uid: str) -> str:
    """Lock on a volume."""
    return f"volume:{array}:{uid}"


def name_key(array: str, name: str) -> str:
    """Lock on the name of a volume that is made or deleted."""
    return f"name:{array}:{name}"


def snapshot_key(array: str, name: str) -> str:
    """Lock on a snapshot, by name: a snapshot has no other identity before it exists."""
    return f"snapshot:{array}:{name}"


def group_key(array: str, name: str) -> str:
    """Lock on a consistency group, by name: it has no other identity."""
    return f"group:{array}:{name}"


def pin_key(array: str, uid: str) -> str:
    """Pin on a primary LUN: held shared while something of it is mounted, taken alone to delete it."""
    return f"pin:{array}:{uid}"


def copies_key(array: str, uid: str) -> str:
    """Snap copies of a primary LUN; the member is the hidden snapshot behind the snap copy."""
    return f"copies:{array}:{uid}"


def mounts_key(array: str, uid: str) -> str:
    """Mount points of a primary LUN, temporary and foreign ones too; the member is the attached snapshot."""
    return f"mounts:{array}:{uid}"


def snapshots_key(array: str, uid: str) -> str:
    """Snapshots of a primary LUN, all branches and foreign ones too; the member is the snapshot's name."""
    return f"snapshots:{array}:{uid}"


def numbers_key(array: str) -> str:
    """LUN numbers of the private range."""
    return f"numbers:{array}"


def mapping_key(array: str, uid: str) -> str:
    """Lock on where a volume is shown to hosts: attaching and detaching hold it alone, beside all that copies it."""
    return f"mapping:{array}:{uid}"


def storage_group_key(array: str, name: str) -> str:
    """Lock on a storage group and its hosts, by name: held shared by whoever shows volumes there."""
    return f"storage-group:{array}:{name}"


def hlus_key(array: str, storage_group: str) -> str:
    """Host LUN numbers of a storage group."""
    return f"hlus:{array}:{storage_group}"


def repository_key(array: str, uid: str, repository: str) -> str:
    """Lock on the part of a repository that holds a volume's backups: movers use it one at a time."""
    return f"repository:{array}:{uid} {repository}"


def permit_key(kind: PermitKind, array: str) -> str:
    """Places for what an array, or we, let run only a few of at one time."""
    return f"{kind}:{array}"
