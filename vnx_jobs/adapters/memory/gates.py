"""The twin of the gates: batches that are accepted whole or not at all."""

from collections.abc import Collection

from vnx_jobs.model.errors import StateServerError
from vnx_jobs.ports import Ring
from vnx_jobs.ports.gates import Gate

from .orders import MemoryOrders
from .server import MemoryServer, ShutGate


class MemoryGates:
    """Implements Gates."""

    def __init__(self, server: MemoryServer, store: MemoryOrders) -> None:
        self._server = server
        self._store = store
        server.sweeps.append(self._sweep)

    def shut(self, gate: Gate) -> float:
        """Shut a gate."""
        with self._server.moment():
            server, now = self._server, self._server.now()
            found = server.gates.get(gate.batch)
            if found is not None and not found.open and found.by != gate.by:
                if found.until > now:
                    return (found.until - now) / 1000
                self._clear(found)
            server.gates[gate.batch] = ShutGate(gate.by, now + round(gate.seconds * 1000))
            return 0.0

    def open(self, gate: Gate, arrays: Collection[str]) -> tuple[Ring, ...] | None:
        """Let all jobs behind a gate go."""
        del arrays
        with self._server.moment() as rings:
            found = self._server.gates.get(gate.batch)
            if found is not None and found.by == gate.by and found.open:
                return ()
            if found is None or not is_shut(self._server, found, gate):
                return None
            ready = [job for job, goes_on in found.jobs.items() if goes_on]
            found.jobs.clear()
            found.open = True
            for job in ready:
                self._server.make_due(job)
            return tuple(rings)

    def take_back(self, gate: Gate) -> None:
        """Remove all jobs behind a gate."""
        with self._server.moment():
            found = self._server.gates.get(gate.batch)
            if found is not None and found.by == gate.by and not found.open:
                self._clear(found)
                del self._server.gates[gate.batch]

    def _sweep(self) -> None:
        for batch, found in list(self._server.gates.items()):
            if not found.open and found.until <= self._server.now():
                self._clear(found)
                del self._server.gates[batch]

    def _clear(self, found: ShutGate) -> None:
        """Remove all jobs behind a gate."""
        server = self._server
        for job in list(found.jobs):
            record = server.jobs[job].record
            if server.live(job):
                self._store.taken_back(server.jobs[job])
            if record.key and server.keys[record.key].job == job:
                del server.keys[record.key]
            server.batches[record.batch].pop(job)
            del server.jobs[job]
        found.jobs.clear()


def passed(server: MemoryServer, gate: Gate) -> ShutGate:
    """Return a gate that somebody submits through, who is alive. Raises StateServerError if he shut none."""
    found = server.gates.get(gate.batch)
    if found is None or not is_shut(server, found, gate):
        text = f"batch {gate.batch} was too long under way, and is taken back: submit it again"
        raise StateServerError(text)
    found.until = server.now() + round(gate.seconds * 1000)
    return found


def is_shut(server: MemoryServer, found: ShutGate, gate: Gate) -> bool:
    """Say whether a gate is shut by the one that says so, and he is heard of in time."""
    return found.by == gate.by and not found.open and found.until > server.now()
