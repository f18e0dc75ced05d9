"""The locks between hosts, which write, and commands, which freeze.

Three files, taken in this order by everybody, so nobody waits in a circle:

- `locks/N.gate`: a turnstile. Whoever freezes LUN N keeps it shut while waiting, so that writers who come one after the
  other cannot keep a snapshot waiting for ever.
- `locks/N.lock`: hosts share it for the length of one read or write; freezing takes it exclusively.
- `content.lock`: whoever uses layers shares it; merging and removing layers takes it exclusively.

`flock` is given back by the kernel when its holder dies.
"""

from __future__ import annotations

import fcntl
import os


class Locks:
    """Locks held by one command or one host; closing gives all of them back."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}

    def __enter__(self) -> Locks:  # noqa: PYI034 - nothing derives from it; `Self` would import typing
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back every lock."""
        while self._held:
            os.close(self._held.popitem()[1])

    def freeze(self, lun: int) -> None:
        """Keep hosts from a LUN until `close`. Does nothing when this holder has it already."""
        self._take(f"locks/{lun}.gate", fcntl.LOCK_EX)
        self._take(f"locks/{lun}.lock", fcntl.LOCK_EX)

    def share(self, lun: int) -> None:
        """Use a LUN as a host does, and the layers, until `close`."""
        gate = os.open(f"{self._folder}/locks/{lun}.gate", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(gate, fcntl.LOCK_SH)
            self._take(f"locks/{lun}.lock", fcntl.LOCK_SH)
        finally:
            os.close(gate)
        self._take("content.lock", fcntl.LOCK_SH)

    def rearrange(self) -> None:
        """Keep everybody from the layers until `close`."""
        self._take("content.lock", fcntl.LOCK_EX)

    def _take(self, name: str, how: int) -> None:
        if name in self._held:
            return
        descriptor = os.open(f"{self._folder}/{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._held[name] = descriptor
        fcntl.flock(descriptor, how)
