"""The contract of the host's port, held to by the plain-path host over a simulated array; and a volume's way there."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.by_hand import SimulatedInstallation
from vnx_jobs.adapters.hosts.plain import PlainHost
from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.hosts import Connection, connections
from vnx_jobs.model.states import State
from vnx_jobs.ports.hosts import HostAttach, HostError

pytestmark = pytest.mark.real

PATH = "storagegroup -setpath -gname esx -hbauid iqn.1993-08.org.debian:01:abc -sp a -spport 4 -spvport 0 -host esx -o"


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[SimulatedInstallation]:
    """Make an installation over a simulated array with a volume `gold`, and a host that sees nothing yet."""
    made = SimulatedInstallation(valkey_url, prefix, tmp_path)
    made.type("storagegroup -create -gname esx", PATH)
    made.read_array()
    assert made.do("create-volume", name="gold", size_gb=1, pool="pool").state is State.SUCCEEDED
    yield made
    made.close()


@pytest.fixture
def host(site: SimulatedInstallation) -> HostAttach:
    """Return the host whose volumes are plain files of the simulated array."""
    return PlainHost(site.sim.folder, Path(sys.executable).with_name("vnx-sim"))


def attached(site: SimulatedInstallation, mode: AccessMode) -> Connection:
    """Attach the volume by a job; return what the job tells of it."""
    record = site.do("attach-volume", volumes="gold", host="esx", mode=mode)
    assert record.state is State.SUCCEEDED, record.error
    (told,) = connections(record.facts)
    return told


def test_what_a_host_writes_is_in_the_volume(site: SimulatedInstallation, host: HostAttach) -> None:
    """A device attached for writing holds the volume's bytes and takes new ones; detached, the volume keeps them."""
    site.sim.write("gold", 8190, b"before")
    told = attached(site, "rw")
    assert [one.partition(",iqn.")[1] for one in told.iscsi] == [",iqn."]
    with host.attach(told).open() as device:
        device.seek(8190)
        assert device.read(6) == b"before"
        device.seek(8190)
        device.write(b"after!")
    host.detach(told)
    assert site.do("detach-volume", volumes="gold", host="esx").state is State.SUCCEEDED
    assert site.sim.read("gold", 8190, 6) == b"after!"


def test_a_read_only_device_takes_no_byte(site: SimulatedInstallation, host: HostAttach) -> None:
    """Attached read-only it shows the volume's bytes; writing fails in the program and in the kernel."""
    site.sim.write("gold", 0, b"kept")
    device = host.attach(attached(site, "ro"))
    assert device.mode == "ro"
    with device.open() as opened:
        assert opened.read(4) == b"kept"
        with pytest.raises(OSError, match="not open for writing"):
            opened.write(b"lost")
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.pwrite(opened.fileno(), b"lost", 0)
    assert site.sim.read("gold", 0, 4) == b"kept"


def test_to_attach_and_to_detach_twice_changes_nothing(site: SimulatedInstallation, host: HostAttach) -> None:
    """The same connection gives the same device; to let go again is no error, nor after the array has hidden it."""
    told = attached(site, "rw")
    device = host.attach(told)
    assert host.attach(told) == device
    host.detach(told)
    host.detach(told)
    assert host.attach(told) == device
    assert site.do("detach-volume", volumes="gold", host="esx").state is State.SUCCEEDED
    host.detach(told)


def test_another_volume_under_the_same_number_is_refused(site: SimulatedInstallation, host: HostAttach) -> None:
    """The device's WWN is compared before the device is given: an old connection does not open a new volume."""
    told = attached(site, "rw")
    with pytest.raises(HostError, match="attach it again"):
        host.attach(replace(told, uid=told.uid[:-2] + ("00" if told.uid[-2:] != "00" else "11")))


def test_what_the_host_does_not_see_is_refused(site: SimulatedInstallation, host: HostAttach) -> None:
    """After the job that detaches it, an old connection opens nothing."""
    told = attached(site, "rw")
    assert site.do("detach-volume", volumes="gold", host="esx").state is State.SUCCEEDED
    with pytest.raises(HostError, match="sees nothing under number"):
        host.attach(told)


def test_a_host_without_the_program_says_so(site: SimulatedInstallation) -> None:
    """A program that cannot be run is named."""
    with pytest.raises(HostError, match="no-such-program cannot be run"):
        PlainHost(site.sim.folder, Path("no-such-program")).attach(attached(site, "ro"))
