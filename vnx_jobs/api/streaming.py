"""Streams of events: one reader of the state server's stream for all who listen, each with a bounded queue."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog

from vnx_jobs.documents.jobs import EventDocument
from vnx_jobs.model.errors import Code, Refused, StateServerError
from vnx_jobs.model.event import Event, place_of
from vnx_jobs.ports.pages import Events

_LISTEN: Final = 1.0
"""Seconds that the reader waits for an event before it looks whether it is to stop."""
_AT_ONCE: Final = 500
"""Events that are handed over together: fewer than the shortest queue holds, so that who reads on is never too slow."""
_AWAY: Final = 1.0
"""Seconds until it asks again a state server that did not answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and how it is written, once for all who hear it."""

    event: Event
    text: bytes


def written(event: Event) -> bytes:
    """Return an event as a stream writes it."""
    return message(event.id, EventDocument.of(event).model_dump_json().encode())


def message(id_: str, data: bytes, kind: str = "") -> bytes:
    """Return a message of a stream: its place, what kind it is of (none: an event of a job), and one line of JSON."""
    named = f"event: {kind}\n".encode() if kind else b""
    return b"id: %s\n%sdata: %s\n\n" % (id_.encode(), named, data)


@dataclass(eq=False, slots=True)
class Listener:
    """Somebody who listens: to one job, to a batch, or to all."""

    sees: Callable[[str], bool]
    """Whether it may hear of an array."""
    most: int
    job: str = ""
    batch: str = ""
    behind: str = ""
    """The event after which what it hears begins."""
    over: bool = False
    """Whether nothing more will come: it was too slow, or the service ends."""
    _queue: deque[Told] = field(default_factory=deque)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, told: Told) -> None:
        """Add an event to what it is still to hear; one that has too much to hear already hears no more."""
        if self.over or not self.sees(told.event.array):
            return
        if len(self._queue) >= self.most:
            self.end()
            return
        self._queue.append(told)
        self._news.set()

    def end(self) -> None:
        """Let nothing more come: what is in the queue may still be heard."""
        self.over = True
        self._news.set()

    async def hear(self, seconds: float) -> list[Told]:
        """Return all that it is to hear; wait some seconds for the first, and return nothing if nothing came."""
        if not self._queue and not self.over:
            self._news.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait()
            except TimeoutError:
                return []
        heard = list(self._queue)
        self._queue.clear()
        return heard


class Hub:
    """The one reader of a process, and all who listen. Its methods are for the loop's thread; it reads in its own."""

    def __init__(self, events: Events, *, listeners: int, backlog: int) -> None:
        self._events = events
        self._most = listeners
        self._backlog = backlog
        self._listeners: dict[tuple[str, str], set[Listener]] = {}
        self._count = 0
        self._starting: asyncio.Lock = asyncio.Lock()
        self._reader: threading.Thread | None = None
        self._position = ""
        self._stop = threading.Event()

    @property
    def count(self) -> int:
        """How many listen."""
        return self._count

    @property
    def stopping(self) -> bool:
        """Whether the service ends."""
        return self._stop.is_set()

    async def listen(self, sees: Callable[[str], bool], *, job: str = "", batch: str = "") -> Listener:
        """Let somebody listen from now on. Raises Refused(too-many-requests), or StateServerError at the first of all.

        Whoever listens calls `leave` in the end.
        """
        if self._count >= self._most:
            text = f"{self._most} streams and long polls are open (setting api.streams): try again later"
            raise Refused(Code.TOO_MANY, text, retry_after=5)
        self._count += 1
        try:
            await self._started()
        except BaseException:
            self._count -= 1
            raise
        listener = Listener(sees, self._backlog, job, batch, self._position, self.stopping)
        self._listeners.setdefault(_place(listener), set()).add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Let somebody go."""
        place = _place(listener)
        among = self._listeners.get(place, set())
        if listener in among:
            among.discard(listener)
            self._count -= 1
            if not among:
                del self._listeners[place]

    def stop(self) -> None:
        """End all streams, and the reader. For any thread, and for signal handlers."""
        self._stop.set()
        for among in list(self._listeners.values()):
            for listener in list(among):
                listener.end()

    async def _started(self) -> None:
        async with self._starting:
            if self._reader is None:
                self._position = await asyncio.to_thread(self._events.last)
                loop = asyncio.get_running_loop()
                self._reader = threading.Thread(target=self._read, args=(loop, self._position), daemon=True)
                self._reader.start()

    def _read(self, loop: asyncio.AbstractEventLoop, position: str) -> None:
        """Read on and on, and hand over what was read; a state server that is away is waited for."""
        is_late = False
        while not self._stop.is_set():
            try:
                events = self._events.after(position, _LISTEN, _AT_ONCE)
                is_lost = is_late and place_of(self._events.first() or position) > place_of(position)
            except StateServerError as error:
                structlog.get_logger().warning("events_away", why=error.message)
                is_late = True
                self._stop.wait(_AWAY)
                continue
            is_late = len(events) == _AT_ONCE
            if events:
                position = events[-1].id
                told = [Told(event, written(event)) for event in events]
                try:
                    loop.call_soon_threadsafe(self._deliver, told, is_lost)
                except RuntimeError:  # the loop has ended without a word
                    return

    def _deliver(self, events: Iterable[Told], is_lost: bool) -> None:  # noqa: FBT001 -- a callback has no names
        if is_lost:  # events are gone that were not read: whoever comes again is told so
            for listener in [one for among in self._listeners.values() for one in among]:
                listener.end()
        for told in events:
            self._position = told.event.id
            for place in (("job", told.event.job), ("batch", told.event.batch), ("", "")):
                for listener in self._listeners.get(place, ()):
                    listener.put(told)


def _place(listener: Listener) -> tuple[str, str]:
    if listener.job:
        return "job", listener.job
    return ("batch", listener.batch) if listener.batch else ("", "")
