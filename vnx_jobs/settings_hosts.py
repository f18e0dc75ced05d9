"""Settings of backup hosts: which arrays each reaches, how it opens volumes, and how much it may do at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class BackupHostSettings(BaseModel):
    """One backup host: a machine that reads and writes volumes, and runs the movers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arrays: Mapping[str, str | None]
    """Array: how it knows the host; nothing there for the host's own name here."""
    local: bool = False
    """Whether it is the machine on which `vnx-jobs up` runs: its copiers are started with the stack then."""
    attach: Literal["plain", "os-brick"] = "plain"
    """How it opens volumes. `plain`: as files that stand for devices of simulated arrays; `os-brick`: as devices."""
    multipath: bool = False
    """For `os-brick`: whether all paths are used, through multipathd; it must be so where that daemon runs."""
    helper: tuple[str, ...] = ()
    """For `os-brick`: what is written before its program so that it runs as root, if the copiers do not."""
    simulated: Mapping[str, Path] = {}
    """For `plain`: array: the simulated array's folder."""
    program: Path | None = None
    """For `plain`: the simulated arrays' own program; else the `vnx-sim` that is installed with vnx-jobs."""
    copies: int = Field(4, ge=1)
    """Copies at one time."""
    rate: int | None = Field(None, ge=1)
    """Bytes a second of each copy, at most."""
    stall: float = Field(300, gt=0)
    """Seconds without a byte after which a copy is ended."""
    restores: Path | None = None
    """Folder in which backups may be restored to files; without one there are no such restores."""
    folder: Path | None = None
    """Where the movers keep caches, and the traces of copies under way; `copier` in the home folder if not given."""

    @model_validator(mode="after")
    def _consistent(self) -> "BackupHostSettings":
        if self.attach == "os-brick":
            if self.simulated or self.program:
                raise ValueError("simulated and program are for attach plain")
            return self
        if self.multipath or self.helper:
            raise ValueError("multipath and helper are for attach os-brick")
        if lost := sorted(set(self.arrays) - set(self.simulated)):
            raise ValueError(f"attach plain needs the folder of each array under simulated: {', '.join(lost)}")
        return self
