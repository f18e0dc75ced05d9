"""Arrays: how things stand with each, and holding one for maintenance."""

from fastapi import APIRouter

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.documents.arrays import ArrayDocument, ArrayOrderDocument
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code

router = APIRouter(prefix="/v1/arrays", tags=["arrays"])


@router.get("", responses=refusals())
def arrays(guest: Guest) -> list[ArrayDocument]:
    """List the arrays: held, away or at work, and how near to their limits."""
    guest.need(Action.LOOK)
    return [_told(guest, name) for name in guest.arrays]


@router.get("/{array}", responses=refusals(Code.UNKNOWN_ARRAY))
def array(guest: Guest, array: str) -> ArrayDocument:
    """Show one array."""
    guest.need(Action.LOOK)
    return _told(guest, guest.array(array))


def _told(guest: Visit, name: str) -> ArrayDocument:
    reads = guest.house.reads
    return ArrayDocument.of(name, reads.standing(name), reads.load(name))


@router.post("/{array}/pause", responses=refusals(Code.UNKNOWN_ARRAY))
def pause_array(guest: Guest, array: str) -> ArrayOrderDocument:
    """Begin nothing on an array: what has begun goes on."""
    with guest.audited(array):
        guest.array(array)
        guest.need(Action.HOLD, array)
        by = guest.house.orders.hold(array, guest.by)
    why = f"by {by}: what has begun goes on, nothing is begun"
    return ArrayOrderDocument(array=array, standing="held", why=why)


@router.post("/{array}/resume", responses=refusals(Code.UNKNOWN_ARRAY, Code.ORDER_REFUSED))
def resume_array(guest: Guest, array: str) -> ArrayOrderDocument:
    """End the hold of an array."""
    with guest.audited(array):
        guest.array(array)
        guest.need(Action.HOLD, array)
        guest.house.orders.unhold(array, guest.by)
    return ArrayOrderDocument(array=array, standing="at work", why="nobody holds it any more")
