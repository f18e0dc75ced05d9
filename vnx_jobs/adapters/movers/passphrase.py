"""The passphrase of a repository: read when it is needed, and given to a program through a pipe of its own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vnx_jobs.ports.mover import MoverError

_LIMIT: Final = 60.0
"""Seconds for the command that tells it."""
_LONGEST: Final = 4096
"""Bytes: as many as a pipe takes at once, so that writing them never waits for a reader."""


@dataclass(frozen=True, slots=True)
class Passphrase:
    """Where the passphrase comes from; the words themselves are never kept."""

    file: Path | None = None
    """A file of one line."""
    command: tuple[str, ...] = ()
    """A command that prints one line."""

    @contextmanager
    def piped(self) -> Iterator[int]:
        """Return a descriptor from which the passphrase can be read once. Raises MoverError(credentials)."""
        words = self._words()
        reading, writing = os.pipe()
        try:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(words)
            yield reading
        finally:
            os.close(reading)

    def _words(self) -> bytes:
        text, where = self._told()
        if not text:
            raise MoverError(f"{where} gives no passphrase", "credentials")
        if b"\n" in text or len(text) > _LONGEST:
            raise MoverError(f"{where} gives more than one line, or one that is too long", "credentials")
        return text

    def _told(self) -> tuple[bytes, str]:
        if self.file is not None:
            try:
                return self.file.read_bytes().rstrip(b"\n"), f"passphrase_file {self.file}"
            except OSError as error:
                raise MoverError(
                    f"passphrase_file {self.file} cannot be read: {error.strerror}", "credentials"
                ) from error
        if not self.command:
            return b"", "an empty setting"
        where = f"passphrase_command {self.command[0]}"
        try:
            done = subprocess.run(
                self.command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            # Not the error itself: it shows the command's words, and a time-out what was already said.
            raise MoverError(f"{where} cannot be run, or does not end", "credentials") from error
        if done.returncode:
            raise MoverError(f"{where} ended with status {done.returncode}", "credentials")
        return done.stdout.rstrip(b"\n"), where
