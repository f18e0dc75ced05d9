"""What a worker saw last of each state server: by this a server that lost its last changes is found out.

The processes of one worker share it: the pool's children see changes, the heartbeat reports them.
"""

import fcntl
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

VARIABLE: Final = "VNX_JOBS_WITNESS"
"""Environment variable with the number of the inherited file that a worker's processes share."""
WORKER_VARIABLE: Final = "VNX_JOBS_WORKER"
"""Environment variable with the name of the worker, which no other worker ever had."""
_SERVERS: Final = 4
"""The server that answers now, and those before it: no question is ever asked about others."""
_PLACE: Final = struct.Struct("40sQ")


class Witness(Protocol):
    """Remembers the highest number of changes that was seen of a server."""

    def saw(self, server: str, changes: int) -> None:
        """Note that an answer of the server named so many changes."""
        ...

    def seen(self) -> Mapping[str, int]:
        """Return the highest number by server."""
        ...


@dataclass(slots=True)
class OwnWitness:
    """Implements Witness for a process that stands alone."""

    _seen: dict[str, int] = field(default_factory=dict)

    def saw(self, server: str, changes: int) -> None:
        """Note what was seen."""
        if changes > self._seen.get(server, -1):
            self._seen.pop(server, None)
            self._seen[server] = changes  # the last one added is the one that answers now
            while len(self._seen) > _SERVERS:
                del self._seen[next(iter(self._seen))]

    def seen(self) -> Mapping[str, int]:
        """Return what was seen."""
        return dict(self._seen)


class SharedWitness:
    """Implements Witness over a file in memory that the processes of one worker inherit. Used by one thread."""

    def __init__(self, inherited: int) -> None:
        self._file = os.open(f"/proc/self/fd/{inherited}", os.O_RDWR)  # opened anew: a lock is of an opened file

    def saw(self, server: str, changes: int) -> None:
        """Note what was seen."""
        with self._alone():
            places = OwnWitness(self._read())
            places.saw(server, changes)
            stored = b"".join(_PLACE.pack(name.encode(), count) for name, count in places.seen().items())
            os.pwrite(self._file, stored, 0)

    def seen(self) -> Mapping[str, int]:
        """Return what was seen."""
        with self._alone():
            return self._read()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _read(self) -> dict[str, int]:
        stored = os.pread(self._file, _PLACE.size * _SERVERS, 0)
        return {name.rstrip(b"\0").decode(): count for name, count in _PLACE.iter_unpack(stored)}


def shared_file() -> int:
    """Make the file that a worker's processes share; its number goes into the environment variable VARIABLE."""
    return os.memfd_create("vnx-jobs-witness", 0)  # without the close-on-exec flag: the heartbeat inherits it


def witness(environment: Mapping[str, str]) -> Witness:
    """Return the worker's shared witness if this process has inherited one, else one of its own."""
    inherited = environment.get(VARIABLE)
    return SharedWitness(int(inherited)) if inherited else OwnWitness()
