"""The objects that specs name, as `volume:NAME`, `snapshot:NAME` or `group:NAME`: different kinds may share a name."""

from typing import Final, Literal, TypeAlias, get_args

ObjectKind: TypeAlias = Literal["volume", "snapshot", "group"]

EVERY_KIND: Final[tuple[ObjectKind, ...]] = get_args(ObjectKind)


def thing(kind: ObjectKind, name: str) -> str:
    """Return how an object is known while a job is to make it."""
    return f"{kind}:{name}"
