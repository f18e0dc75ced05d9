"""Bounds on what one caller may ask for: the size of a body, and requests a second."""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vnx_jobs.model.errors import Code, Refused

_REMEMBERED: Final = 10_000
_PATIENCE: Final = 30.0
"""Seconds that the next part of a body may take."""


class BodyLimit:
    """Refuses bodies larger than allowed, at once where the request says so, else as they come, and slow ones."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting the bytes that it brings."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        too_large = announced.isdigit() and int(announced[:20]) > self._most
        came, is_whole = 0, False

        async def counted() -> Message:
            nonlocal came, is_whole
            if too_large:
                raise self._refusal()
            message = await (receive() if is_whole else _soon(receive))
            is_whole = is_whole or not message.get("more_body", False)
            came += len(message.get("body", b""))
            if came > self._most:
                raise self._refusal()
            return message

        await self._app(scope, counted, send)

    def _refusal(self) -> Refused:
        return Refused(Code.TOO_LARGE, f"the body may have {self._most} bytes (setting api.body): divide the request")


async def _soon(receive: Receive) -> Message:
    """Return the next part of a body. Raises Refused(invalid) if none comes: it would be waited for without end."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await receive()
    except TimeoutError:
        raise Refused(Code.INVALID, f"nothing more of the body came for {_PATIENCE:g} s") from None


class Rate:
    """Lets each caller have so many requests a second, and some at once after a rest: a token bucket each."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """What each caller has left, and when that was so; those that were here last stand last."""

    def take(self, caller: str) -> None:
        """Take one request of a caller's. Raises Refused(too-many-requests), saying when there is one again."""
        with self._lock:
            now = self._clock()
            left, since = self._left.pop(caller, (float(self._burst), now))
            left = min(self._burst, left + (now - since) * self._rate)
            self._left[caller] = (left - 1 if left >= 1 else left, now)
            while len(self._left) > _REMEMBERED:
                self._left.popitem(last=False)
        if left < 1:
            wait = max(1, round((1 - left) / self._rate + 0.5))
            text = f"{self._burst} requests at once, {self._rate:g} a second after that: wait {wait} s"
            raise Refused(Code.TOO_MANY, text, retry_after=wait)
