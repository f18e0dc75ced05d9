"""A simulated array for the stack: made once in the home folder, and named in a new config.yaml."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.names import array_problem
from vnx_jobs.settings import ArraySettings, Settings

from .places import Places, write_private

_NUMBERS: Final = "20000-29999"
_SPEED: Final = 20
_SPEED_VARIABLE: Final = "VNX_SIM_SPEED"
_LOGIN: Final = ("sysadmin", "sysadmin")
"""User and password that every simulated array is made with."""


def provide(places: Places, name: str, settings: Settings, *, config_exists: bool) -> bool:
    """Make a simulated array unless it exists; say whether a config.yaml was written that names it.

    Raises Refused(invalid) if there are settings already that do not name it, or if it cannot be made.
    """
    if problem := array_problem(name):
        raise Refused(Code.INVALID, f"array name {name!r} {problem}")
    folder = places.array(name)
    if config_exists and name not in settings.arrays:
        known = ", ".join(sorted(settings.arrays)) or "none"
        text = f"the settings do not name an array {name!r} (arrays: {known}): add it there, or use another home folder"
        raise Refused(Code.INVALID, text)
    if config_exists and not _is_simulated(settings.arrays[name], folder):
        raise Refused(Code.INVALID, f"{name} is not the simulated array of this home folder: leave the option out")
    if not (folder / "bin" / "naviseccli").exists():
        simulator("init", str(folder))
    if config_exists:
        return False
    password = folder.with_name(f"{name}.password")
    write_private(password, _LOGIN[1] + "\n")
    write_private(places.config, yaml.safe_dump(_config(name, folder, password), sort_keys=False))
    return True


def pace(settings: Settings) -> dict[str, str]:
    """Return the environment by which simulated arrays run as fast as the settings say; real ones know nothing of it.

    It is one number for all arrays of a stack: the greatest.
    """
    speed = max((array.speed for array in settings.arrays.values()), default=1.0)
    return {} if speed == 1 or _SPEED_VARIABLE in os.environ else {_SPEED_VARIABLE: f"{speed:g}"}


def _is_simulated(array: ArraySettings, folder: Path) -> bool:
    return array.naviseccli.resolve().is_relative_to(folder.resolve())


def _config(name: str, folder: Path, password: Path) -> dict[str, Any]:
    shown = json.loads(simulator("show", str(folder), "--json"))["array"]
    array = {
        "spa": shown["spa"],
        "spb": shown["spb"],
        "naviseccli": str(folder / "bin" / "naviseccli"),
        "user": _LOGIN[0],
        "password_file": str(password),
        "numbers": _NUMBERS,
        "speed": _SPEED,
    }
    return {"arrays": {name: array}}


def simulator(*arguments: str) -> str:
    """Run the simulator's own program, `vnx-sim`, and return what it wrote. Raises Refused with its complaint."""
    done = subprocess.run([simulator_program(), *arguments], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        complaint = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Refused(Code.INVALID, f"vnx-sim {arguments[0]} failed: {' '.join(complaint)}")
    return done.stdout


def simulator_program() -> str:
    """Return the path of the simulator's own program, `vnx-sim`. Raises Refused if it is missing."""
    beside = Path(sys.executable).with_name("vnx-sim")
    program = str(beside) if beside.exists() else shutil.which("vnx-sim")
    if program is None:
        raise Refused(Code.INVALID, "the program vnx-sim is missing: install vnx-jobs again")
    return program
