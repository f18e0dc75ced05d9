"""Settings of repositories: where backups are kept, by which tool, and where its passphrase comes from."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_SIZES: Final = {"64KiB": 1 << 16, "1MiB": 1 << 20}


def _size(value: object) -> object:
    return _SIZES.get(value, value) if isinstance(value, str) else value


class RepositorySettings(BaseModel):
    """One place for backups, with a repository for each volume below its path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: Literal["borg", "files"]
    """`borg`: encrypted, compressed, each block kept once. `files`: plain images, as large as the volumes."""
    path: Path
    """A folder that is there: below it lies a repository for each volume."""
    passphrase_file: Path | None = None
    """Of borg: a file of exactly one line. Lose the passphrase, and the backups are lost."""
    passphrase_command: tuple[str, ...] | None = Field(None, min_length=1)
    """Of borg: a command, as a list of words, that writes exactly one line: the passphrase."""
    chunks: Annotated[Literal[65536, 1048576], BeforeValidator(_size)] = 1048576
    """Of borg: bytes that are kept once: `1MiB`, or `64KiB` for volumes of databases, which change in small places."""

    @model_validator(mode="after")
    def _consistent(self) -> "RepositorySettings":
        given = [one for one in (self.passphrase_file, self.passphrase_command) if one is not None]
        if self.tool == "borg" and len(given) != 1:
            raise ValueError("a borg repository needs either passphrase_file or passphrase_command")
        if self.tool != "borg" and given:
            raise ValueError(f"a repository of {self.tool} has no passphrase: its images are not encrypted")
        return self
