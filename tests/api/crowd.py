"""Many streams of events, read at once by one loop: what each was told, whoever goes away and comes again."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from vnx_jobs.model.event import Event, place_of

_AGAIN: Final = 0.05
"""Seconds until a stream that was cut off is asked for again."""
_BUFFER: Final = 1 << 20


@dataclass(eq=False)
class Ear:
    """One stream, and who reads it."""

    path: str
    since: str = ""
    """The event after which it is to begin; empty: from now on."""
    cut: int = 0
    """After so many events on one connection its reader goes away, and comes again; 0: never."""
    heard: list[tuple[str, str, str]] = field(default_factory=list)
    """Of each event its id, its job and what happened, in the order in which they came."""
    begins: str = ""
    """The event after which it began."""
    last: str = ""
    """Where it stands."""
    connections: int = 0
    refused: int = 0
    """How often it was asked to come again later, or what it listens to was not there yet."""
    gaps: int = 0
    is_over: bool = False
    """Whether the service says that nothing more will come."""

    def told_by(self, record: Iterable[Event]) -> list[tuple[str, str, str]]:
        """Return what it should have heard of the events of record, which are all about what it listens to."""
        begins = place_of(self.begins)
        return [(one.id, one.job, one.word) for one in record if one.order > begins]


class Crowd:
    """Reads streams in a thread of its own, while it is entered."""

    def __init__(self, url: str, ears: Sequence[Ear], headers: dict[str, str] | None = None) -> None:
        self.ears = ears
        self._place = urlsplit(url)
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self._loop = asyncio.new_event_loop()
        self._readers: list[asyncio.Task[None]] = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(lambda: [one.cancel() for one in self._readers])
        self._thread.join()
        self._loop.close()

    def until_all_listen(self, seconds: float) -> None:
        """Wait until each stream has begun."""
        self._until(seconds, lambda ear: bool(ear.begins))

    def until_all_heard(self, last: str, seconds: float) -> None:
        """Wait until each stream is over, or stands at an event."""
        self._until(seconds, lambda ear: ear.is_over or (bool(ear.last) and place_of(ear.last) >= place_of(last)))

    def until_over(self, ears: Sequence[Ear], seconds: float) -> None:
        """Wait until the service says of some streams that nothing more will come."""
        self._until(seconds, lambda ear: ear.is_over or ear not in ears)

    def _until(self, seconds: float, so: Callable[[Ear], bool]) -> None:
        end = time.monotonic() + seconds
        while waiting := [ear for ear in self.ears if not so(ear)]:
            assert time.monotonic() < end, (len(waiting), waiting[:3])
            assert not (failed := [one for one in self._readers if one.done() and one.exception()]), failed[:3]
            time.sleep(0.05)

    def _run(self) -> None:
        self._readers = [self._loop.create_task(self._read(ear)) for ear in self.ears]
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(asyncio.wait(self._readers))

    async def _read(self, ear: Ear) -> None:
        """Read a stream until it is over: cut off, or gone away, it comes again and says where it stands."""
        ear.begins = ear.last = ear.since
        while not ear.is_over:
            with suppress(ConnectionError):
                await self._once(ear)
            await asyncio.sleep(_AGAIN)

    async def _once(self, ear: Ear) -> None:
        reader, writer = await asyncio.open_connection(self._place.hostname, self._place.port, limit=_BUFFER)
        try:
            last = f"Last-Event-ID: {ear.last}\r\n" if ear.last else ""
            # HTTP/1.0: the body is what comes until the connection ends
            asked = f"GET {ear.path} HTTP/1.0\r\nHost: {self._place.netloc}\r\n{self._headers}{last}\r\n"
            writer.write(asked.encode())
            status = int((await reader.readuntil(b"\r\n")).split()[1])
            await reader.readuntil(b"\r\n\r\n")
            assert status in {200, 204, 404, 429}, (ear, status, await reader.read())
            ear.connections += status == 200
            ear.refused += status in {404, 429}
            ear.is_over = status == 204
            if status == 200:
                await _hear(ear, reader)
            elif status != 204:  # too many, or not there yet
                await asyncio.sleep(1)
        finally:
            writer.close()


async def _hear(ear: Ear, reader: asyncio.StreamReader) -> None:
    """Hear what one connection tells, until it ends, the stream is over, or its reader has enough."""
    count = 0
    async for fields in _messages(reader):
        ear.last = fields.get("id", ear.last)
        ear.begins = ear.begins or ear.last
        kind, data = fields.get("event", ""), fields.get("data", "")
        ear.gaps += kind == "gap"
        ear.is_over = kind == "end"
        if data and not kind:
            told = json.loads(data)
            ear.heard.append((told["id"], told["job"], told["event"]))
            count += 1
        if ear.is_over or (ear.cut and count == ear.cut):
            return


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[dict[str, str]]:
    while True:
        try:
            text = await reader.readuntil(b"\n\n")
        except asyncio.IncompleteReadError:
            return
        yield {name: value for name, _, value in (line.partition(": ") for line in text.decode().splitlines()) if name}
