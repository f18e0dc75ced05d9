"""Repositories of plain files, with archives as backups leave them."""

from pathlib import Path

from vnx_jobs.adapters.memory.catalogue import MemoryCatalogue
from vnx_jobs.adapters.movers.files import FilesRepositories
from vnx_jobs.backups.rebuilding import Rebuilt, rebuild
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.names import new_job_id
from vnx_jobs.ports.mover import Source

GOLD, IRON = "60:06:01", "60:06:02"
NOON = 1_700_000_000_000


class Site:
    """Repositories of plain files, and a catalogue that knew all of it."""

    def __init__(self, folder: Path) -> None:
        self.catalogue = MemoryCatalogue()
        self.path = folder / "repositories"
        self.path.mkdir()
        self.repositories = FilesRepositories(self.path, folder / "state")
        self.device = folder / "device"
        self.live = set[str]()

    def store(
        self, uid: str = GOLD, *, instant: int = NOON, comment: str = "", place: str = "", digest: str = ""
    ) -> Backup:
        """Store what is on the device, and return the entry that its job would make."""
        content = f"{uid} {instant}".encode().ljust(1024, b"\0")
        self.device.write_bytes(content)
        label = Label("box", f"v{uid[-1]}", uid, "", new_job_id(), instant, len(content))
        mover = self.repositories.of("box", place or uid)
        mover.prepare()
        copying = mover.copy_out(
            label.archive, Source(self.device, len(content)), comment or label.with_digest(digest).to_json()
        )
        copying.go()
        stored = copying.result()
        mover.seal(stored)
        done = label.with_digest(stored.digest)
        return Backup.of(done, added=stored.added, seconds=stored.seconds, tool=mover.tool, repository="main")

    def rebuild(self, *, pinned: bool = False) -> Rebuilt:
        """Rebuild the catalogue."""
        return rebuild(self.catalogue, "main", self.repositories, self.live.__contains__, pinned=pinned)
