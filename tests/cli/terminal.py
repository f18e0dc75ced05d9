"""What a user at a terminal sees of the program: exit status, output and complaints."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from vnx_jobs.cli.program import run

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Answer:
    """How one run of the program ended."""

    status: int
    output: str
    complaint: str

    @property
    def json(self) -> Any:
        """The output as JSON."""
        return json.loads(self.output)

    def complains(self, text: str) -> bool:
        """Say whether the complaint is one line that begins as errors do and holds a text: never a traceback."""
        (line,) = self.complaint.strip().splitlines()
        return line.startswith("error: ") and text in line


def run_here(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> Answer:
    """Run the program in this process, and put the logs back as they were."""
    capsys.readouterr()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        status = int(run(words))
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    said = capsys.readouterr()
    return Answer(status, said.out, said.err)


class Home:
    """One home folder, and the program run in it as a real process."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("VNX_")},
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "VNX_JOBS_HOME": str(folder),
            **environment,
        }

    def __call__(self, *words: str, limit: float = 120) -> Answer:
        """Run `vnx-jobs` with some words."""
        done = subprocess.run(
            [BIN / "vnx-jobs", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=limit,
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def write(self, name: str, text: str) -> str:
        """Write a file into the folder and return its path."""
        path = self.folder / name
        path.write_text(text)
        return str(path)

    @property
    def status(self) -> dict[str, Any]:
        """What the stack says about itself."""
        status: dict[str, Any] = json.loads((self.folder / "run" / "stack.json").read_text())
        return status
