"""The SCSI disks that a Linux host has, by what its kernel tells of them; and setting one read-only."""

import contextlib
import errno
import fcntl
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vnx_jobs.ports.hosts import HostError

_SYS: Final = Path("/sys")
_BLKROSET: Final = 0x125D
_BLKROGET: Final = 0x125E


@dataclass(frozen=True, slots=True)
class Disk:
    """One path to a LUN: a disk of its own to the kernel."""

    name: str
    """As in /dev: `sdb`."""
    lun: int
    target: str
    """The array's port: an IQN, or a WWN as 16 digits; empty of disks that hang on neither."""
    wwn: str
    """What the kernel remembers from when it found the disk; the array may show another LUN there by now."""
    map: str
    """The device that device-mapper made of it, as in /dev: `dm-0`; empty if there is none."""

    @property
    def path(self) -> Path:
        """Its device."""
        return Path("/dev") / self.name


def disks(system: Path = _SYS) -> tuple[Disk, ...]:
    """Return all disks that the kernel knows, by name. Needs no privilege; one that goes meanwhile is left out."""
    found: list[Disk] = []
    for link in (system / "class/scsi_device").glob("*/device"):
        place = Path(os.path.realpath(link))
        with contextlib.suppress(OSError):
            found.extend(_disk(place, block, system) for block in (place / "block").iterdir())
    return tuple(sorted(found, key=lambda one: one.name))


def digits(wwn: str) -> str:
    """Return a WWN as its 32 digits, from the kernel's spelling or from udev's, which puts the kind before it.

    >>> digits("naa.60060160000000000000000000000001") == digits("360060160000000000000000000000001")
    True
    """
    text = wwn.strip().lower()
    kind = re.fullmatch(r"(?:mpath-)?(?:naa\.|3)([0-9a-f]{32})", text)
    return kind[1] if kind else ""


def map_wwn(name: str, system: Path = _SYS) -> str:
    """Return the WWN of a multipath device; nothing if device-mapper made it of something else."""
    text = _text(system / "block" / name / "dm/uuid")
    return digits(text) if text.startswith("mpath-") else ""


def in_use(device: Path) -> bool:
    """Whether a device is mounted, or is part of another one. Raises OSError."""
    try:
        os.close(os.open(device, os.O_RDONLY | os.O_EXCL | os.O_CLOEXEC))
    except OSError as error:
        if error.errno == errno.EBUSY:
            return True
        raise
    return False


def set_read_only(device: Path, *, on: bool) -> None:
    """Tell the kernel that a device is read-only, or no longer, and see that it holds to it. Raises HostError.

    Such a device can still be opened for writing, so what is seen is that a write is refused: one of no bytes, which
    harms nothing if it is not.
    """
    try:
        descriptor = os.open(device, (os.O_RDONLY if on else os.O_RDWR) | os.O_CLOEXEC)
        try:
            fcntl.ioctl(descriptor, _BLKROSET, struct.pack("i", on))
            (told,) = struct.unpack("i", fcntl.ioctl(descriptor, _BLKROGET, bytes(4)))
        finally:
            os.close(descriptor)
        if bool(told) is not on or takes_writes(device) is on:
            raise HostError(f"{device} was to be {'read-only and can' if on else 'writable and cannot'} be written to")
    except OSError as error:
        raise HostError(f"{device} cannot be set {'read-only' if on else 'writable'}: {error.strerror}") from error


def takes_writes(device: Path) -> bool:
    """Whether the kernel would let a byte be written to a device. Raises OSError."""
    try:
        descriptor = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
            return False
        raise
    try:
        os.pwrite(descriptor, b"", 0)
    except PermissionError:
        return False
    finally:
        os.close(descriptor)
    return True


def _disk(place: Path, block: Path, system: Path) -> Disk:
    holders = system / "block" / block.name / "holders"
    maps = sorted(one.name for one in _inside(holders) if one.name.startswith("dm-"))
    wwn = digits(_text(place / "wwid"))
    return Disk(block.name, int(place.name.rpartition(":")[2]), _target(place, system), wwn, maps[0] if maps else "")


def _target(place: Path, system: Path) -> str:
    for part in place.parts:
        if re.fullmatch(r"session\d+", part):
            return _text(system / "class/iscsi_session" / part / "targetname")
        if part.startswith("rport-"):
            return _text(system / "class/fc_remote_ports" / part / "port_name").removeprefix("0x").lower()
    return ""


def _inside(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from folder.iterdir()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
