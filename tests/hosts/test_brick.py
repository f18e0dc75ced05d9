"""The contract of the host's port, held to by os-brick itself over loop devices and a stand-in for the kernel's search.

What finds disks is not a kernel: docs/hosts.md says what was not run. Root alone may make namespaces and loop devices.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.hosts.brick_site import SIZE, WWPN, A, B, BrickSite, fibre_site
from vnx_jobs.adapters.hosts.brick import BrickHost
from vnx_jobs.ports.hosts import HostError


def can_stand_in() -> bool:
    """Say whether this machine lets a test make loop devices and a mount namespace."""
    words = ("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /sys && test -d /usr/lib/udev")
    loops = os.geteuid() == 0 and Path("/dev/loop-control").exists()
    return loops and subprocess.run(words, capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(not can_stand_in(), reason="needs root, loop devices and mount namespaces: see docs/hosts.md"),
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[BrickSite]:
    """Make a host that reaches two iSCSI ports of the array, and sees nothing yet."""
    made = BrickSite(tmp_path)
    yield made
    made.close()


def refuses_writes(node: Path) -> bool:
    """Try to write to a device, as any program of root's might."""
    descriptor = os.open(node, os.O_RDWR)
    try:
        os.pwrite(descriptor, b"lost", 0)
    except PermissionError:
        return True
    finally:
        os.close(descriptor)
    return False


def test_a_read_only_volume_takes_no_byte(site: BrickSite) -> None:
    """It shows the volume's bytes, refuses writes, is the same device when attached again, and leaves nothing."""
    file, told, host = site.show(1, 5), site.connection(1, 5), site.host()
    device = host.attach(told)
    assert host.attach(told) == device
    assert site.node(device.path).read_bytes() == b"\1" * SIZE
    assert refuses_writes(site.node(device.path))
    host.detach(told)
    assert site.disks == {}
    assert site.sessions == []
    host.detach(told)
    assert file.read_bytes() == b"\1" * SIZE


def test_what_is_written_is_in_the_volume(site: BrickSite) -> None:
    """A volume that was read-only before is writable when it is attached so, and keeps what is written to it."""
    file, host = site.show(1, 5), site.host()
    host.attach(site.connection(1, 5))
    device = host.attach(site.connection(1, 5, "rw"))
    with site.node(device.path).open("r+b") as opened:
        opened.write(b"after!")
    host.detach(site.connection(1, 5, "rw"))
    assert file.read_bytes()[:7] == b"after!\1"
    assert site.disks == {}


def test_all_paths_of_a_multipath_device_are_read_only(site: BrickSite) -> None:
    """Map and paths refuse writes; held by another program, nothing of them is removed; then all are."""
    site.show(1, 5)
    host = site.host(multipath=True)
    assert host.attach(site.connection(1, 5)).path == Path("/dev/dm-0")
    assert site.disks == {"dm-0": "volume1", "sdb": "volume1", "sdc": "volume1"}
    assert {name for name in site.disks if refuses_writes(site.root / "dev" / name)} == {"dm-0", "sdb", "sdc"}
    holder = os.open(site.root / "dev/dm-0", os.O_RDONLY | os.O_EXCL)
    with pytest.raises(HostError, match="/dev/dm-0 is in use"):
        host.detach(site.connection(1, 5))
    os.close(holder)
    assert set(site.disks) == {"dm-0", "sdb", "sdc"}
    host.detach(site.connection(1, 5))
    assert site.disks == {}


def test_a_path_that_is_not_in_the_map_yet_is_read_only(site: BrickSite) -> None:
    """The daemon has one path in its map when the volume is attached: the other one refuses writes too."""
    site.show(1, 5)
    site.switch("slow-multipathd")
    host = site.host(multipath=True)
    host.attach(site.connection(1, 5))
    assert {name for name in site.disks if refuses_writes(site.root / "dev" / name)} == {"dm-0", "sdb", "sdc"}
    host.detach(site.connection(1, 5))
    assert site.disks == {}


def test_without_multipathd_multipath_is_refused(site: BrickSite) -> None:
    """Asked for several paths, the host does not quietly use one; nothing is left half opened."""
    site.show(1, 5)
    site.switch("no-multipathd")
    with pytest.raises(HostError, match="Multipathing is enforced"):
        site.host(multipath=True).attach(site.connection(1, 5))
    assert site.disks == {}
    assert site.sessions == []


def test_a_number_that_was_given_away_is_not_mistaken(site: BrickSite) -> None:
    """The kernel remembers the old volume under the number: the new one is opened all the same, the old one is not.

    A detachment that comes late removes nothing of the new one.
    """
    site.show(1, 5)
    host = site.host()
    host.attach(site.connection(1, 5))
    site.hide(5)
    site.show(2, 5)
    assert (site.root / "sys/class/scsi_device/1:0:0:5").exists()
    device = host.attach(site.connection(2, 5))
    assert site.node(device.path).read_bytes() == b"\2" * SIZE
    assert site.disks == {device.path.name: "volume2"}
    with pytest.raises(HostError, match=r"sees WWN 6006016.*02 under number 5; volume1 has .*01: attach it again"):
        host.attach(site.connection(1, 5))
    host.detach(site.connection(1, 5))
    assert site.disks == {device.path.name: "volume2"}
    assert site.sessions == [A]


def test_another_volume_that_shows_up_is_refused(site: BrickSite) -> None:
    """What is found under the number has another WWN: it is not given, and the host is as it was."""
    site.show(2, 5)
    with pytest.raises(HostError, match="attach it again"):
        site.host().attach(site.connection(1, 5))
    assert site.disks == {}
    assert site.sessions == []


def test_after_the_array_has_hidden_it_a_volume_is_let_go(site: BrickSite) -> None:
    """The record alone is enough, when the copier died and the array shows the volume no longer."""
    site.show(1, 5)
    site.host(multipath=True).attach(site.connection(1, 5))
    site.hide(5)
    site.host(multipath=True).detach(site.connection(1, 5))
    assert site.disks == {}
    assert site.sessions == []


def test_an_attachment_that_hangs_is_ended_and_taken_back(site: BrickSite) -> None:
    """After its limit it is ended with all that it started; what it left is found and removed by the record."""
    site.show(1, 5)
    site.switch("hang")
    with pytest.raises(HostError, match="not done within 8 s"):
        site.host(limit=8).attach(site.connection(1, 5))
    site.switch("hang", on=False)
    site.host().detach(site.connection(1, 5))
    assert site.disks == {}
    assert site.sessions == []


def test_two_attached_at_once_do_not_confuse_each_other(site: BrickSite) -> None:
    """Each gets its own volume; when one goes, the other keeps its disk and the session that both shared."""
    site.show(1, 5)
    site.show(2, 6)
    host, told = site.host(), (site.connection(1, 5), site.connection(2, 6))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(host.attach, told)
    assert site.disks == {first.path.name: "volume1", second.path.name: "volume2"}
    host.detach(told[0])
    assert site.disks == {second.path.name: "volume2"}
    assert site.sessions == [A]


def test_it_does_not_outlive_its_copier(site: BrickSite) -> None:
    """A copier that is killed in the middle takes its attaching with it: the lock is free, and nothing comes late."""
    site.show(1, 5)
    site.switch("hang")
    ask = f"from tests.hosts.brick_site import ask; ask({str(site.root)!r}, 1, 5)"
    copier = subprocess.Popen([sys.executable, "-c", ask])
    while site.sessions != [A]:
        assert copier.poll() is None
        time.sleep(0.05)
    copier.kill()
    copier.wait()
    with (site.root / "run/vnx-jobs/attach.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back by the one that was ended: pytest's limit is the limit
    site.switch("hang", on=False)
    assert site.disks == {}
    site.host().detach(site.connection(1, 5))
    assert site.sessions == []


def test_who_comes_second_waits(site: BrickSite) -> None:
    """While another call is under way on the host nothing is begun, up to the limit."""
    site.show(1, 5)
    (site.root / "run/vnx-jobs").mkdir()
    with (site.root / "run/vnx-jobs/attach.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(HostError, match="not done within 3 s"):
            site.host(limit=3).attach(site.connection(1, 5))
    assert site.disks == {}
    assert site.sessions == []


def test_by_fibre_channel(tmp_path: Path) -> None:
    """A volume is found on a port of the array, read-only, and let go; of one that no port shows, a line says so."""
    site = fibre_site(tmp_path)
    try:
        site.show(1, 5, WWPN)
        told = site.connection(1, 5, fibre=("50:06:01:60:36:E0:12:34",), iscsi=(f"10.0.0.2,{B}",))
        device = site.host().attach(told)
        assert site.node(device.path).read_bytes() == b"\1" * SIZE
        assert refuses_writes(site.node(device.path))
        site.host().detach(told)
        assert site.disks == {}
        site.hide(5)
        with pytest.raises(HostError, match=r"backup1 sees nothing under number 5: .*Fibre Channel"):
            site.host().attach(told)
        assert site.disks == {}
    finally:
        site.close()


def test_without_os_brick_one_line_says_what_to_install(site: BrickSite) -> None:
    """The extra is named."""
    enter = site.root / "enter"
    found = find_spec("os_brick")
    assert found is not None
    assert found.origin is not None
    enter.write_text(
        enter.read_text().replace("mount --bind sys", f"mount --bind run {Path(found.origin).parent}\nmount --bind sys")
    )
    with pytest.raises(HostError, match=r"os-brick is missing \(os_brick\): pip install 'vnx-jobs\[host\]'"):
        site.host().attach(site.connection(1, 5))


def test_who_is_not_root_is_told_so(site: BrickSite) -> None:
    """Without a helper, an ordinary user's copier says what it lacks."""
    words = ("setpriv", "--reuid", "65534", "--clear-groups", "--")
    with pytest.raises(HostError, match="volumes are attached as root: see `helper`"):
        BrickHost(helper=words).attach(site.connection(1, 5))


@pytest.mark.full
def test_what_cannot_be_written_out_is_not_removed(site: BrickSite) -> None:
    """os-brick tries three times, for a minute; then nothing is removed by force, and the next call does it all."""
    site.show(1, 5)
    host, told = site.host(multipath=True), site.connection(1, 5, "rw")
    host.attach(told)
    site.switch("keep-maps")
    with pytest.raises(HostError, match=r"cannot be written out and removed: multipath -f .* status 1: map in use"):
        host.detach(told)
    assert set(site.disks) == {"dm-0", "sdb", "sdc"}
    site.switch("keep-maps", on=False)
    host.detach(told)
    assert site.disks == {}
