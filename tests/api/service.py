"""The HTTP service as a process of its own, and what is read from it over a socket."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

_PATIENCE = 20.0


class Service:
    """`vnx-jobs serve` in a process, open to this machine, at a port of its own."""

    def __init__(self, folder: Path, url: str, prefix: str, *words: str, **api: Any) -> None:
        password = folder / "password"
        password.write_text("unused")
        array = {"spa": "10.0.0.1", "user": "a", "password_file": str(password), "numbers": "500-899"}
        config = {"installation": "t", "prefix": prefix, "arrays": {"box": array}, "api": {"port": 0, **api}}
        (folder / "config.yaml").write_text(json.dumps(config))
        self.log = folder / "api.log"
        self._file = folder / "api.url"
        self._words = words or ("--open",)
        self._environment = {"VNX_JOBS_HOME": str(folder), "VNX_JOBS_REDIS_URL": url, "PATH": "/usr/bin:/bin"}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._file.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(Path(sys.executable).with_name("vnx-jobs")), "serve", "--address-file", self._file, *self._words],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + _PATIENCE
        while not self._file.exists():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.02)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._file.read_text().strip()

    def client(self, **options: Any) -> httpx.Client:
        """Return a client of it."""
        return httpx.Client(base_url=self.url, timeout=_PATIENCE, trust_env=False, **options)

    def kill(self) -> None:
        """Kill it with no warning, as a failing host does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_PATIENCE)

    def stop(self) -> int:
        """Ask it to end, as systemd does, and return its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(_PATIENCE)


@dataclass(frozen=True)
class Message:
    """One message of a stream."""

    id: str
    kind: str
    data: dict[str, Any]


def messages(lines: Iterator[str]) -> Iterator[Message]:
    """Read a stream's messages as a browser does."""
    fields: dict[str, str] = {}
    for line in lines:
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield Message(fields.get("id", ""), fields.get("event", ""), json.loads(fields["data"]))
            fields = {}
        else:
            fields = {}
