"""A host of a simulated array, whose devices are plain files: what `vnx-sim device` gives is the device's path."""

import fcntl
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vnx_jobs.model.hosts import Connection
from vnx_jobs.ports.hosts import Device, HostError

_LIMIT = 60.0
"""Seconds after which the program is taken for hung."""


@dataclass(frozen=True, slots=True)
class PlainHost:
    """Implements HostAttach on the machine where the simulated array's folder is.

    A file that other hosts may share cannot be set read-only for one of them: what enforces `ro` is that the device
    opens for reading alone, which the kernel then holds to.
    """

    folder: Path
    """The simulated array's folder."""
    program: Path = Path("vnx-sim")

    def attach(self, connection: Connection) -> Device:
        """Find the device of a connection, compare its WWN, and see that it opens as its mode says."""
        seen = self._seen(connection)
        if seen["wwn"] != connection.wwn:
            what = f"{connection.host} sees WWN {seen['wwn']} under number {connection.hlu}"
            raise HostError(f"{what}; {connection.volume} has {connection.wwn}: attach it again")
        words = (str(self.program), "device", "--wwn", *self._place(connection))
        device = Device(Path(seen["path"]), connection.mode, words)
        _check(device)
        return device

    def detach(self, connection: Connection) -> None:
        """Write out what is still on its way; a device that is gone needs nothing."""
        try:
            path = Path(self._seen(connection)["path"])
        except HostError:
            return
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _place(self, connection: Connection) -> tuple[str, ...]:
        return str(self.folder), connection.host, str(connection.hlu)

    def _seen(self, connection: Connection) -> dict[str, Any]:
        words = [str(self.program), "device", "--json", *self._place(connection)]
        try:
            done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=_LIMIT)
        except subprocess.CalledProcessError as error:
            raise HostError(error.stderr.strip() or f"{self.program} ended with status {error.returncode}") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise HostError(f"{self.program} cannot be run: {error}") from error
        seen: dict[str, Any] = json.loads(done.stdout)
        return seen


def _check(device: Device) -> None:
    """Open the device once: a read-only one must give a descriptor that cannot write."""
    try:
        with device.open() as opened:
            access = fcntl.fcntl(opened.fileno(), fcntl.F_GETFL) & os.O_ACCMODE
    except OSError as error:
        raise HostError(f"{device.path} cannot be opened: {error.strerror}") from error
    if device.mode == "ro" and access != os.O_RDONLY:
        raise HostError(f"{device.path} was to be read-only and can be written to")
