"""The application: every route, what guards it, and how it begins and ends. Nothing is made at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from threading import BoundedSemaphore

import anyio.to_thread
from fastapi import FastAPI

from vnx_jobs.settings import Settings
from vnx_jobs.wiring import House

from . import answers, descriptions
from .bounds import BodyLimit, Rate
from .doors import Doors, Guards
from .routes import (
    arrays,
    backed_up,
    backups,
    batches,
    events,
    group_clones,
    jobs,
    many,
    policies,
    schedules,
    service,
    standing,
    volumes,
)
from .streaming import Hub
from .tally import Counting, Tally

_ROOMS = (
    *(jobs, many, batches, group_clones, standing, events, volumes, arrays),
    *(backups, backed_up, schedules, policies, service),
)


def create_app(house: House, settings: Settings, guards: Guards, *, is_open: bool = False) -> FastAPI:
    """Return the application over the parts of this process.

    `guards` know tokens. `is_open`: whoever reaches it is an admin; for loopback addresses alone, which the caller sees
    to.
    """
    about = settings.api
    hub = Hub(house.events, listeners=about.streams, backlog=about.backlog)
    tally = Tally()
    atomic = BoundedSemaphore(-(-about.threads // 2))
    doors = Doors(house, guards, hub, Rate(about.rate, about.burst), tally, atomic, is_open)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        anyio.to_thread.current_default_thread_limiter().total_tokens = about.threads
        yield
        hub.stop()

    app = FastAPI(
        openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
    )
    app.state.doors = doors
    answers.install(app)
    descriptions.describe(app, version("vnx-jobs"))
    for room in _ROOMS:
        app.include_router(room.router)
    app.add_middleware(Counting, tally=tally)
    app.add_middleware(BodyLimit, most=about.body)
    return app
