"""Calls borg on one repository: its words, its environment, its secret and its locks."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vnx_jobs.ports.mover import MoverError

from .borg_verdicts import trouble
from .passphrase import Passphrase

PACKAGE: Final = "borgbackup"
LONG: Final = 24 * 3600.0
"""Seconds for what reads or moves much of a repository."""
_LIMIT: Final = 900.0
"""Seconds for what reads its index and metadata."""


@dataclass(frozen=True, slots=True)
class Borg:
    """The program, and one repository that it works on."""

    repository: Path
    passphrase: Passphrase
    state: Path
    """Folder for what borg keeps on this host: caches and what it knows of repositories. It may be lost."""
    program: str = "borg"
    lock_wait: int = 60
    """Seconds that it waits for somebody else's lock."""

    def at(self, archive: str) -> str:
        """Return what borg calls an archive of this repository."""
        return f"{self.repository}::{archive}"

    def command(self, *words: str) -> tuple[str, ...]:
        """Return the whole list of words. Raises MoverError(missing-tool)."""
        program = shutil.which(self.program)
        if program is None:
            raise MoverError(f"{self.program} is not installed: apt-get install {PACKAGE}", "missing-tool")
        return (program, "--log-json", "--lock-wait", str(self.lock_wait), *words)

    def environment(self, descriptor: int | None, **more: str) -> Mapping[str, str]:
        """Return all that borg gets of an environment; the passphrase is not in it, but where to read it is."""
        secret = {} if descriptor is None else {"BORG_PASSPHRASE_FD": str(descriptor)}
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "HOME": str(self.state),
            "BORG_BASE_DIR": str(self.state),
            # Whatever borg would ask a person is answered with no: a repository that was moved or exchanged, or that
            # is not encrypted, is not used, and nothing is repaired.
            "BORG_RELOCATED_REPO_ACCESS_IS_OK": "no",
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "no",
            "BORG_CHECK_I_KNOW_WHAT_I_AM_DOING": "NO",
            "BORG_DELETE_I_KNOW_WHAT_I_AM_DOING": "NO",
            # `prepare` runs borg's test of itself; the many short calls that follow do without.
            "BORG_SELFTEST": "disabled",
            **secret,
            **more,
        }

    def run(self, *words: str, limit: float = _LIMIT, **more: str) -> str:
        """Run borg to its end and return what it says on stdout; `more` goes to its environment.

        Raises MoverError; of kind stalled after `limit` seconds.
        """
        with self.passphrase.piped() as secret:
            environment = self.environment(secret, **more)
            return _finished(self.command(*words), environment, (secret,), limit)

    def version(self) -> str:
        """Return the tool's name and version."""
        words = (self.command()[0], "--version")
        return " ".join(_finished(words, self.environment(None), (), _LIMIT).split())


def _finished(words: tuple[str, ...], environment: Mapping[str, str], secrets: tuple[int, ...], limit: float) -> str:
    program = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        pass_fds=secrets,
        start_new_session=True,
        umask=0o077,
    )
    try:
        said, complaints = program.communicate(timeout=limit)
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise MoverError(f"borg did not end within {limit:.0f} seconds", "stalled") from error
        raise
    if program.returncode:
        raise trouble(program.returncode, complaints.decode(errors="replace"))
    return said.decode(errors="replace")
