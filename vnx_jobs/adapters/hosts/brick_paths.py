"""One volume's paths on this host: found and removed with os-brick, judged by what the array itself tells on each."""

import contextlib
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vnx_jobs.adapters.hosts.brick_properties import Way, way
from vnx_jobs.adapters.hosts.scsi_disks import Disk, digits, disks, in_use, map_wwn, set_read_only
from vnx_jobs.model.hosts import Connection
from vnx_jobs.ports.hosts import HostError

_SCSI_ID: Final = "/lib/udev/scsi_id"
"""Where os-brick calls it."""
_RESCANS: Final = {"FIBRE_CHANNEL": 3, "ISCSI": 1}
"""How often a volume that does not show up is looked for: every 2 s; or on each portal, three times over, for 13 s."""


@dataclass(frozen=True, slots=True)
class Library:
    """What is used of os-brick, which knows no types."""

    connector: Callable[..., Any]
    scsi: Any
    errors: tuple[type[Exception], ...]
    command_error: type[Exception]


@dataclass(frozen=True, slots=True)
class BrickPaths:
    """Attaches and detaches the volume of one connection. Whoever calls it is alone on the host in doing so.

    The kernel remembers a disk's WWN from when it found it, and does not look again: under a number that was given to
    another volume it shows the old WWN and the new bytes. So each path is asked anew, by an INQUIRY (`scsi_id`).
    """

    connection: Connection
    library: Library
    multipath: bool

    def attach(self) -> Path:
        """Connect, prove and mark the volume's device. What was not there before is removed again if that fails."""
        reached = self._way()
        self._clear(reached)
        before = {disk.name for disk in disks()}
        try:
            device = self._connected(reached)
            for node in self._proved(device, reached):
                set_read_only(node, on=self.connection.mode == "ro")
        except HostError:
            with contextlib.suppress(HostError):
                self._remove(disk for disk in self._under_number(reached) if disk.name not in before)
                self._leave(reached)
            raise
        return device

    def detach(self) -> None:
        """Write out, and remove all paths of the volume; what else is under its number is another volume's by now."""
        reached = self._way()
        self._remove(self._ours(reached))
        self._leave(reached)
        if left := self._ours(reached):
            raise HostError(f"{left[0].path} is still there after {self.connection.volume} was detached")

    def _way(self) -> Way:
        reached = way(self.connection, multipath=self.multipath)
        program = "iscsiadm" if reached.protocol == "ISCSI" else _SCSI_ID
        for one, package in ((_SCSI_ID, "udev"), (program, "open-iscsi")):
            if shutil.which(one) is None:
                raise HostError(f"{one} is missing on this host: install {package}")
        return reached

    def _clear(self, reached: Way) -> None:
        """Remove what is left under the number of volumes that were there before."""
        leftovers = []
        for disk in self._under_number(reached):
            seen = self._inquired(disk)
            if seen and seen == disk.wwn != self.connection.wwn:
                raise self._another(seen)
            if seen != disk.wwn or not seen:
                leftovers.append(disk)
        self._remove(leftovers)

    def _connected(self, reached: Way) -> Path:
        what = f"{self.connection.host} sees nothing under number {self.connection.hlu}"
        with self._told(what):
            info = self._connector(reached).connect_volume(dict(reached.properties))
        return Path(os.path.realpath(info["path"]))

    def _proved(self, device: Path, reached: Way) -> tuple[Path, ...]:
        """Return the device and all that it stands on, or that stands on it, if they are the volume's.

        With them the volume's other paths: multipathd may take one into its map only after the map was found.
        """
        is_map = device.name.startswith("dm-")
        if self.multipath and not is_map:
            raise HostError(f"multipathd made no device of the paths of {self.connection.volume}: see multipath -ll")
        if is_map and map_wwn(device.name) != self.connection.wwn:
            raise self._another(map_wwn(device.name))
        paths = [disk for disk in disks() if device.name in {disk.name, disk.map}]
        seen = {disk: self._inquired(disk) for disk in paths}
        for disk, told in seen.items():
            if disk.wwn != self.connection.wwn or (told and told != self.connection.wwn):
                raise self._another(told or disk.wwn)
        if not any(seen.values()):
            raise HostError(f"no path of {self.connection.volume} tells its WWN: {device} is not proved to be it")
        others = [disk for disk in self._ours(reached) if self._inquired(disk) == self.connection.wwn]
        maps = {Path("/dev") / disk.map for disk in paths if disk.map}
        return (*sorted({disk.path for disk in (*paths, *others)}), *sorted(maps))

    def _another(self, seen: str) -> HostError:
        about = self.connection
        what = f"{about.host} sees WWN {seen or 'unknown'} under number {about.hlu}"
        return HostError(f"{what}; {about.volume} has {about.wwn}: attach it again")

    def _under_number(self, reached: Way) -> list[Disk]:
        return [disk for disk in disks() if disk.lun == self.connection.hlu and disk.target in reached.targets]

    def _ours(self, reached: Way) -> list[Disk]:
        """Return all paths of the volume, whatever number they were found under, and those that lead to it by now."""
        remembered = [disk for disk in disks() if disk.wwn == self.connection.wwn]
        others = [disk for disk in self._under_number(reached) if disk not in remembered]
        return remembered + [disk for disk in others if self._inquired(disk) == self.connection.wwn]

    def _inquired(self, disk: Disk) -> str:
        """Return the WWN that the array tells on a path; nothing if it does not answer."""
        try:
            return digits(self.library.scsi.get_scsi_wwn(str(disk.path)))
        except self.library.command_error:
            return ""

    def _remove(self, gone: Iterable[Disk]) -> None:
        """Write out and remove disks, and the multipath devices made of them. Never by force: what fails stays."""
        together: defaultdict[str, list[Disk]] = defaultdict(list)
        for disk in gone:
            together[disk.map or disk.name].append(disk)
        for name, group in together.items():
            device, is_map = Path("/dev") / name, bool(group[0].map)
            if _held(device, is_map=is_map):
                raise HostError(f"{device} is in use (mounted, or part of another device): nothing of it was removed")
            with self._told(f"{device} of {self.connection.volume} cannot be written out and removed"):
                # os-brick goes on with force=True even if the flush failed, and what was not written is lost
                self.library.scsi.remove_connection(
                    {disk.name for disk in group}, force=False, path_used=str(device), was_multipath=is_map
                )

    def _leave(self, reached: Way) -> None:
        """Log out of the targets on which no disk is left."""
        if reached.protocol == "ISCSI" and not self._under_number(reached):
            with self._told(f"{self.connection.host} cannot log out of {self.connection.array}"):
                self._connector(reached).disconnect_volume(dict(reached.properties), {"path": ""})

    def _connector(self, reached: Way) -> Any:  # noqa: ANN401 -- os-brick's, which has no types
        rescans = _RESCANS[reached.protocol]
        return self.library.connector(reached.protocol, "", use_multipath=self.multipath, device_scan_attempts=rescans)

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Make one line of os-brick's errors."""
        try:
            yield
        except self.library.command_error as error:
            command, status = getattr(error, "cmd", "?"), getattr(error, "exit_code", "?")
            said = (str(getattr(error, "stderr", "") or "").strip().splitlines() or ["it said nothing"])[-1]
            raise HostError(f"{what}: {command} ended with status {status}: {said}") from error
        except self.library.errors as error:
            raise HostError(f"{what}: {' '.join(str(error).split())}") from error


def _held(device: Path, *, is_map: bool) -> bool:
    if is_map and not map_wwn(device.name):
        return True  # device-mapper made something else of it: a logical volume, an encrypted one
    try:
        return in_use(device)
    except OSError:
        return False  # it does not open at all any more
