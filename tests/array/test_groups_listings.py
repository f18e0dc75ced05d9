"""Listings of groups as real arrays write them."""

import pytest

from tests.array import samples
from vnx_jobs.adapters.array import groups_listings as listings
from vnx_jobs.adapters.array.groups_words import GroupCommands
from vnx_jobs.adapters.array.listings import ListingError
from vnx_jobs.model.array import Group, Initiator, StorageGroup


def test_consistency_groups_are_read() -> None:
    """A group has the numbers of its members, or none, and its description."""
    assert listings.groups(samples.GROUPS) == (Group("test cg name", (1, 3), "a cg 4 test"), Group("cg0", ()))


def test_storage_groups_are_read() -> None:
    """A group shows its pairs and paths, also one whose name runs into its SP; one without either is whole."""
    host = "ubuntu14"
    long = "iqn.1994-05.com.abcdef:ghijk2-l-mn-opq-2.rstuvw.xyz:c3bf2f4cca"
    paths = (
        Initiator("iqn.1993-08.org.debian:01:e57138cd5b4", host, "A", 4, "192.168.4.30"),
        Initiator("20:00:00:90:FA:53:4C:D0:10:00:00:90:FA:53:4C:D0", host, "B", 12, None),
        Initiator(long, host, "A", 1, None),
    )
    assert listings.storage_groups(samples.STORAGE_GROUPS) == (
        StorageGroup("ubuntu14", ((154, 15), (0, 4)), paths),
        StorageGroup("VNX9495"),
        StorageGroup("~management"),
    )


@pytest.mark.parametrize("cut", ["    0               4", "Shareable:             YES\n\nStorage Group Name:    VNX"])
def test_a_storage_group_that_is_cut_off_is_not_believed(cut: str) -> None:
    """A listing that ends in the middle of a group may lack LUNs that are shown to hosts."""
    with pytest.raises(ListingError):
        listings.storage_groups(samples.STORAGE_GROUPS.partition(cut)[0])


@pytest.mark.parametrize("damage", [("Member LUN ID(s):  1, 3\n", ""), ("  1, 3", "  some")])
def test_a_damaged_consistency_group_is_not_believed(damage: tuple[str, str]) -> None:
    """A group without a line of members, or whose members are no numbers, is not read as an empty one."""
    with pytest.raises(ListingError):
        listings.groups(samples.GROUPS.replace(*damage))


def test_a_group_whose_name_is_a_number_is_snapshotted_as_a_group() -> None:
    """The command names the group and says that it is one; LUN 42 is not meant."""
    words = GroupCommands().create_group_snapshot("42", "frozen", "a mark")
    assert words[:6] == ("snap", "-create", "-res", "42", "-resType", "CG")
    assert words[6:] == (
        "-name", "frozen", "-allowAutoDelete", "no", "-allowReadWrite", "no", "-descr", "a mark"
    )  # fmt: skip
