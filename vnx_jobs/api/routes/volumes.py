"""Volumes, and the sources that snap copies and snapshots are made of. No array is asked."""

from collections.abc import Sequence
from typing import Annotated, Protocol, TypeVar

from fastapi import APIRouter, Query

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.cursors import cursor_of, parts_of
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.documents.volumes import SourceDocument, SourcesPage, VolumeDocument, VolumesPage
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, Refused

router = APIRouter(prefix="/v1", tags=["volumes"])

Limit = Annotated[int, Query(ge=1)]
Cursor = Annotated[str, Query(description="As the part before said.")]


class _Named(Protocol):
    @property
    def array(self) -> str: ...

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=_Named)


@router.get("/volumes", responses=refusals(Code.UNKNOWN_ARRAY))
def volumes(guest: Guest, array: str | None = None, limit: Limit = 100, cursor: Cursor = "") -> VolumesPage:
    """List volumes by array and name, as the arrays last showed them."""
    guest.need(Action.LOOK)
    every = [one for name in guest.meant(array) for one in guest.house.reads.volumes(name)]
    part, onward = _part(guest, every, limit, cursor, "volumes")
    return VolumesPage(volumes=tuple(map(VolumeDocument.of, part)), cursor=onward)


@router.get("/volumes/{array}/{name}", responses=refusals(Code.UNKNOWN_ARRAY, Code.NO_SUCH_VOLUME))
def volume(guest: Guest, array: str, name: str) -> VolumeDocument:
    """Show one volume with its metadata."""
    guest.need(Action.LOOK)
    return VolumeDocument.of(guest.house.reads.volume(guest.array(array), name))


@router.get("/sources", responses=refusals(Code.UNKNOWN_ARRAY))
def sources(guest: Guest, array: str | None = None, limit: Limit = 100, cursor: Cursor = "") -> SourcesPage:
    """List full volumes by array and name, with their snap copies and who holds the places on each."""
    guest.need(Action.LOOK)
    every = [one for name in guest.meant(array) for one in guest.house.reads.sources(name)]
    part, onward = _part(guest, every, limit, cursor, "sources")
    return SourcesPage(sources=tuple(map(SourceDocument.of, part)), cursor=onward)


@router.get("/sources/{array}/{name}", responses=refusals(Code.UNKNOWN_ARRAY, Code.NO_SUCH_VOLUME))
def source(guest: Guest, array: str, name: str) -> SourceDocument:
    """Show one source."""
    guest.need(Action.LOOK)
    found = guest.house.reads.sources(guest.array(array), [name])
    if not found:
        raise Refused(Code.NO_SUCH_VOLUME, f"there is no full volume {name} on {array}, by its last LUN list")
    return SourceDocument.of(found[0])


def _part(guest: Visit, every: Sequence[T], limit: int, cursor: str, kind: str) -> tuple[list[T], str | None]:
    """Return a part of a list in the order of arrays and names, and the cursor of the next one."""
    after = tuple(parts_of(cursor, kind, 2)) if cursor else ("", "")
    ordered = sorted((one for one in every if (one.array, one.name) > after), key=lambda one: (one.array, one.name))
    most = min(limit, guest.house.settings.api.page)
    part = ordered[:most]
    return part, cursor_of(kind, part[-1].array, part[-1].name) if len(ordered) > most else None
