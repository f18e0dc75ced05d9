"""The digest of what is copied, made in a thread of its own while the bytes go by."""

import threading
from queue import SimpleQueue
from typing import Final, TypeAlias

from vnx_jobs.model.digest import PIECE, Digest

_BUFFERS: Final = 8
"""Pieces that may wait for their digest: where many zeros go by, it catches up."""

Piece: TypeAlias = tuple[bytearray, int]
"""A buffer, and how many of its bytes count."""


class DigestBeside:
    """Takes pieces in their order. They lie in buffers of its own, which it gives out anew when they are done with."""

    def __init__(self) -> None:
        self._digest = Digest()
        self._free = SimpleQueue[bytearray]()
        self._given = SimpleQueue[Piece | None]()
        for _ in range(_BUFFERS):
            self._free.put(bytearray(PIECE))
        self._thread = threading.Thread(target=self._run, name="digest", daemon=True)
        self._thread.start()

    def buffer(self) -> bytearray:
        """Return a buffer of `PIECE` bytes, when one is free; it must come back by `piece` or `zeros`."""
        return self._free.get()

    def piece(self, buffer: bytearray, count: int) -> None:
        """Take the next piece: so many bytes of a buffer, which nobody may change any more.

        It may be read until the next buffer is asked for.
        """
        self._given.put((buffer, count))

    def zeros(self, buffer: bytearray | None = None) -> None:
        """Take a piece of `PIECE` zeros, with the buffer that it may have come in."""
        self._given.put((bytearray(), PIECE))
        if buffer is not None:
            self._free.put(buffer)

    def finished(self) -> str:
        """Return the digest of all pieces; none may follow."""
        self._given.put(None)
        self._thread.join()
        return str(self._digest)

    def _run(self) -> None:
        while (piece := self._given.get()) is not None:
            buffer, count = piece
            if not buffer:
                self._digest.zeros()
                continue
            with memoryview(buffer) as view:
                self._digest.piece(view[:count])
            self._free.put(buffer)
