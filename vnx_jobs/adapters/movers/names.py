"""Names of archives and folders of repositories."""

import re
from pathlib import Path
from typing import Final

from vnx_jobs.ports.mover import MoverError

LONGEST_COMMENT: Final = 4000

_ARCHIVE: Final = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9_.:+ -]{0,199}")
_LEFT: Final = re.compile(r"\.(checkpoint(\.\d+)?|recreate)$")
_UID: Final = re.compile(r"[0-9A-Za-z]{2}(:[0-9A-Za-z]{2})*")


def checked(archive: str) -> str:
    """Return an archive's name if every tool takes it as it stands. Raises MoverError(repository)."""
    if not _ARCHIVE.fullmatch(archive) or archive != archive.strip() or _LEFT.search(archive):
        raise MoverError(f"{archive!r} is no name for an archive", "repository")
    return archive


def short(comment: str) -> str:
    """Return a comment that every tool takes. Raises MoverError(repository)."""
    if len(comment) > LONGEST_COMMENT:
        raise MoverError(f"the comment has {len(comment)} characters, more than {LONGEST_COMMENT}", "repository")
    return comment


def base_of(name: str) -> str:
    """Return the archive that a name belongs to: an interrupted copy of it has an ending of borg's own."""
    return _LEFT.sub("", name)


def folder_of(path: Path, array: str, uid: str) -> Path:
    """Return the folder of a volume's repository. Raises MoverError(repository) for a UID that is none."""
    if not _UID.fullmatch(uid) or not array or "/" in array or array.startswith("."):
        raise MoverError(f"{array} {uid} is no volume's array and UID", "repository")
    return path / array / uid.replace(":", "")


def volumes_in(path: Path, mark: str) -> tuple[tuple[str, str], ...]:
    """Return array and UID of each folder that holds a file called `mark`. Raises MoverError(repository)."""
    there(path)
    return tuple(
        (found.parent.parent.name, ":".join(re.findall("..", found.parent.name)))
        for found in sorted(path.glob(f"*/*/{mark}"))
    )


def there(path: Path) -> None:
    """See that the place of all repositories is there: one that is not mounted must not be taken for an empty one."""
    if not path.is_dir():
        raise MoverError(f"{path} is not there: is its file system mounted?", "repository")
