"""Server-sent events: what a stream begins with, what was missed, what comes, and when it ends."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from vnx_jobs.documents.document import Document
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.event import Event, place_of
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports.pages import Events

from .streaming import Hub, Listener, message, written

_BEAT: Final = 15.0
"""Seconds without an event after which a stream says that it lives, and until its reader's token is looked at again."""
_PATIENCE: Final = 30.0
"""Seconds that a reader may take nothing from its connection."""
_AT_ONCE: Final = 1000
_ENDED: Final = frozenset(str(state) for state in ENDED)
MEDIA_TYPE: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class About:
    """What a stream is about: it begins with how that stands, and ends when nothing more can happen to it."""

    now: Callable[[], Document] | None
    """Says how it stands; None: of all events there is no such thing."""
    open_jobs: Callable[[], set[str]] | None
    """Says which of its jobs have not ended; None: it never ends."""


@dataclass(eq=False, slots=True)
class Stream:
    """One stream that is told."""

    hub: Hub
    events: Events
    listener: Listener
    about: About
    since: str
    """The event after which it begins; empty: it begins with how things stand."""
    welcome: Callable[[], bool]
    """Says whether its reader may still hear: he whose token is revoked, or expires, hears no more."""
    _open: set[str] = field(default_factory=set)
    _told: str = ""
    """The event up to which it was told from the record: what the listener hears up to there is left out."""

    async def parts(self) -> AsyncGenerator[bytes]:
        """Write the stream: how things stand or what was missed, then what comes, then that it is over."""
        yield b"retry: 2000\n\n"
        await self._look()
        if not self.since and self.about.now is not None:
            yield await self._standing(self.listener.behind, "state")
        elif not self.since:
            yield b"id: %s\n\n" % self.listener.behind.encode()  # so that who is cut off early can go on from here
        async for part in self._missed():
            yield part
        last, behind = self._told, place_of(self._told)
        ask_again = time.monotonic() + _BEAT
        while not self._is_over():
            seconds = max(0.0, ask_again - time.monotonic())
            heard = [one for one in await self.listener.hear(seconds) if one.event.order > behind]
            if time.monotonic() >= ask_again:
                if not await run_in_threadpool(self.welcome):
                    return
                ask_again = time.monotonic() + _BEAT
            for told in heard:
                self._note(told.event)
                last = told.event.id
            if heard:
                yield b"".join(told.text for told in heard)
            elif self.listener.over:
                return  # it was too slow, or the service ends: who comes again goes on after the last that it read
            else:
                yield b": alive\n\n"
        yield await self._standing(last, "end")

    async def is_read_out(self) -> bool:
        """Say whether a stream that ends was read to its end before."""
        if not self.since or self.about.open_jobs is None:
            return False
        await self._look()
        if self._open:
            return False
        async for _ in self._missed():
            return False
        return True

    async def _look(self) -> None:
        """Read which jobs have not ended, and up to where the record is told before the listener is heard.

        The listener may hear late: of the end of a job that has ended, or of what another service told the reader.
        """
        self._told, since = self.listener.behind, self.since or "0-0"
        if self.about.open_jobs is not None:
            self._open = await run_in_threadpool(self.about.open_jobs)
        has_ended = self.about.open_jobs is not None and not self._open
        if has_ended or place_of(since) > place_of(self._told):
            newest = await run_in_threadpool(self.events.last)
            until = newest if has_ended else min(since, newest, key=place_of)
            self._told = max(self._told, until, key=place_of)

    async def _standing(self, id_: str, kind: str) -> bytes:
        assert self.about.now is not None  # noqa: S101 -- what ends, or begins with how it stands, can be told of
        document = await run_in_threadpool(self.about.now)
        return message(id_, document.model_dump_json().encode(), kind)

    async def _missed(self) -> AsyncGenerator[bytes]:
        """Tell what happened since the stream was read last, or since it began, up to where the record is told."""
        since = self.since or self.listener.behind
        position, end = place_of(since), place_of(self._told)
        if position >= end:
            return
        first = await run_in_threadpool(self.events.first)
        if first and position != (0, 0) and position < place_of(first):
            yield message(first, b'{"why": "older events are gone: read again how things stand"}', "gap")
        while position < end:
            events = await run_in_threadpool(self.events.after, since, 0.001, _AT_ONCE)
            mine = [one for one in events if self._is_mine(one) and one.order <= end]
            for event in mine:
                self._note(event)
            if mine:
                yield b"".join(map(written, mine))
            if not events:
                return
            since, position = events[-1].id, events[-1].order

    def _is_mine(self, event: Event) -> bool:
        listener = self.listener
        if listener.job and event.job != listener.job:
            return False
        return (not listener.batch or event.batch == listener.batch) and listener.sees(event.array)

    def _note(self, event: Event) -> None:
        """Take note of which jobs of a stream that ends have not ended."""
        if event.state in _ENDED:
            self._open.discard(event.job)
        elif event.state and self.listener.batch and event.word == "submitted":
            self._open.add(event.job)

    def _is_over(self) -> bool:
        return self.about.open_jobs is not None and not self._open and not self.listener.over


class EventStream(Response):
    """The answer that a stream is."""

    media_type = MEDIA_TYPE

    def __init__(self, stream: Stream, status_code: int = 200) -> None:
        super().__init__(status_code=status_code, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._stream = stream
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream until it ends, its reader goes or takes nothing."""
        del scope
        listener = self._stream.listener
        watching = asyncio.ensure_future(_until_gone(receive, listener))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with contextlib.aclosing(self._stream.parts()) as parts:
                async for part in parts:
                    async with asyncio.timeout(_PATIENCE):
                        await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            listener.end()
        finally:
            self._stream.hub.leave(listener)
            watching.cancel()


async def _until_gone(receive: Receive, listener: Listener) -> None:
    """End a stream whose reader has gone."""
    with contextlib.suppress(Refused):
        while (await receive())["type"] != "http.disconnect":
            continue
    listener.end()


def since_of(last_event_id: str | None) -> str:
    """Return the event after which a stream is to begin. Raises Refused(invalid) for an id that is none."""
    if not last_event_id:
        return ""
    try:
        at, number = place_of(last_event_id)
    except ValueError as error:
        raise Refused(Code.INVALID, f"Last-Event-ID: {error}") from None
    return f"{at}-{number}"


def is_open(state: State) -> bool:
    """Say whether anything more may happen to a job."""
    return state not in ENDED
