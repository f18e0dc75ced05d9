"""The checks of doctor that need no server: each looks at one thing and says what to do if it is not right."""

import enum
import importlib.util
import os
import stat
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from vnx_jobs.hooks.signing import Secret
from vnx_jobs.model.errors import Refused
from vnx_jobs.settings import ArraySettings, Settings, config_path

_FEWEST_NUMBERS: Final = 100
_LARGEST_NUMBER: Final = 65535


class Verdict(StrEnum):
    """What a check found."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it."""

    check: str
    verdict: Verdict
    text: str


def ok(check: str, text: str) -> Finding:
    """Return that all is well."""
    return Finding(check, Verdict.OK, text)


def warning(check: str, text: str) -> Finding:
    """Return that it works, and could be better."""
    return Finding(check, Verdict.WARNING, text)


def wrong(check: str, text: str) -> Finding:
    """Return that it does not work."""
    return Finding(check, Verdict.WRONG, text)


def python() -> Iterator[Finding]:
    """Check the interpreter: its version, and that no package takes the place of its own modules."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= (3, 13) and importlib.util.find_spec("pipes") is None:
        yield wrong("python", f"{version} has no module pipes, which storops needs: pip install standard-pipes")
    elif not (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield warning("python", f"{version} was not tried: use 3.11, 3.12 or 3.13")
    else:
        yield ok("python", version)
    home = Path(sysconfig.get_paths()["stdlib"]).resolve()
    if not Path(enum.__file__).resolve().is_relative_to(home):
        yield wrong("python enum", f"{enum.__file__} hides the standard module: pip uninstall enum34")


def settings(found: Settings) -> Iterator[Finding]:
    """Check the settings as a whole. That they can be read at all was seen when they were read."""
    path = config_path()
    if not found.arrays:
        yield wrong("settings", f"{path} names no array: add one, or run `vnx-jobs up --simulated-array NAME`")
        return
    yield ok("settings", f"{path}, arrays: {', '.join(sorted(found.arrays))}")
    if found.redis_url is not None and path.exists() and "redis_url" in path.read_text():
        yield from _private("settings file", path, "it holds the state server's address")


def hooks_secret(secret: Secret, marks: Mapping[str, str]) -> Iterator[Finding]:
    """Check the file that call backs are signed with; `marks` are those of the secrets of hooks."""
    check = "hooks secret"
    if not marks and not secret.file.exists():
        return  # it is made with the first hook
    try:
        mark = secret.mark()
    except Refused as refused:
        yield wrong(check, refused.message)
        return
    others = sorted(name for name, one in marks.items() if one != mark)
    if others:
        text = f"{secret.file} is not the secret that {', '.join(others)} was registered with: copy that one here"
        yield wrong(check, text)
    else:
        yield ok(check, f"{secret.file} is its owner's alone, and signs for {len(marks)} hook(s)")


def array(name: str, about: ArraySettings) -> Iterator[Finding]:
    """Check what the settings say about one array, on this host."""
    program = about.naviseccli
    if not program.is_file():
        text = f"{program} does not exist: install Navisphere Secure CLI, or set naviseccli to where it is"
        yield wrong(f"{name} naviseccli", text)
    elif not os.access(program, os.X_OK):
        yield wrong(f"{name} naviseccli", f"{program} cannot be executed by this user: chmod +x it")
    else:
        yield ok(f"{name} naviseccli", str(program))
    yield from _login(name, about)
    yield from _numbers(name, about)
    if about.spb is None:
        yield warning(f"{name} addresses", "no spb is given: without it the loss of SP A stops all work")


def _login(name: str, about: ArraySettings) -> Iterator[Finding]:
    check = f"{name} login"
    if about.security_file is not None:
        if about.security_file.is_dir():
            yield ok(check, f"security file in {about.security_file}")
        else:
            text = f"there is no folder {about.security_file}: make it with naviseccli -AddUserSecurity -secfilepath"
            yield wrong(check, text)
        return
    try:
        about.password()
    except Refused as refused:
        yield wrong(check, f"{refused.message}: write the password into it")
        return
    text = "the password stands on every command line, where other users of this host can read it: use security_file"
    yield warning(check, text)
    if about.password_file is not None:
        yield from _private(f"{name} password file", about.password_file, "it holds a password")


def _private(check: str, path: Path, why: str) -> Iterator[Finding]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield wrong(check, f"{path} can be read by others (mode {mode:04o}), and {why}: chmod 600 it")
    else:
        yield ok(check, f"{path} is its owner's alone")


def _numbers(name: str, about: ArraySettings) -> Iterator[Finding]:
    check, numbers = f"{name} numbers", about.number_range
    text = f"{numbers.start}-{numbers.stop - 1}"
    if numbers.stop - 1 > _LARGEST_NUMBER:
        yield wrong(check, f"{text} goes beyond {_LARGEST_NUMBER}, the largest LUN number")
    elif len(numbers) < _FEWEST_NUMBERS:
        yield warning(
            check, f"{text} are only {len(numbers)} LUN numbers: each volume and each copy under way needs one"
        )
    else:
        yield ok(check, f"{text}: nobody else may create LUNs with them")
