"""What every mover promises."""

import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.movers.ground import (
    ARRAY,
    MIB,
    NAME,
    UID,
    Ground,
    done,
    fault_of,
    fed,
    gone,
    no_file_larger_than,
    until,
)
from vnx_jobs.model.digest import digest_of
from vnx_jobs.ports.mover import Mover, MoverError, Passed, Process, Source, Stored, Target

pytestmark = pytest.mark.real


def test_a_volume_comes_back_bit_by_bit(ground: Ground) -> None:
    """What was stored is told by the repository alone, passes the quick check, and restores to the same bytes."""
    source, mover = ground.image(), ground.mover()
    data = source.path.read_bytes()
    copying = mover.copy_out(NAME, source, 'about {"it": "{{100}} %"}')
    stored = done(copying)
    assert (stored.archive, stored.size, stored.digest) == (NAME, len(data), digest_of([data]))
    assert stored.comment == 'about {"it": "{{100}} %"}'
    assert MIB <= stored.added <= 3 * MIB + 65536
    assert gone(copying.process.pid)
    assert list((ground.folder / "state" / "copies").iterdir()) == []
    assert mover.stored(NAME) is None, "it is not sealed yet"
    for _ in range(2):
        mover.seal(stored)
    assert mover.stored(NAME) == stored
    mover.verify(NAME)
    target = Target(ground.folder / "restored", len(data), make=True)
    assert done(mover.copy_in(NAME, target)) == Passed(len(data), stored.digest)
    assert target.path.read_bytes() == data


def test_a_restore_overwrites_all_of_a_device_and_skips_zeros_only_on_a_new_one(filled: Ground) -> None:
    """A device full of old bytes holds the archive's bytes and no others; on a new one holes stay holes."""
    mover, data = filled.mover(), filled.image().path.read_bytes()
    used, new = filled.folder / "used", filled.folder / "new"
    used.write_bytes(b"old!" * (len(data) // 4))
    with new.open("wb") as file:
        file.truncate(len(data))
    done(mover.copy_in(NAME, Target(used, len(data))))
    done(mover.copy_in(NAME, Target(new, len(data), new=True)))
    assert used.read_bytes() == data
    assert new.read_bytes() == data
    assert new.stat().st_blocks * 512 < 4 * MIB


def test_a_stalled_device_is_ended_and_stores_nothing(ground: Ground) -> None:
    """Nothing is opened before `go`; a copy that its caller ends for a stall leaves no process and no archive."""
    source, mover = ground.pipe(), ground.mover()
    copying = mover.copy_out(NAME, source, "")
    process = copying.process
    assert Path(f"/proc/{process.pid}").exists()
    assert not copying.progress().began
    assert not copying.over()
    copying.go()
    with fed(source, bytes(MIB)):
        until(lambda: copying.progress().began)
        copying.terminate("no byte moved for 60 seconds", "stalled")
        assert gone(process.pid)
    assert copying.over()
    with pytest.raises(MoverError) as caught:
        copying.result()
    assert (str(caught.value), caught.value.fault) == ("no byte moved for 60 seconds", "stalled")
    assert mover.stored(NAME) is None


def test_a_copy_dies_with_its_starter_and_is_simply_done_again(ground: Ground) -> None:
    """After kill -9 of the starter in mid-copy no process is left, nothing counts as stored, and no lock is broken."""
    source = ground.pipe()
    program = f"""
import sys, time
from pathlib import Path
from tests.movers.ground import Ground
ground = Ground({ground.kind!r}, Path({str(ground.folder)!r}))
copying = ground.mover().copy_out({NAME!r}, ground.pipe(), "")
print(copying.process.pid, copying.process.born, flush=True)
copying.go()
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        process = Process(*map(int, starter.stdout.readline().split()))
        with fed(source, bytes(MIB)):
            starter.send_signal(signal.SIGKILL)
            starter.wait()
            until(lambda: gone(process.pid))
    mover = ground.mover()
    assert mover.end(process)
    assert mover.stored(NAME) is None
    mover.remove([NAME])
    assert ground.store().archive == NAME


def test_a_copy_that_is_never_let_go_ends_with_its_starter(ground: Ground) -> None:
    """A starter that dies before it said go leaves no process, and the device was never opened."""
    program = f"""
from pathlib import Path
from tests.movers.ground import Ground
ground = Ground({ground.kind!r}, Path({str(ground.folder)!r}))
copying = ground.mover().copy_out({NAME!r}, ground.pipe(), "")
print(copying.process.pid, flush=True)
"""
    done_by = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    until(lambda: gone(int(done_by.stdout)))
    assert ground.mover().archives() == ()


def test_a_stranger_with_the_number_of_a_dead_copy_is_not_ended(ground: Ground) -> None:
    """`end` leaves alone a process that was born at another time, and says that nothing of the copy is left."""
    with subprocess.Popen(["/bin/sleep", "60"], start_new_session=True) as stranger:
        assert ground.mover().end(Process(stranger.pid, 1))
        assert stranger.poll() is None
        stranger.kill()


def test_a_device_that_is_not_right_fails_the_copy(ground: Ground) -> None:
    """A device of fewer or more bytes, one that gives errors, and none at all: each is told, and nothing is stored."""
    image, mover = ground.image(), ground.mover()
    wrong = {
        Source(image.path, 7 * MIB): "short-read",
        Source(image.path, 5 * MIB): "short-read",
        Source(ground.folder, MIB): "device",  # reading a folder fails at its first byte
        Source(ground.folder / "absent", MIB): "device",
    }
    found = {source: fault_of(partial(_copied, mover, source)) for source in wrong}
    assert found == wrong
    assert mover.archives() == ()


def test_a_device_that_ends_early_fails_the_copy(ground: Ground) -> None:
    """A device whose size cannot be asked, and that ends in the middle, is found out by the count."""
    source, mover = ground.pipe(), ground.mover()
    copying = mover.copy_out(NAME, source, "")
    copying.go()
    with fed(source, bytes(MIB)):
        pass
    assert fault_of(copying.result) == "short-read"
    assert mover.archives() == ()


def test_another_volume_is_not_read(ground: Ground) -> None:
    """A device of another WWN than the volume's fails the copy; of the same WWN, however spelled, it does not."""
    image, mover = ground.image(), ground.mover()
    tells = ground.program("wwn", "print('naa.6006016012343d009a0b0c0d0e0f1011')")
    other = Source(image.path, image.size, wwn="60:06:01:60:FF", identity=tells)
    assert fault_of(lambda: done(mover.copy_out(NAME, other, ""))) == "device"
    same = Source(image.path, image.size, wwn=UID, identity=tells)
    assert done(mover.copy_out(NAME, same, "")).size == image.size


def test_what_is_not_all_there_is_not_sealed(ground: Ground) -> None:
    """Nothing under the name, and an archive of another size than was copied: neither becomes complete."""
    mover = ground.mover()
    stored = done(mover.copy_out(NAME, ground.image(), ""))
    assert fault_of(lambda: mover.seal(replace(stored, size=stored.size + 512))) == "repository"
    assert fault_of(lambda: mover.seal(replace(stored, archive="another"))) == "no-archive"
    assert mover.archives() == ()


LIES = """
import json, sys
out = sys.argv[sys.argv.index("--result") + 1]
json.dump({"size": 4194304, "digest": "sha256-1MiB:0", "seconds": 1.0}, open(out, "w"))
sys.stdout.buffer.write(bytes(1048576))
"""
DIES = """
import os, sys
sys.stdout.buffer.write(bytes(2097152))
sys.stdout.flush()
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(("program", "fault"), [(LIES, "short-read"), (DIES, "ended")], ids=["lies", "is killed"])
def test_a_reader_is_not_believed(ground: Ground, program: str, fault: str) -> None:
    """A reader that says that all is well after a quarter of the bytes, or is killed, leaves nothing stored."""
    mover = ground.mover(reader=ground.program("reader", program))
    copying = mover.copy_out(NAME, Source(ground.folder / "no device", 4 * MIB), "")
    assert fault_of(lambda: done(copying)) == fault
    assert mover.archives() == ()


def test_a_repository_in_use_is_locked(ground: Ground) -> None:
    """While a copy runs, others wait as long as they were told, and then fail with nothing changed."""
    source = ground.pipe()
    copying = ground.mover().copy_out(NAME, source, "")
    copying.go()
    with fed(source, bytes(MIB)):
        assert fault_of(lambda: ground.mover(lock_wait=0).remove([NAME])) == "locked"
        copying.terminate("enough")
    assert fault_of(copying.result) == "ended"


def test_a_full_disk_fails_the_copy(ground: Ground) -> None:
    """A repository that cannot grow is told as lack of space, and nothing is stored; with room it goes well again."""
    source, mover = ground.image(), ground.mover()
    with no_file_larger_than(MIB):
        copying = mover.copy_out(NAME, source, "")
    assert fault_of(lambda: done(copying)) == "space"
    assert mover.archives() == ()
    assert ground.store().archive == NAME


def test_what_is_removed_gives_its_space_back(filled: Ground) -> None:
    """Of two archives, oldest first, the removed one is gone, the other stays whole, and the repository shrinks."""
    mover, second = filled.mover(), filled.store("second", 2)
    assert [stored.archive for stored in mover.archives()] == [NAME, "second"]
    before = _bytes_in(filled.repository)
    mover.remove([NAME, "never there"])
    mover.compact()
    assert mover.archives() == (second,)
    assert _bytes_in(filled.repository) < before - MIB // 2
    assert done(mover.read_all("second")).digest == second.digest
    assert fault_of(lambda: mover.verify(NAME)) == "no-archive"
    assert fault_of(lambda: mover.copy_in(NAME, Target(filled.folder / "x", 1, make=True))) == "no-archive"


def test_an_archive_is_never_replaced(filled: Ground) -> None:
    """A second copy under a name fails, and what the name stood for stays."""
    first = filled.mover().archives()
    assert fault_of(lambda: filled.store(NAME, 2)) == "repository"
    assert filled.mover().archives() == first


def test_rot_is_found(filled: Ground) -> None:
    """Bytes that changed in the repository are found when all data is read, and not restored as good."""
    mover, files = filled.mover(), [file for file in filled.repository.rglob("*") if file.is_file()]
    largest = max(files, key=lambda file: file.stat().st_size)
    rotten = bytearray(largest.read_bytes())
    rotten[300_000:300_016] = bytes(16)
    largest.write_bytes(rotten)
    assert fault_of(lambda: done(mover.read_all(NAME))) == "repository"
    target = Target(filled.folder / "restored", filled.image().size, make=True)
    assert fault_of(lambda: done(mover.copy_in(NAME, target))) == "repository"
    assert not list(filled.folder.glob("restored*"))


def test_a_restore_that_cannot_be_whole_writes_nothing(filled: Ground) -> None:
    """A device of another size and a file that is there stay as they are; a restore that is ended leaves no file."""
    mover, size = filled.mover(), filled.image().size
    device, file = filled.folder / "device", filled.folder / "file"
    device.write_bytes(bytes(size + 512))
    file.write_bytes(b"mine")
    assert fault_of(lambda: mover.copy_in(NAME, Target(device, size + 512))) == "short-read"
    assert fault_of(lambda: done(mover.copy_in(NAME, Target(device, size)))) == "short-read"
    assert fault_of(lambda: done(mover.copy_in(NAME, Target(file, size, make=True)))) == "device"
    slow = mover.copy_in(NAME, Target(filled.folder / "slow", size, make=True, rate=1))
    slow.go()
    until(lambda: slow.progress().began)
    slow.terminate("enough")
    assert fault_of(slow.result) == "ended"
    assert file.read_bytes() == b"mine"
    assert device.read_bytes() == bytes(size + 512)
    assert not list(filled.folder.glob("slow*"))


def test_repositories_are_found_again(ground: Ground) -> None:
    """Whose repositories there are is read from the place alone; a place that is not there is an error, not empty."""
    repositories = ground.repositories()
    assert repositories.volumes() == ((ARRAY, UID),)
    assert repositories.of(ARRAY, "60:06").archives() == ()
    ground.root.rename(ground.folder / "unmounted")
    assert fault_of(repositories.volumes) == "repository"
    assert fault_of(repositories.of(ARRAY, UID).archives) == "repository"
    assert fault_of(repositories.of(ARRAY, UID).prepare) == "repository"


def _copied(mover: Mover, source: Source) -> Stored:
    return done(mover.copy_out(NAME, source, ""))


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
