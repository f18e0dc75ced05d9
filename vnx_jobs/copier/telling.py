"""How a reader or writer tells what it does: a file of progress, and a file with what came of it."""

import json
import os
import time
from pathlib import Path
from typing import Any, Final

EVERY: Final = 0.5
"""Seconds between two lines of progress."""


class CopyError(Exception):
    """The bytes cannot be moved; one line says why, and one word what kind of trouble it is."""

    def __init__(self, fault: str, text: str) -> None:
        super().__init__(text)
        self.fault = fault


class ProgressFile:
    """Writes how many bytes have passed, a JSON object a line, at most one line in `EVERY` seconds."""

    def __init__(self, path: Path | None) -> None:
        self._descriptor = (
            None if path is None else os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        )
        self._next = 0.0

    def passed(self, count: int, *, last: bool = False) -> None:
        """Tell of the bytes passed so far, if it is time to, or if these are all."""
        now = time.monotonic()
        if self._descriptor is not None and (last or now >= self._next):
            self._next = now + EVERY
            os.write(self._descriptor, f"{json.dumps({'bytes': count, 'whole': last})}\n".encode())


def put(path: Path | None, result: dict[str, Any]) -> None:
    """Write what came of it, whole or not at all, for its owner alone to read."""
    if path is None:
        return
    beside = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(result, file)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
