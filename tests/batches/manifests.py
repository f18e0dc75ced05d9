"""Manifests written by a test, and what became of their rows."""

from pathlib import Path
from textwrap import dedent

from tests.installation import ARRAY, Installation
from vnx_jobs.batches.checking import check
from vnx_jobs.batches.fates import RowFate
from vnx_jobs.batches.manifest import Manifest, read
from vnx_jobs.batches.submitting import submit


class Runner:
    """Submits manifests to one installation."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self.folder = folder

    def submit(self, text: str, *, file: str = "jobs.yaml", partial: bool = False) -> list[RowFate]:
        """Write a manifest, check it, and submit it."""
        manifest = written(self.folder, text, file)
        checked = check(manifest, self.installation.submission)
        return submit(checked, self.installation.submission, partial=partial, by="test")

    def fates(self, text: str, *, file: str = "jobs.yaml", partial: bool = False) -> dict[str, str]:
        """Return what became of each row."""
        return {one.row: str(one.fate) for one in self.submit(text, file=file, partial=partial)}

    def stored(self) -> int:
        """Return how many jobs there are."""
        return len(self.installation.store.find())


def written(folder: Path, text: str, file: str = "jobs.yaml", array: str | None = ARRAY) -> Manifest:
    """Write a manifest and read it."""
    path = folder / file
    path.write_text(dedent(text))
    return read(path, array=array)
