"""Whether an open device is the volume it is taken for, by its WWN."""

import os
import re
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vnx_jobs.copier.telling import CopyError

_LIMIT: Final = 30.0
"""Seconds for a command that tells a WWN."""
_SYS: Final = Path("/sys/dev/block")


def check_wwn(descriptor: int, wwn: str, command: Sequence[str], system: Path = _SYS) -> None:
    """See that what is open bears the WWN. Raises CopyError(device) if it bears another, or if none can be told.

    A block device is asked for by the number that the open descriptor has, so that no path is trusted a second time.
    """
    if not wwn:
        return
    opened = os.fstat(descriptor)
    block = stat.S_ISBLK(opened.st_mode)
    seen = of_block_device(system / f"{os.major(opened.st_rdev)}:{os.minor(opened.st_rdev)}") if block else ""
    if not seen and command:
        seen = _told_by(command)
    if not seen:
        raise CopyError("device", f"the device does not tell its WWN, which should be {wwn}")
    if plain(seen) != plain(wwn):
        raise CopyError("device", f"the device has WWN {seen}, not {wwn}: it is another volume")


def plain(wwn: str) -> str:
    """Return a WWN as the 32 digits that all its spellings share.

    >>> plain("60:06:01:60:00") == plain("naa.6006016000") == plain("mpath-36006016000")
    True
    """
    text = wwn.strip().lower().removeprefix("mpath-")
    if text.startswith("3") and len(text) % 2:
        text = text[1:]  # the kind of designator, which multipath and udev put before the WWN
    return re.sub(r"[^0-9a-f]", "", text.removeprefix("naa."))


def of_block_device(folder: Path) -> str:
    """Return the WWN that the kernel has of a SCSI disk or a multipath device, by its folder in /sys; else nothing."""
    for name in ("device/wwid", "wwid", "dm/uuid"):
        try:
            text = (folder / name).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text.startswith(("naa.", "mpath-3")):
            return text
    return ""


def _told_by(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            list(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_LIMIT, check=True
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise CopyError("device", f"{command[0]} does not tell the device's WWN: {error}") from error
    return (done.stdout.splitlines() or [""])[0].strip()
