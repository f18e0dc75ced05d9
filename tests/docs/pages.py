"""A page's shell blocks, and how they are run."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path


def commands_of(page: str) -> str:
    """Return the lines of all shell blocks of a page, in their order."""
    return "".join(re.findall(r"^```shell\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))


def run(commands: str, folder: Path, environment: Mapping[str, str], seconds: float) -> None:
    """Run commands in one shell; fail with all that was said if one of them ends badly, or time runs out."""
    done = subprocess.run(
        ["/bin/sh", "-eux"],
        input=commands,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        cwd=folder,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
