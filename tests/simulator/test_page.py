"""The page about the simulated array is true: every block of it is run as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "simulator.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def script() -> str:
    """Turn the page into one shell script: its commands in their order, Python blocks in a Python of their own."""
    parts: list[str] = []
    for language, text in BLOCK.findall(PAGE):
        if language == "python":
            parts.append(f"python <<'END'\n{text}END\n")
        else:
            assert language == "console"
            parts += [f"{line[2:]}\n" for line in text.splitlines() if line.startswith("$ ")]
    return "".join(parts)


@pytest.mark.real
def test_every_block_runs(tmp_path: Path) -> None:
    """In one shell, from an empty folder, every command ends well and the answers shown are the answers given."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VNX_")}
    environment |= {"PATH": f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}", "VNX_SIM_SPEED": "1000"}
    said = script().replace("/tmp/array", str(tmp_path / "array"))  # noqa: S108 - the page's own example, moved away
    assert said.count("vnx-sim ") >= 12
    ran = subprocess.run(
        ["/bin/bash", "-eux", "-O", "expand_aliases"],
        input=said,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for shown in re.findall(r"^(?:hello|  \|- .*|  `- .*)$", PAGE, re.MULTILINE):
        assert shown in ran.stdout
