"""A page's commands, given one after the other on a real stack, as its reader would."""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Home, run_here
from tests.docs.pages import commands_of
from vnx_jobs.cli.exits import Exit

OF_A_SHELL = ("up", "down")
"""What begins and ends processes has a process of its own here too."""


def statements(commands: str) -> Iterator[str]:
    """Return one command after the other: a document that stands in the shell belongs to its command."""
    lines = iter(commands.splitlines())
    for line in lines:
        statement = [line]
        if "<<'END'" in line:
            for more in lines:
                statement.append(more)
                if more == "END":
                    break
        yield "\n".join(statement)


def walked(
    page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[str, str]:
    """Give each command of a page in a folder of its own; return what each said.

    Each must end well, or be refused where `!` stands before it. The page's stack is ended in any case.
    """
    home = Home(folder)
    for name in ("VNX_JOBS_CONFIG", "VNX_JOBS_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VNX_JOBS_HOME", str(folder))
    monkeypatch.chdir(folder)
    said = {}
    try:
        for statement in statements(commands_of(page.read_text())):
            words = shlex.split(statement.splitlines()[0].removeprefix("! "))
            if words[0] != "vnx-jobs" or words[1] in OF_A_SHELL or ">" in words:
                shell = ["/bin/sh", "-eu", "-c", statement]
                done = subprocess.run(
                    shell, capture_output=True, text=True, check=False, env=home.environment, cwd=folder
                )
                assert done.returncode == 0, (statement, done.stderr)
                continue
            answer = run_here(words[1:], capsys)
            assert answer.status == (Exit.REFUSED if statement.startswith("! ") else Exit.WELL), (statement, answer)
            said[statement] = answer.output + answer.complaint
    finally:
        home("down")
    return said
