"""Where the embedded stack keeps its files. Nobody but the owner may look into the home folder's secrets."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one home folder."""

    home: Path

    @property
    def run(self) -> Path:
        """What is of use only while the stack runs, and the state server's configuration."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """One log for each child."""
        return self.home / "logs"

    @property
    def state(self) -> Path:
        """The state server's data."""
        return self.home / "state"

    @property
    def status(self) -> Path:
        """What runs, as JSON."""
        return self.run / "stack.json"

    @property
    def service(self) -> Path:
        """The address of the HTTP service."""
        return self.run / "api.url"

    @property
    def lock(self) -> Path:
        """Locked by the supervisor for as long as it lives."""
        return self.run / "stack.lock"

    @property
    def config(self) -> Path:
        """The settings that are read if nothing else is said."""
        return self.home / "config.yaml"

    def array(self, name: str) -> Path:
        """Return the folder of a simulated array."""
        return self.home / "arrays" / name

    def log(self, child: str) -> Path:
        """Return the log of a child."""
        return self.logs / f"{child}.log"

    def make(self) -> None:
        """Make the folders, readable by their owner alone. Raises OSError."""
        self.home.mkdir(parents=True, exist_ok=True)
        for folder in (self.run, self.logs, self.state):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, in one piece: readers see the old text or the new."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.rename(path)


def write_status(places: Places, status: Mapping[str, Any]) -> None:
    """Write what runs."""
    write_private(places.status, json.dumps(status, indent=1))


def read_status(places: Places) -> Mapping[str, Any]:
    """Read what runs; empty if nothing was written, or it cannot be understood."""
    try:
        found = json.loads(places.status.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
