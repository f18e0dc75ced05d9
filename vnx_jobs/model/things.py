"""The objects that specs name, as `volume:NAME`, `snapshot:NAME` or `group:NAME`: different kinds may share a name.

`detached:NAME` is a volume once no host sees it any more.
"""

from typing import Final, Literal, TypeAlias, get_args

ObjectKind: TypeAlias = Literal["volume", "snapshot", "group", "storage-group", "port", "detached"]

EVERY_KIND: Final[tuple[ObjectKind, ...]] = get_args(ObjectKind)


def numbered(number: int) -> str:
    """Return the name that stands for the volume of a LUN number; no volume of ours can bear it."""
    return f"#{number}"


def number_meant(name: str) -> int | None:
    """Return the LUN number that a name stands for; None for a volume's own name."""
    digits = name.removeprefix("#")
    return int(digits) if name != digits and digits.isdecimal() else None


def last_counts(made: str) -> bool:
    """Say whether, of several jobs that are to bring something about, the last one is waited for, and not the first."""
    return made.startswith("detached:")


def thing(kind: ObjectKind, name: str) -> str:
    """Return how an object is known while a job is to make it."""
    return f"{kind}:{name}"
