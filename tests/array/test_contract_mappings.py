"""The contract of the array port for storage groups, initiators and front-end ports: one suite for every site."""

import pytest

from tests.array.sites import Site, make_lun, verdict_of
from vnx_jobs.model.array import StorageGroup
from vnx_jobs.model.errors import ArrayError, Verdict

IQN = "iqn.1993-08.org.debian:01:abc"
WWNS = "20:00:00:00:C9:12:34:56:10:00:00:00:C9:12:34:56"


def group(site: Site, name: str) -> StorageGroup:
    """Return a storage group that must be there."""
    found = site.array.storage_group(name)
    assert found is not None
    return found


def host_with_group(site: Site, host: str) -> StorageGroup:
    """Make a storage group of a host's name, and register the host there on a Fibre Channel port."""
    site.array.create_storage_group(host)
    port = site.array.fibre_ports()[0]
    site.array.set_path(host, host, WWNS, port)
    return group(site, host)


def test_a_group_shows_what_was_mapped(site: Site) -> None:
    """A new group is empty; a mapped LUN stands there under its number, alone and in the list of all groups."""
    make_lun(site, 1, "one")
    site.array.create_storage_group("h")
    assert group(site, "h") == StorageGroup("h")
    site.array.map_lun("h", 7, 1)
    assert group(site, "h").luns == ((7, 1),)
    assert [one.luns for one in site.array.storage_groups() if one.name == "h"] == [((7, 1),)]
    site.array.unmap_lun("h", 7)
    assert group(site, "h").luns == ()


def test_a_group_that_does_not_exist_is_none(site: Site) -> None:
    """Asked for by name, it is absent; mapping there is REFUSED, and makes no group."""
    make_lun(site, 1, "one")
    assert site.array.storage_group("h") is None
    assert verdict_of(lambda: site.array.map_lun("h", 7, 1)) is Verdict.REFUSED
    assert verdict_of(lambda: site.array.unmap_lun("h", 7)) is Verdict.REFUSED
    assert site.array.storage_group("h") is None


def test_what_is_so_already_says_so_and_changes_nothing(site: Site) -> None:
    """A LUN twice, a number twice, a number that shows nothing, a name twice: ALREADY each."""
    make_lun(site, 1, "one")
    make_lun(site, 2, "two")
    site.array.create_storage_group("h")
    site.array.map_lun("h", 7, 1)
    before = group(site, "h")
    assert verdict_of(lambda: site.array.map_lun("h", 8, 1)) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.map_lun("h", 7, 2)) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.unmap_lun("h", 9)) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.create_storage_group("h")) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.destroy_storage_group("other")) is Verdict.ALREADY
    assert group(site, "h") == before


def test_a_lun_that_does_not_exist_is_not_mapped(site: Site) -> None:
    """It is REFUSED."""
    site.array.create_storage_group("h")
    assert verdict_of(lambda: site.array.map_lun("h", 7, 99)) is Verdict.REFUSED
    assert group(site, "h").luns == ()


def test_a_lun_may_be_in_several_groups_and_is_not_destroyed_then(site: Site) -> None:
    """Each group has a number of its own for it; destroying it is REFUSED until the last group shows it no more."""
    make_lun(site, 1, "one")
    for name, number in (("g", 3), ("h", 7)):
        site.array.create_storage_group(name)
        site.array.map_lun(name, number, 1)
    site.array.unmap_lun("g", 3)
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.REFUSED
    site.array.unmap_lun("h", 7)
    site.array.destroy_lun(1)
    assert site.array.lun(1) is None


def test_an_initiator_brings_its_host_into_the_group(site: Site) -> None:
    """It is listed with host, SP and port; to register it again changes nothing; another host cannot have it."""
    (path,) = host_with_group(site, "h").initiators
    port = site.array.fibre_ports()[0]
    assert (path.uid, path.host, path.sp, path.port) == (WWNS, "h", port.sp, port.number)
    site.array.set_path("h", "h", WWNS, port)
    assert group(site, "h").initiators == (path,)
    other = site.array.set_path
    assert verdict_of(lambda: other("h", "another", WWNS, port)) is Verdict.ALREADY
    assert group(site, "h").initiators == (path,)


def test_an_iscsi_initiator_logs_in_at_a_portal(site: Site) -> None:
    """A portal has an address and an IQN; an initiator is registered there by port and virtual port."""
    portal = site.array.iscsi_portals()[0]
    assert portal.address is not None
    assert portal.uid.startswith("iqn.")
    site.array.create_storage_group("h")
    site.array.set_path("h", "h", IQN, portal)
    assert [(one.uid, one.sp, one.port) for one in group(site, "h").initiators] == [(IQN, portal.sp, portal.number)]


def test_a_host_sees_one_group(site: Site) -> None:
    """Connected to another group, it leaves the first with all its paths; an unknown host is REFUSED."""
    paths = host_with_group(site, "h").initiators
    site.array.create_storage_group("g")
    site.array.connect_host("g", "h")
    assert (group(site, "h").initiators, group(site, "g").initiators) == ((), paths)
    site.array.connect_host("g", "h")
    assert group(site, "g").initiators == paths
    assert verdict_of(lambda: site.array.connect_host("g", "nobody")) is Verdict.REFUSED


def test_a_disconnected_host_sees_its_group_no_longer_and_stays_known(site: Site) -> None:
    """Its group is empty, and may be destroyed; connected again, it is there with the same paths. Twice is ALREADY."""
    before = host_with_group(site, "h").initiators
    site.array.disconnect_host("h", "h")
    assert group(site, "h").initiators == ()
    assert [one.initiators for one in site.array.storage_groups() if one.name == "~management"] == [before]
    assert verdict_of(lambda: site.array.disconnect_host("h", "h")) is Verdict.ALREADY
    site.array.connect_host("h", "h")
    assert group(site, "h").initiators == before
    site.array.disconnect_host("h", "h")
    site.array.destroy_storage_group("h")
    assert site.array.storage_group("h") is None


def test_a_group_with_hosts_is_not_destroyed(site: Site) -> None:
    """It stands until its hosts are forgotten; an initiator that nobody knows is forgotten already."""
    before = host_with_group(site, "h")
    with pytest.raises(ArrayError):
        site.array.destroy_storage_group("h")
    assert group(site, "h") == before
    site.array.remove_initiator(WWNS)
    site.array.remove_initiator(WWNS)
    site.array.destroy_storage_group("h")
    assert site.array.storage_group("h") is None


def test_fibre_channel_ports_have_world_wide_names(site: Site) -> None:
    """Each port is listed once, with node's and port's names, on both SPs; a host names the port's."""
    ports = site.array.fibre_ports()
    assert {port.sp for port in ports} == {"A", "B"}
    assert len({(port.sp, port.number) for port in ports}) == len(ports) >= 4
    assert all(len(port.uid.split(":")) == 16 for port in ports)
    assert {port.target for port in ports} == {":".join(port.uid.split(":")[8:]) for port in ports}
