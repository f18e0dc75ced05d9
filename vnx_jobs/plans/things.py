"""The objects that a spec names, as `volume:NAME` or `snapshot:NAME`: a volume and a snapshot may share a name."""

from collections.abc import Iterable

from vnx_jobs.model.specs import Clone, CreateSnapshot, CreateVolume, DeleteSnapshot, DeleteVolume, SnapCopy, Spec

from .plan import ObjectKind


def thing(kind: ObjectKind, name: str) -> str:
    """Return how an object is known while a job is to make it."""
    return f"{kind}:{name}"


def made_by(spec: Spec) -> tuple[str, ...]:
    """Return the objects that a job is to make."""
    match spec:
        case CreateVolume() | SnapCopy() | Clone():
            return (thing("volume", spec.name),)
        case CreateSnapshot():
            return (thing("snapshot", spec.name),)
        case DeleteVolume() | DeleteSnapshot():
            return ()


def needed_by(spec: Spec) -> tuple[str, ...]:
    """Return the objects that must exist for a job to be planned."""
    match spec:
        case SnapCopy(snapshot=str(name)) | Clone(snapshot=str(name)):
            return (thing("snapshot", name),)
        case SnapCopy(source=str(name)) | Clone(source=str(name)):
            return (thing("volume", name),)
        case CreateSnapshot():
            return (thing("volume", spec.volume),)
        case DeleteSnapshot():
            return (thing("snapshot", spec.name),)
        case DeleteVolume():
            return (thing("volume", spec.name),)
        case _:
            return ()


def named_by(spec: Spec) -> tuple[str, ...]:
    """Return all objects that a spec names."""
    return made_by(spec) + needed_by(spec)


def names(specs: Iterable[Spec]) -> set[str]:
    """Return the names of all objects that some specs name: what planning them must look up."""
    return {one.partition(":")[2] for spec in specs for one in named_by(spec)}
