"""Reader and writer as programs: what they give, what they tell, and how they end."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.movers.ground import MIB, gone, until
from vnx_jobs.adapters.movers.programs import READER, WRITER
from vnx_jobs.copier.identity import check_wwn, of_block_device, plain
from vnx_jobs.copier.telling import CopyError
from vnx_jobs.model.digest import digest_of

DATA = b"\1" * MIB + bytes(2 * MIB) + b"\2" * 700


def reader(folder: Path, *words: str, size: int = len(DATA)) -> subprocess.CompletedProcess[bytes]:
    """Read a device of three pieces and a bit."""
    device = folder / "device"
    device.write_bytes(DATA)
    told = ("--result", str(folder / "result"), "--progress", str(folder / "progress"))
    asked = (*READER, "--device", str(device), "--size", str(size), *told, *words)
    return subprocess.run(asked, capture_output=True, check=False)


def test_a_reader_gives_all_bytes_and_tells_of_them(tmp_path: Path) -> None:
    """Stdout holds the device's bytes, the result size and digest for the owner alone, the progress begins and ends."""
    done = reader(tmp_path)
    assert done.stdout == DATA
    result = json.loads((tmp_path / "result").read_text())
    assert (result["size"], result["digest"]) == (len(DATA), digest_of([DATA]))
    assert (tmp_path / "result").stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in (tmp_path / "progress").read_text().splitlines()]
    assert lines[0] == {"bytes": 0, "whole": False}
    assert lines[-1] == {"bytes": len(DATA), "whole": True}


def test_the_digest_is_what_stock_tools_make_of_it(tmp_path: Path) -> None:
    """The digests of the pieces, one behind the other, have the digest that ours names."""
    path = tmp_path / "volume.img"
    path.write_bytes(DATA)
    words = f"split -b 1M --filter='openssl dgst -sha256 -binary' {path} | sha256sum | cut -c 1-64"
    done = subprocess.run(["/bin/sh", "-c", words], capture_output=True, text=True, check=True)
    assert f"sha256-1MiB:{done.stdout.strip()}" == digest_of([DATA[:500], DATA[500:]])


def test_a_reader_keeps_to_its_rate(tmp_path: Path) -> None:
    """Three pieces and a bit at four pieces a second take at least three quarters of a second; few lines tell of it."""
    reader(tmp_path, "--rate", str(4 * MIB))
    assert json.loads((tmp_path / "result").read_text())["seconds"] >= 0.75
    assert 3 <= len((tmp_path / "progress").read_text().splitlines()) <= 5


def test_a_reader_whose_listener_goes_away_fails(tmp_path: Path) -> None:
    """It does not end well when nobody takes the bytes."""
    device = tmp_path / "device"
    device.write_bytes(DATA)
    words = (*READER, "--device", str(device), "--size", str(len(DATA)))
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, complaint = process.communicate()
    assert process.returncode == 1
    assert complaint == b"error: what reads the bytes went away: Broken pipe\n"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_reader_that_is_ended_ends_at_once(tmp_path: Path, how: signal.Signals) -> None:
    """In the middle of a slow copy a signal ends it, and it tells no result."""
    device, result, progress = tmp_path / "device", tmp_path / "result", tmp_path / "progress"
    device.write_bytes(DATA)
    told = ("--result", str(result), "--progress", str(progress), "--rate", "1000")
    words = (*READER, "--device", str(device), "--size", str(len(DATA)), *told)
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until(progress.exists)
        process.send_signal(how)
        assert process.wait(20) != 0
    assert not result.exists()


def test_a_writer_whose_program_fails_makes_no_file(tmp_path: Path) -> None:
    """All bytes of a program that then says it failed are no good; neither are bytes of another digest."""
    for name, program, digest in (
        ("failed", "head -c 100 /dev/zero; exit 3", ""),
        ("other", "head -c 100 /dev/zero", "x"),
    ):
        target, result = tmp_path / name, tmp_path / f"{name}.json"
        words = (*WRITER, "--file", str(target), "--size", "100", "--result", str(result), "--digest", digest)
        done = subprocess.run((*words, "--", "/bin/sh", "-c", program), capture_output=True, check=False)
        assert done.returncode == 1
        assert json.loads(result.read_text())["fault"] == ("bytes" if digest else "tool")
        assert not target.exists()
        assert not target.with_name(f"{name}.part").exists()


def test_a_writer_that_is_ended_takes_its_program_with_it(tmp_path: Path) -> None:
    """TERM leaves neither program nor file."""
    target = tmp_path / "file"
    words = (*WRITER, "--file", str(target), "--size", "100", "--", "/bin/sleep", "60")
    with subprocess.Popen(words, start_new_session=True, stderr=subprocess.DEVNULL) as process:
        until((tmp_path / "file.part").exists)
        process.terminate()
        process.wait(20)
    assert gone(process.pid)
    assert not (tmp_path / "file.part").exists()


def test_a_device_is_compared_by_its_wwn(tmp_path: Path) -> None:
    """The same WWN in another spelling passes; another one fails, and so does a device that tells none."""
    assert plain("mpath-36006016012343d00") == plain("60:06:01:60:12:34:3D:00")
    with (tmp_path / "file").open("wb") as file:
        check_wwn(file.fileno(), "", ())
        with pytest.raises(CopyError, match="does not tell its WWN"):
            check_wwn(file.fileno(), "60:06", ())
        with pytest.raises(CopyError, match="it is another volume"):
            check_wwn(file.fileno(), "60:06", (sys.executable, "-c", "print('naa.6007')"))
        check_wwn(file.fileno(), "60:06", (sys.executable, "-c", "print('naa.6006')"))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("device/wwid", "naa.6006016012\n", "naa.6006016012"),
        ("dm/uuid", "mpath-36006016012\n", "mpath-36006016012"),
        ("dm/uuid", "LVM-abcdef\n", ""),
        ("device/wwid", "t10.ATA     QEMU\n", ""),
    ],
    ids=["a path", "a multipath", "a logical volume", "a disk without WWN"],
)
def test_the_kernel_tells_a_block_devices_wwn(tmp_path: Path, name: str, text: str, told: str) -> None:
    """A SCSI disk and a multipath device have a WWN by the kernel's word; what is neither has none."""
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(text)
    assert of_block_device(tmp_path) == told
