"""The README is true: each command of its tour is run, and its tables are those of the code."""

import enum
import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.docs.pages import commands_of, run
from vnx_jobs.cli.exits import MEANINGS
from vnx_jobs.model.specs import OPERATIONS, SEVERAL

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "README.md").read_text()


def test_the_exit_statuses() -> None:
    """The table of exit statuses is the program's."""
    shown = dict(re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.MULTILINE))
    assert shown == {str(int(status)): meaning for status, meaning in MEANINGS.items()}


def test_every_operation_is_listed() -> None:
    """Every operation that can be asked for stands in the table with all its fields, and no other."""
    first = "name|volumes|snapshot|backup|host"
    rows = re.findall(rf"^\| `([a-z-]+)` \| (nothing|`(?:{first})`[^|]*) \| [^|]+\|$", PAGE, re.MULTILINE)
    shown = {word: set(re.findall(r"`(\w+)`", fields)) for word, fields in rows}
    asked = {**OPERATIONS, **SEVERAL}
    assert shown == {word: set(spec.model_fields) - {"operation", "array"} for word, spec in asked.items()}


def test_enum_is_the_standard_one() -> None:
    """The package enum34, which storops asks for, does not hide the standard module."""
    assert Path(enum.__file__).resolve().is_relative_to(Path(sysconfig.get_paths()["stdlib"]).resolve())


@pytest.mark.real
@pytest.mark.timeout(600)
def test_every_command_of_the_tour_works(tmp_path: Path) -> None:
    """The tour's commands, run in their order in one shell, all end well."""
    commands = commands_of(PAGE)
    assert commands.count("vnx-jobs ") >= 18
    (tmp_path / ".venv").symlink_to(Path(sysconfig.get_path("scripts")).parent)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VNX_")}
    try:
        run(commands, tmp_path, environment, 500)
    finally:
        script = Path(sysconfig.get_path("scripts")) / "vnx-jobs"
        subprocess.run([script, "down"], check=False, timeout=60, cwd=tmp_path, env=environment)
