"""What is borg's own: secrets, seals, checkpoints, locks, and what it says when it cannot."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.movers.ground import ARRAY, MIB, NAME, SECRET, UID, Ground, done, fault_of
from vnx_jobs.adapters.movers.borg import BorgRepositories
from vnx_jobs.adapters.movers.borg_verdicts import trouble
from vnx_jobs.adapters.movers.passphrase import Passphrase
from vnx_jobs.ports.mover import MoverError

pytestmark = pytest.mark.real


def by_hand(ground: Ground, *words: str) -> str:
    """Run borg as a person would, and return what it says."""
    environment = {"BORG_BASE_DIR": str(ground.folder), "BORG_PASSPHRASE": SECRET, "BORG_SELFTEST": "disabled"}
    program = (shutil.which("borg") or "borg", *words)
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout


SPIES = """
import os, sys
with open(sys.argv[0] + ".seen", "wb") as seen:
    for process in (os.getpid(), os.getppid()):
        for name in ("environ", "cmdline"):
            seen.write(open(f"/proc/{process}/{name}", "rb").read())
    for number in os.listdir("/proc/self/fd"):
        if number not in "012" and os.path.exists("/proc/self/fd/" + number):
            try:
                os.set_blocking(int(number), False)
                seen.write(os.read(int(number), 4096))
            except OSError:
                pass
sys.exit(1)
"""


def test_the_passphrase_is_seen_nowhere(borg: Ground) -> None:
    """Neither words, environment and descriptors of borg and reader, nor a file that borg or we leave, tells it."""
    mover = borg.mover(reader=borg.program("spy", SPIES))
    assert fault_of(lambda: done(mover.copy_out(NAME, borg.image(), ""))) == "ended"
    seen = (borg.folder / "spy.seen").read_bytes()
    assert b"BORG_PASSPHRASE_FD" in seen
    assert SECRET.encode() not in seen
    assert SECRET not in repr(mover)
    (borg.folder / "passphrase").unlink()
    left = [file for file in borg.folder.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    assert left == []


@pytest.mark.parametrize(
    "passphrase",
    [
        Passphrase(command=("/bin/echo", "wrong")),
        Passphrase(command=("/bin/false",)),
        Passphrase(command=("/no/such/program", SECRET)),
        Passphrase(command=("/usr/bin/printf", "two\nlines")),
        Passphrase(file=Path("/no/such/file")),
        Passphrase(file=Path("/dev/null")),
    ],
    ids=["wrong", "command fails", "no command", "two lines", "no file", "empty file"],
)
def test_a_passphrase_that_is_wrong_is_told_before_anything_is_read(borg: Ground, passphrase: Passphrase) -> None:
    """`prepare` fails with one line about credentials, which holds no secret."""
    mover = BorgRepositories(borg.root, passphrase, borg.folder / "state").of(ARRAY, UID)
    with pytest.raises(MoverError) as caught:
        mover.prepare()
    assert caught.value.fault == "credentials"
    assert SECRET not in str(caught.value)


def test_a_passphrase_may_come_from_a_command(filled_borg: Ground) -> None:
    """What a command prints opens the repository."""
    passphrase = Passphrase(command=("/bin/echo", SECRET))
    mover = BorgRepositories(filled_borg.root, passphrase, filled_borg.folder / "state").of(ARRAY, UID)
    assert [stored.archive for stored in mover.archives()] == [NAME]


def test_a_missing_tool_is_told_with_its_package(borg: Ground) -> None:
    """The line says what to install."""
    with pytest.raises(MoverError, match="apt-get install borgbackup") as caught:
        borg.mover(program="borg-that-is-not-there").copy_out(NAME, borg.image(), "")
    assert caught.value.fault == "missing-tool"


def test_an_archive_without_a_seal_is_not_complete(borg: Ground) -> None:
    """What a copy stored whose starter died before the seal is not shown, and is removed; so are its checkpoints."""
    image, repository = borg.image(), borg.repository
    for name in (NAME, f"{NAME}.checkpoint"):
        by_hand(borg, "create", "--comment", '{{"vnx-jobs":1}}', f"{repository}::{name}", str(image.path))
    mover = borg.mover()
    assert mover.archives() == ()
    assert fault_of(lambda: mover.verify(NAME)) == "no-archive"
    mover.remove([NAME])
    assert by_hand(borg, "list", "--consider-checkpoints", str(repository)) == ""


def test_a_seal_counts_only_for_its_archive(filled_borg: Ground) -> None:
    """An archive that was renamed by hand bears the seal of another, and is not shown."""
    by_hand(filled_borg, "rename", f"{filled_borg.repository}::{NAME}", "renamed")
    assert filled_borg.mover().archives() == ()


def test_a_lock_of_a_dead_host_is_broken_on_demand(filled_borg: Ground) -> None:
    """A lock that another host's process left holds until it is broken, and the archives are there as before."""
    (filled_borg.repository / "lock.exclusive").mkdir()
    (filled_borg.repository / "lock.exclusive" / "another-host@12345.4711-1").touch()
    mover = filled_borg.mover(lock_wait=0)
    assert fault_of(mover.archives) == "locked"
    mover.break_lock()
    assert [stored.archive for stored in mover.archives()] == [NAME]


def test_chunks_that_are_there_already_are_not_stored_again(filled_borg: Ground) -> None:
    """A second copy of the same volume adds next to nothing."""
    again = done(filled_borg.mover().copy_out("again", filled_borg.image(), ""))
    assert again.added < MIB // 8


def test_a_repository_is_made_whole_or_not_at_all(borg: Ground, tmp_path: Path) -> None:
    """What a wrong passphrase or a dead starter leaves of a new repository is no repository."""
    repositories = BorgRepositories(borg.root, Passphrase(command=("/bin/false",)), tmp_path / "state")
    assert fault_of(repositories.of(ARRAY, "60:07").prepare) == "credentials"
    assert repositories.volumes() == ((ARRAY, UID),)


def test_a_moved_repository_is_refused(filled_borg: Ground) -> None:
    """A repository that lies where another one lay, as borg remembers it, is not used: it may have been exchanged."""
    filled_borg.mover().prepare()
    other = replace(filled_borg.mover().borg, repository=filled_borg.root / "moved")  # type: ignore[attr-defined]
    filled_borg.repository.rename(other.repository)
    with pytest.raises(MoverError) as caught:
        other.run("info", str(other.repository))
    assert caught.value.fault == "repository"


@pytest.mark.parametrize(
    ("message", "identifier", "fault", "text"),
    [
        (
            "Repository /r does not exist.",
            "Repository.DoesNotExist",
            "repository",
            "borg: Repository /r does not exist.",
        ),
        ("Failed to create/acquire the lock /r (timeout).", "LockTimeout", "locked", None),
        ("Insufficient free space to complete", "Repository.InsufficientFreeSpaceError", "space", None),
        (
            "Local Exception\nTraceback:\n  File x\nOSError: [Errno 28] No space left on device\n\nLinux",
            "",
            "space",
            "borg: OSError: [Errno 28] No space left on device",
        ),
    ],
)
def test_what_borg_says_is_told_in_one_line(message: str, identifier: str, fault: str, text: str | None) -> None:
    """An error of borg's log becomes one line and a kind; warnings before it do not hide it."""
    lines = [
        {"type": "log_message", "levelname": "WARNING", "message": "never mind"},
        {"type": "log_message", "levelname": "ERROR", "message": message, "msgid": identifier},
        {"type": "log_message", "levelname": "WARNING", "message": "nor this"},
    ]
    error = trouble(2, "\n".join(["not json", *map(json.dumps, lines)]))
    assert error.fault == fault
    assert text is None or str(error) == text
