"""A Linux host whose volumes come by iSCSI or Fibre Channel: os-brick opens and closes them, in its own process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vnx_jobs.model.hosts import Connection
from vnx_jobs.ports.hosts import Device, HostError

_GRACE = 30.0
"""Seconds more than its own limit after which the program is taken for hung."""


@dataclass(frozen=True, slots=True)
class BrickHost:
    """Implements HostAttach with os-brick, which the extra `vnx-jobs[host]` brings.

    It runs as a program of its own for each call: os-brick keeps settings and locks for a whole process, needs root,
    brings threads of its own kind, and can hang on a path that is gone. A call takes two or three seconds more by that.
    It does not outlive this process, so that nothing is attached after whoever comes next has let go of it.
    """

    multipath: bool = False
    helper: tuple[str, ...] = ()
    """What is written before the program so that it runs as root: `sudo -n`. Nothing if this process is root's."""
    limit: int = 600
    """Seconds for one call."""

    def attach(self, connection: Connection) -> Device:
        """Find the volume's paths, compare its WWN, and set what it is read through read-only if it is `ro`."""
        return Device(Path(self._told("attach", connection)["path"]), connection.mode)

    def detach(self, connection: Connection) -> None:
        """Write out what is on its way, and remove the volume's paths; nothing is removed by force.

        Which they are is found anew, by WWN. Raises HostError also if the device is in use, or does not take the rest.
        """
        self._told("detach", connection)

    def _told(self, verb: str, connection: Connection) -> dict[str, Any]:
        # -I: neither the current folder nor the caller's environment may bring code into what runs as root
        program = (sys.executable, "-I", "-W", "ignore", "-m", "vnx_jobs.adapters.hosts.brick_program")
        asked = {"connection": asdict(connection), "multipath": self.multipath, "limit": self.limit, "bound": True}
        try:
            with _said(asked) as question:
                done = subprocess.run(
                    (*self.helper, *program, verb),
                    stdin=question,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    timeout=self.limit + _GRACE,
                    start_new_session=True,
                    check=False,
                )
        except subprocess.TimeoutExpired as error:
            raise HostError(f"{verb} of {connection.volume} did not end in {error.timeout:.0f} s") from error
        except OSError as error:
            raise HostError(f"{(*self.helper, *program)[0]} cannot be run: {error}") from error
        return _answer(verb, connection, done)


@contextmanager
def _said(asked: Mapping[str, object]) -> Iterator[int]:
    """Give what is to be read, from a pipe that stays open as long as this process lives and wants an answer."""
    reads, writes = os.pipe()
    try:
        os.write(writes, json.dumps(asked).encode() + b"\n")
        yield reads
    finally:
        os.close(writes)
        os.close(reads)


def _answer(verb: str, connection: Connection, done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise HostError(f"{verb} of {connection.volume} ended without an answer: {last}") from None
    if "error" in told:
        raise HostError(told["error"])
    return told
