"""Gates: each method is one run of the script, or some (see lua/gates.lua)."""

from collections.abc import Collection
from functools import partial
from typing import Final

from vnx_jobs.ports import Ring
from vnx_jobs.ports.gates import Gate

from .server import Server, patiently

_PART: Final = 100
"""Jobs that one run takes back: some tens of milliseconds."""


class RedisGates:
    """Implements Gates."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def shut(self, gate: Gate) -> float:
        """Shut a gate."""
        asked = (gate.batch, gate.by, round(gate.seconds * 1000), _PART)
        ((wait,), _) = patiently(partial(self._server.call, "gateshut", *asked))
        return float(wait) / 1000

    def open(self, gate: Gate, arrays: Collection[str]) -> tuple[Ring, ...] | None:
        """Let all jobs behind a gate go."""
        asked = (gate.batch, gate.by, sorted(arrays))
        ((done,), rings) = patiently(partial(self._server.call, "gateopen", *asked, durable=True))
        return rings if done else None

    def take_back(self, gate: Gate) -> None:
        """Remove all jobs behind a gate."""
        while patiently(partial(self._server.call, "gateback", gate.batch, gate.by, _PART))[0][0]:
            pass
