"""The objects that specs name, as `volume:NAME` or `snapshot:NAME`: a volume and a snapshot may share a name."""

from typing import Literal, TypeAlias

ObjectKind: TypeAlias = Literal["volume", "snapshot"]


def thing(kind: ObjectKind, name: str) -> str:
    """Return how an object is known while a job is to make it."""
    return f"{kind}:{name}"
