"""Stand-ins for parts of the product: one adds up the time of a part's methods, one is a bell that only hears."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from vnx_jobs.ports import Ring


class Timed:
    """Passes every call on to something else; `cpu` and `clock` are the seconds of each method."""

    def __init__(self, inner: object) -> None:
        self._inner = inner
        self.cpu: Counter[str] = Counter()
        self.clock: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._inner, name)

        def timed(*words: Any, **more: Any) -> Any:  # noqa: ANN401 -- whatever the method takes
            began, started = time.process_time(), time.perf_counter()
            try:
                return method(*words, **more)
            finally:
                self.cpu[name] += time.process_time() - began  # type: ignore[assignment]  # seconds, not counts
                self.clock[name] += time.perf_counter() - started  # type: ignore[assignment]

        setattr(self, name, timed)
        return timed


class Ear:
    """Implements Bell: hears whom to ring, and publishes nothing."""

    def __init__(self) -> None:
        self.heard: list[Ring] = []

    def ring(self, rings: Iterable[Ring]) -> None:
        """Hear whom to ring."""
        self.heard += rings
