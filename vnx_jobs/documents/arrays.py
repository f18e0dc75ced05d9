"""Arrays as documents: how things stand with each."""

from typing import TYPE_CHECKING, Self

from .document import Document

if TYPE_CHECKING:  # the parts: see __init__
    from vnx_jobs.ports import Standing
    from vnx_jobs.reads import Load


class NearLimits(Document):
    """A source that has used nine of ten places."""

    source: str
    mount_points: int
    snapshots: int


class ArrayDocument(Document):
    """An array: whether it is at work, and how near to its limits."""

    array: str
    standing: str
    """`at work`, `held`, `away`, `frozen`, or `not reached` while no list of it was ever read."""
    why: str
    held_by: str | None
    under_way: int
    """Jobs whose chain is under way."""
    ready: int
    """Jobs that wait for a place for their chain."""
    sessions: int
    """Migration sessions that jobs hold."""
    sessions_limit: int
    near_limits: tuple[NearLimits, ...]

    @classmethod
    def of(cls, name: str, standing: "Standing", load: "Load") -> Self:
        """Tell of an array."""
        return cls(
            array=name,
            standing=word(standing, read=load.read),
            why=why(standing, read=load.read),
            held_by=standing.held or None,
            under_way=standing.under_way,
            ready=standing.ready,
            sessions=load.sessions,
            sessions_limit=load.sessions_limit,
            near_limits=tuple(
                NearLimits(source=source, mount_points=mounts, snapshots=images) for source, mounts, images in load.near
            ),
        )


class ArrayOrderDocument(Document):
    """An order that an array's jobs took."""

    array: str
    standing: str
    why: str


def word(standing: "Standing", *, read: bool = True) -> str:
    """Return how things stand with an array, in a word or two."""
    if standing.frozen:
        return "frozen"
    if standing.away:
        return "away"
    if standing.held:
        return "held"
    return "at work" if read else "not reached"


def why(standing: "Standing", *, read: bool = True) -> str:
    """Return why an array is not at work."""
    held = f"held by {standing.held}: what has begun goes on, nothing is begun" if standing.held else ""
    never = "" if read else "it has not answered yet: `vnx-jobs doctor` says whether naviseccli is there and answers"
    return "; ".join(
        one for one in (standing.frozen, standing.away, held or (never if not standing.away else "")) if one
    )
