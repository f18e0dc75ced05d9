"""A host with os-brick as it is, and loop devices over a stand-in for its kernel, in a mount namespace of its own."""

import contextlib
import fcntl
import json
import os
import stat
import struct
import sys
from pathlib import Path
from typing import Final

from tests.hosts import stand_in_kernel
from vnx_jobs.adapters.hosts.brick import BrickHost
from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.hosts import Connection

A: Final = "iqn.1992-04.com.emc:cx.ckm00100.a4"
B: Final = "iqn.1992-04.com.emc:cx.ckm00100.b4"
PORTALS: Final = (f"10.0.0.1,{A}", f"10.0.0.2,{B}")
WWPN: Final = "5006016036e01234"
SIZE: Final = 1024 * 1024

LOOP_GET_STATUS: Final = 0x4C05

ENTER: Final = """#!/bin/sh -e
cd {root}
mount --bind dev /dev
mount --bind run /run
mount --bind udev /usr/lib/udev
mount --bind sys /sys
PATH={root}/bin:$PATH exec "$@"
"""


def uid(number: int) -> str:
    """Return the UID of the test's volume of a number."""
    return f"60:06:01:60:00:00:00:00:00:00:00:00:00:00:00:{number:02x}"


class BrickSite:
    """The folders that stand for /sys and /dev, and what the array shows."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.array: dict[str, dict[str, dict[str, str]]] = {}
        for folder in ("sys/block", "sys/class", "dev/disk/by-id", "dev/disk/by-path", "run", "udev", "bin"):
            (root / folder).mkdir(parents=True)
        program = root / "bin/kernel.py"
        program.write_text(f"#!{sys.executable} -IS\n{Path(stand_in_kernel.__file__).read_text()}")
        program.chmod(0o755)
        for name in ("bin/tee", "bin/iscsiadm", "bin/multipath", "bin/multipathd", "udev/scsi_id"):
            (root / name).symlink_to(program)
        (root / "enter").write_text(ENTER.format(root=root))
        for name, major, minor in (("null", 1, 3), ("urandom", 1, 9), ("loop-control", 10, 237)):
            os.mknod(root / "dev" / name, stat.S_IFCHR | 0o666, os.makedev(major, minor))
        self._tell()

    def host(self, *, multipath: bool = False, limit: int = 120) -> BrickHost:
        """Return the host under test; its helper does what `sudo` does elsewhere, and enters the namespace."""
        return BrickHost(multipath=multipath, helper=_entering(self.root), limit=limit)

    def show(self, volume: int, number: int, *ports: str) -> Path:
        """Show a volume under a number at ports of the array, both iSCSI ones if none is named; return its bytes."""
        file = self.root / f"volume{volume}"
        if not file.exists():
            file.write_bytes(bytes([volume]) * SIZE)
        for port in ports or (A, B):
            about = {"wwn": uid(volume).replace(":", ""), "file": str(file)}
            self.array.setdefault(port, {})[str(number)] = about
        self._tell()
        return file

    def hide(self, number: int) -> None:
        """Show nothing under a number any more."""
        for port in self.array.values():
            port.pop(str(number), None)
        self._tell()

    def connection(self, volume: int, number: int, mode: AccessMode = "ro", **targets: tuple[str, ...]) -> Connection:
        """Return what a job tells of a volume attached under a number, by iSCSI unless it is said otherwise."""
        return _connection(volume, number, mode, targets or {"iscsi": PORTALS})

    def node(self, device: Path) -> Path:
        """Return where a device of the namespace is outside of it."""
        return self.root / device.relative_to("/")

    @property
    def disks(self) -> dict[str, str]:
        """Disks and maps that the kernel has -> the volume over which each lies."""
        there = sorted((self.root / "sys/block").iterdir())
        return {one.name: self._volume(self.root / "dev" / one.name) for one in there}

    @property
    def sessions(self) -> list[str]:
        """Targets that the host is logged in to."""
        file = self.root / "sessions.json"
        return sorted(target for _, target in json.loads(file.read_text()).values()) if file.exists() else []

    def switch(self, name: str, *, on: bool = True) -> None:
        """Let scans hang (`hang`), maps stay (`keep-maps`), no daemon run (`no-multipathd`), or a slow one."""
        (self.root / name).touch() if on else (self.root / name).unlink()

    def close(self) -> None:
        """Give the loop devices back."""
        for node in (self.root / "dev").glob("[sd][dm]*"):
            with contextlib.suppress(OSError):
                stand_in_kernel.free(node)

    def _volume(self, node: Path) -> str:
        """Return the file that a loop device lies over."""
        with node.open("rb", buffering=0) as device:
            _, inode = struct.unpack_from("QQ", fcntl.ioctl(device, LOOP_GET_STATUS, bytes(232)))
        return next(one.name for one in self.root.glob("volume*") if one.stat().st_ino == inode)

    def _tell(self) -> None:
        (self.root / "array.json").write_text(json.dumps(self.array))


def ask(root: str, volume: int, number: int) -> None:
    """Attach a volume in a site that another process has made, as a copier does."""
    BrickHost(helper=_entering(Path(root))).attach(_connection(volume, number, "ro", {"iscsi": PORTALS}))


def _entering(root: Path) -> tuple[str, ...]:
    return ("unshare", "--mount", "--propagation", "private", "sh", str(root / "enter"))


def _connection(volume: int, number: int, mode: AccessMode, targets: dict[str, tuple[str, ...]]) -> Connection:
    return Connection("vnx", "backup1", f"volume{volume}", uid(volume), number, mode, **targets)


def fibre_site(root: Path) -> BrickSite:
    """Return a site whose host has an adapter for Fibre Channel, which sees a port of the array."""
    site = BrickSite(root)
    host = root / "sys/devices/pci0000:00/0000:00:05.0/host7"
    adapter, place = host / "fc_host/host7", host / "rport-7:0-0/target7:0:0"
    for folder in (adapter, place):
        folder.mkdir(parents=True)
    (place / "port").write_text(WWPN)
    for attribute, value in (("port_name", "0x10000000c9000001"), ("node_name", "0x20000000c9000001")):
        (adapter / attribute).write_text(value)
    (adapter / "port_state").write_text("Online")
    for kind in ("fc_host", "scsi_host", "fc_transport/target7:0:0", "fc_remote_ports/rport-7:0-0"):
        (root / "sys/class" / kind).mkdir(parents=True)
    (root / "sys/class/fc_host/host7").symlink_to("/sys/devices/pci0000:00/0000:00:05.0/host7/fc_host/host7")
    (root / "sys/class/scsi_host/host7").mkdir()
    (root / "sys/class/scsi_host/host7/device").symlink_to("/sys/devices/pci0000:00/0000:00:05.0/host7")
    for known in ("fc_transport/target7:0:0", "fc_remote_ports/rport-7:0-0"):
        (root / "sys/class" / known / "port_name").write_text(f"0x{WWPN}\n")
    return site
