"""docs/backups.md is true: its commands restore a backup with borg alone."""

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.pages import commands_of, run
from tests.movers.ground import NAME, Ground

pytestmark = pytest.mark.real

PAGE = (Path(__file__).parents[2] / "docs" / "backups.md").read_text()


def test_a_backup_is_restored_with_the_stock_tool_alone(tmp_path: Path) -> None:
    """The page's commands restore to a file and to a device bit by bit, and see for themselves that they did."""
    if shutil.which("borg") is None:
        pytest.fail("borg is not installed: apt-get install borgbackup", pytrace=False)
    section = re.search(r"^## Restore with the stock tool alone$(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
    assert section is not None
    ground, elsewhere = Ground("borg", tmp_path), tmp_path / "another host"
    ground.mover().prepare()
    ground.store()
    data = ground.image().path.read_bytes()
    elsewhere.mkdir()
    device = elsewhere / "device"
    device.write_bytes(b"old!" * (len(data) // 4))
    given = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(elsewhere),
        "repository": str(ground.repository),
        "archive": NAME,
        "passphrase_file": str(tmp_path / "passphrase"),
        "device": str(device),
    }
    run(commands_of(section[1]), elsewhere, given, 60)
    assert device.read_bytes() == data
    assert (elsewhere / "volume.img").read_bytes() == data
    assert "BORG_KEY" in (elsewhere / "repository.key").read_text()
