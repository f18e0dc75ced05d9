"""What stands before each row of backups: two of one volume, the backup host's storage group, a group of one member."""

from typing import Any, Final

from tests.backup_host import HOST, REPOSITORY, digest_of
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.model.backup import Backup, Label

_SPARE: Final = "60:06:01:60:00:00:00:00:00:00:00:00:00:00:00:02"
_KNOWN: Final = {
    "old": (Label("box", "spare", _SPARE, "", "01ARZ3NDEKTSV4RRFFQ69G5FB0", 1_700_000_000_000, 2 << 30), "iron"),
    "last": (Label("box", "spare", _SPARE, "", "01ARZ3NDEKTSV4RRFFQ69G5FB1", 1_700_086_400_000, 2 << 30), "zinc"),
}
OLD: Final = _KNOWN["old"][0].archive
LAST: Final = _KNOWN["last"][0].archive

START: Final = {f"storage group {HOST}": "", "group lone": "gold"}
BACKUPS: Final = {"old of spare": "iron", "last of spare": "zinc"}
"""What the catalogue and the repository hold before the job."""


def make_backups(made: Any) -> None:
    """Let the backup host have them, and the catalogue know them."""
    array = MemoryArray(made.vnx)
    array.create_storage_group(HOST)
    array.create_group("lone", (1,), "theirs")
    for label, content in _KNOWN.values():
        made.backup_host.archives[label.archive] = content
        entry = Backup.of(
            label.with_digest(digest_of(content)), added=4, seconds=1.0, tool="files", repository=REPOSITORY
        )
        made.catalogue.enter(entry)


def backups_shown(installation: Any) -> dict[str, str]:
    """Return what stands in repository, catalogue and folder of files: a backup's content, and its marks."""
    entries = {one.archive: one for one in installation.catalogue.find()}
    archives = installation.backup_host.archives
    known = {label.archive: name for name, (label, _) in _KNOWN.items()}
    shown = {f"file {name}": content for name, (_, content) in installation.backup_host.files.items()}
    for archive in {**entries, **archives}:
        entry = entries.get(archive)
        volume = archive.split("-")[1]
        marks = ["" if archive in archives else ", not in the repository"]
        marks += [", not in the catalogue"] if entry is None else _marks(entry)
        shown[f"{known.get(archive, 'new')} of {volume}"] = archives.get(archive, "") + "".join(marks)
    return shown


def _marks(entry: Backup) -> list[str]:
    return [", verified"] * (entry.verified is not None) + [", proved"] * (entry.proved is not None)
