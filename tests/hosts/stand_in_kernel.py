"""A stand-in for the part of a kernel that finds disks of an array, and for the programs that tell it to.

os-brick reads /sys and /dev, and calls `tee`, `iscsiadm`, `multipath`, `multipathd` and `scsi_id`. In a mount
namespace, folders of a test stand for the two, and this program for all five. The disks are real: loop devices, one for
each path, over one file a volume. As in a kernel, a disk is looked at once, when it is found, and stays as it was until
it is deleted.

Run by the name of the program it stands for. Its folder has `array.json`: port -> number -> WWN and file of what is
shown there.
"""

import fcntl
import json
import os
import shutil
import stat
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SYS, DEV = Path("/sys"), Path("/dev")
SET_FD, CLEAR_FD, GET_FREE, READ_ONLY = 0x4C00, 0x4C01, 0x4C82, 0x125D


def main() -> int:
    """Do what the program does whose name is used, one call at a time."""
    name, words = Path(sys.argv[0]).name, sys.argv[1:]
    doing = {"tee": tee, "iscsiadm": iscsiadm, "multipath": multipath, "multipathd": multipathd, "scsi_id": scsi_id}
    with (ROOT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return doing[name](words)


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{text}\n")


def shown(target: str, lun: str) -> dict[str, str] | None:
    """Return what the array shows at a port under a number."""
    ports: dict[str, dict[str, dict[str, str]]] = json.loads((ROOT / "array.json").read_text())
    return ports.get(target, {}).get(lun)


def tee(words: list[str]) -> int:
    """Write to a file of /sys: `scan` finds, `delete` forgets."""
    file, text = Path(words[-1]), sys.stdin.read()
    if file.name == "scan":
        while (ROOT / "hang").exists():
            time.sleep(0.05)
        channel, target, lun = text.split()
        for place in (SYS / "class/scsi_host" / file.parent.name / "device").glob("*/target*"):
            if channel in {"-", place.name.split(":")[1]} and target in {"-", place.name.split(":")[2]}:
                find(place.resolve(), lun)
    elif file.name == "delete":
        forget(file.parent.resolve())
    return 0


def find(place: Path, lun: str) -> None:
    """Make a disk of what an array's port shows under a number, if none is known there."""
    there = shown((place / "port").read_text(), lun)
    disk = place / f"{place.name.removeprefix('target')}:{lun}"
    if there is None or disk.exists():
        return
    name = next(f"sd{letter}" for letter in "bcdefgh" if not (SYS / f"block/sd{letter}").exists())
    (disk / "block" / name).mkdir(parents=True)
    (disk / "wwid").write_text(f"naa.{there['wwn']}\n")
    (disk / "delete").touch()
    (SYS / "block" / name / "holders").mkdir(parents=True)
    (SYS / "block" / name / "device").symlink_to(disk)
    known = SYS / "class/scsi_device" / disk.name
    known.mkdir(parents=True)
    (known / "device").symlink_to(disk)
    loop(name, there["file"])
    (DEV / f"disk/by-id/scsi-3{there['wwn']}").unlink(missing_ok=True)
    (DEV / f"disk/by-id/scsi-3{there['wwn']}").symlink_to(f"/dev/{name}")
    if "rport" in str(place):
        port = (place / "port").read_text()
        (DEV / f"disk/by-path/pci-0000:00:05.0-fc-0x{port}-lun-{lun}").symlink_to(f"/dev/{name}")


def forget(disk: Path) -> None:
    """Remove a disk and all that names it."""
    (name,) = [one.name for one in (disk / "block").iterdir()]
    free(DEV / name)
    for link in [*(DEV / "disk/by-path").iterdir(), *(DEV / "disk/by-id").iterdir()]:
        if link.readlink() == DEV / name:
            link.unlink()
    shutil.rmtree(SYS / "class/scsi_device" / disk.name)
    shutil.rmtree(SYS / "block" / name)
    shutil.rmtree(disk)


def loop(name: str, file: str) -> None:
    """Make a device over a file."""
    control = os.open(DEV / "loop-control", os.O_RDWR)
    backing = os.open(file, os.O_RDWR)
    number = fcntl.ioctl(control, GET_FREE)
    os.mknod(DEV / name, stat.S_IFBLK | 0o600, os.makedev(7, number))
    device = os.open(DEV / name, os.O_RDWR)
    fcntl.ioctl(device, SET_FD, backing)


def free(node: Path) -> None:
    """Give a loop device back as it was, and remove its node."""
    device = os.open(node, os.O_RDONLY)
    fcntl.ioctl(device, READ_ONLY, b"\0\0\0\0")
    fcntl.ioctl(device, CLEAR_FD, 0)
    os.close(device)
    node.unlink()


def sessions() -> dict[str, tuple[str, str]]:
    """Return the portal and target of each session, by its number."""
    file = ROOT / "sessions.json"
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return {number: (portal, target) for number, (portal, target) in known.items()}


def iscsiadm(words: list[str]) -> int:
    """List sessions and nodes; log in and out."""
    known = sessions()
    if words == ["-m", "session"]:
        lines = [f"tcp: [{number}] {portal},1 {target} (non-flash)" for number, (portal, target) in known.items()]
        say("\n".join(lines))
        return 0 if lines else 21
    if "-T" not in words:
        say("\n".join(f"{portal},1 {target}" for portal, target in known.values()))
        return 0
    there = (words[words.index("-p") + 1], words[words.index("-T") + 1])
    if "--login" in words:
        number = str(max((int(one) for one in known), default=0) + 1)
        known[number] = there
        log_in(number, there[1])
    elif "--logout" in words:
        for number in [number for number, one in known.items() if one == there]:
            del known[number]
            log_out(number)
    (ROOT / "sessions.new").write_text(json.dumps(known))
    (ROOT / "sessions.new").replace(ROOT / "sessions.json")  # whole at any moment: tests read it meanwhile
    return 0


def log_in(number: str, target: str) -> None:
    """Make what the kernel has for a session."""
    host = SYS / f"devices/platform/host{number}"
    place = host / f"session{number}/target{number}:0:0"
    place.mkdir(parents=True)
    (place / "port").write_text(target)
    for kind in ("iscsi_host", "scsi_host"):
        (SYS / "class" / kind / host.name).mkdir(parents=True)
        (SYS / "class" / kind / host.name / "device").symlink_to(host)
    (SYS / f"class/iscsi_session/session{number}").mkdir(parents=True)
    (SYS / f"class/iscsi_session/session{number}/targetname").write_text(f"{target}\n")


def log_out(number: str) -> None:
    """Remove a session with its disks."""
    host = SYS / f"devices/platform/host{number}"
    for disk in host.glob("session*/target*/*:*:*:*"):
        forget(disk)
    shutil.rmtree(host)
    for kind in (f"iscsi_host/host{number}", f"scsi_host/host{number}", f"iscsi_session/session{number}"):
        shutil.rmtree(SYS / "class" / kind)


def multipath(words: list[str]) -> int:
    """Note a WWN; remove maps."""
    if words[0] == "-a":
        say(f"wwid '{words[1]}' added")
    elif words[0] == "-f":
        if (ROOT / "keep-maps").exists():
            sys.stderr.write("map in use\n")
            return 1
        for one in (SYS / "block").glob("dm-*"):
            free(DEV / one.name)
            for held in (SYS / "block").glob(f"*/holders/{one.name}"):
                held.rmdir()
            shutil.rmtree(one)
    return 0


def multipathd(words: list[str]) -> int:
    """Answer for the daemon, which makes maps."""
    if (ROOT / "no-multipathd").exists():
        return 1
    if words[:2] == ["add", "path"]:
        gather(Path(words[2]).name)
        say("ok")
    elif words[:2] == ["show", "paths"]:
        say("\n".join(one.name for one in (SYS / "block").glob("sd*")))
    return 0


def gather(name: str) -> None:
    """Make a map of all disks that have the same WWN; of the one alone if the daemon is slow to see the others."""
    wwids = {one.parents[1].name: one.read_text().strip() for one in (SYS / "block").glob("sd*/device/wwid")}
    made = SYS / "block/dm-0"
    if not made.exists():
        (made / "dm").mkdir(parents=True)
        (made / "dm/uuid").write_text(f"mpath-3{wwids[name].removeprefix('naa.')}\n")
        (made / "dm/name").write_text("mpatha\n")
        disk = (SYS / "block" / name / "device").resolve()
        there = shown((disk.parent / "port").read_text(), disk.name.rpartition(":")[2])
        loop("dm-0", there["file"] if there else "")
    slow = (ROOT / "slow-multipathd").exists()
    for one in [one for one, wwid in wwids.items() if (one == name if slow else wwid == wwids[name])]:
        (SYS / "block" / one / "holders/dm-0").mkdir(exist_ok=True)


def scsi_id(words: list[str]) -> int:
    """Ask the array, not what is remembered."""
    disk = (SYS / "block" / Path(words[-1]).resolve().name / "device").resolve()
    there = shown((disk.parent / "port").read_text(), disk.name.rpartition(":")[2])
    if there is None:
        return 1
    say(f"3{there['wwn']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
