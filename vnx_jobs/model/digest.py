"""The digest of a volume's bytes: SHA-256 over the SHA-256 digests of its pieces of 1 MiB, in their order.

A digest of the bytes in one run cannot pass over what was never written, and reading a volume would wait for it: zeros
have one digest here, counted once. Stock tools make the same: see docs/backups.md.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

PIECE: Final = 1 << 20
"""Bytes of a piece; the last one may be shorter."""
ALGORITHM: Final = "sha256-1MiB"

_EMPTY: Final = hashlib.sha256(bytes(PIECE)).digest()


class Digest:
    """Takes the pieces of a volume one after the other."""

    def __init__(self) -> None:
        self._whole = hashlib.sha256()

    def piece(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next piece: of `PIECE` bytes, unless it is the last."""
        self._whole.update(hashlib.sha256(data).digest())

    def zeros(self) -> None:
        """Take a piece of `PIECE` zeros."""
        self._whole.update(_EMPTY)

    def __str__(self) -> str:
        return f"{ALGORITHM}:{self._whole.hexdigest()}"


def digest_of(parts: Iterable[bytes]) -> str:
    """Return the digest of bytes that come in parts of any size."""
    digest, rest = Digest(), bytearray()
    for part in parts:
        rest += part
        while len(rest) >= PIECE:
            digest.piece(rest[:PIECE])
            del rest[:PIECE]
    if rest:
        digest.piece(rest)
    return str(digest)
