"""The service itself: whether it lives, whether it can work, and what it counts."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel

from vnx_jobs.api.answers import problem, refusals
from vnx_jobs.api.doors import Doors, Guest
from vnx_jobs.api.metrics import MEDIA_TYPE, exposition
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, JobError, StateServerError

router = APIRouter(tags=["service"])


class Alive(BaseModel):
    """The process lives, or can work."""

    status: str = "ok"


@router.head("/healthz", operation_id="probe_healthz", response_model=None)
@router.get("/healthz")
async def healthz() -> Alive:
    """Say that the process lives. Asks nobody."""
    return Alive()


@router.head("/readyz", operation_id="probe_readyz", responses={503: refusals()[503]}, response_model=None)
@router.get("/readyz", responses={503: refusals()[503]}, response_model=Alive)
def readyz(request: Request) -> Response | Alive:
    """Say whether it can work: whether the state server answers."""
    doors: Doors = request.app.state.doors
    try:
        doors.house.events.last()
    except StateServerError:
        return problem(JobError(Code.STATE_SERVER, "the state server does not answer"))
    return problem(JobError(Code.STATE_SERVER, "the service ends")) if doors.hub.stopping else Alive()


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **refusals()},
)
def metrics(guest: Guest) -> Response:
    """Return what is counted, for Prometheus: of the arrays that the token sees, and of this process."""
    guest.need(Action.LOOK)
    return Response(exposition(guest), media_type=MEDIA_TYPE)
