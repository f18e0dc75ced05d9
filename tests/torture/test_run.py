"""The harness itself, over real processes: short in the whole suite, in full size by `make acceptance`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).with_name("vnx-jobs"))


def _run(home: Path, *words: str, limit: float) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("VNX_")}
    return subprocess.run(
        [PROGRAM, "torture", *words, "--keep", str(home)],
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
        env=ours,
    )


@pytest.mark.real
def test_a_short_run_keeps_every_promise(tmp_path: Path) -> None:
    """Thirty jobs and half a minute of misfortune: every promise is judged and kept, and the evidence is there."""
    done = _run(tmp_path / "home", "--jobs", "30", "--minutes", "0.5", "--seed", "3", limit=280)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\nkept: ") == 15
    assert "--seed 3" in done.stderr
    for name in ("audit.jsonl", "array.json", "records.json", "keys.json", "backups.json", "story.txt", "verdict.txt"):
        assert (tmp_path / "home" / name).stat().st_size > 0


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(1, 6))
def test_five_seeds_in_full_size(tmp_path: Path, seed: int) -> None:
    """Two hundred jobs and two minutes of misfortune, with five seeds."""
    done = _run(tmp_path / "home", "--jobs", "200", "--minutes", "2", "--seed", str(seed), limit=880)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    """Nothing of the user's is overwritten."""
    (tmp_path / "mine").write_text("precious")
    done = _run(tmp_path, "--jobs", "1", limit=60)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
