"""Command sessions: how many commands an array works on at one time, and what becomes of the rest.

A session is a lock on one of N files, so a client that is killed gives it back. No source says how many a real array
has; it is a setting.
"""

from __future__ import annotations

import fcntl
import os

from .settings import Settings


class Session:
    """One command's session. `granted` is False when the array is full and refuses."""

    def __init__(self, folder: str, settings: Settings) -> None:
        self._folder = folder
        self._limit = int(settings.number("sessions"))
        self._refuses = settings.text("sessions_full") == "refuse"
        self._descriptor = -1
        self.granted = True

    def __enter__(self) -> Session:  # noqa: PYI034 - nothing derives from it; `Self` would import typing
        if self._limit:
            self._descriptor = self._free_place()
            self.granted = self._descriptor >= 0
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def _free_place(self) -> int:
        first = os.getpid() % self._limit
        for place in range(self._limit):
            descriptor = self._open((first + place) % self._limit)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            else:
                return descriptor
        if self._refuses:
            return -1
        descriptor = self._open(first)  # every place is taken: queue at one, and let the kernel wake us
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return descriptor

    def _open(self, place: int) -> int:
        path = f"{self._folder}/locks/session-{place}"
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
