"""docs/tour.md is true: each of its commands is run, in their order, on a real stack."""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Home, run_here
from tests.docs.pages import commands_of
from vnx_jobs.cli.exits import Exit

PAGE = (Path(__file__).parents[2] / "docs" / "tour.md").read_text()
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


@pytest.mark.real
@pytest.mark.timeout(600)
def test_every_command_of_the_tour_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tour's commands end well, but for the one that is refused, and leave the volumes that the page tells of."""
    home = Home(tmp_path)
    for name in ("VNX_JOBS_CONFIG", "VNX_JOBS_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VNX_JOBS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    said = {}
    try:
        for statement in statements(commands_of(PAGE)):
            words = shlex.split(statement.splitlines()[0].removeprefix("! "))
            if words[0] != "vnx-jobs" or words[1] in OF_A_SHELL or ">" in words:
                shell = ["/bin/sh", "-eu", "-c", statement]
                done = subprocess.run(
                    shell, capture_output=True, text=True, check=False, env=home.environment, cwd=tmp_path
                )
                assert done.returncode == 0, (statement, done.stderr)
                continue
            answer = run_here(words[1:], capsys)
            assert answer.status == (Exit.REFUSED if statement.startswith("! ") else Exit.WELL), (statement, answer)
            said[statement] = answer.output + answer.complaint
    finally:
        home("down")
    assert len(said) >= 24
    assert "snapcopy:     True" in said["vnx-jobs volume show sim db-test"]
    assert "known by its key" in said["vnx-jobs submit clone name=db-twin source=db --key twin-of-monday"]
    assert "db has 1 snap cop" in said["! vnx-jobs submit delete-volume name=db"]
    assert "6 known" in said["vnx-jobs batch webs.yaml"]
    volumes = (tmp_path / "volumes.csv").read_text().splitlines()
    assert len(volumes) == 1 + len(("db", "db-test", "db-twin", "web")) + 5  # web-01 to web-05
