"""Promoting a snap copy through a backup host: what stands then, what hosts must not see, and what goes wrong."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.backup_host import HOST
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.model.transfer import Ending, Failed, Transfer


@pytest.fixture
def site(installation: Installation) -> Installation:
    """Make a storage group for the backup host, and a snap copy of `gold`."""
    MemoryArray(installation.vnx).create_storage_group(HOST)
    assert installation.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    return installation


def promote(site: Installation, **fields: Any) -> Record:
    """Promote the snap copy through the backup host."""
    return site.do("promote-volume", **{"name": "copy", "host": HOST} | fields)


def number(site: Installation, name: str) -> int:
    """Return the number of a volume."""
    return next(one.number for one in site.vnx.world.volumes.values() if one.name == name)


def test_a_snap_copy_becomes_another_lun_with_its_name_and_bytes(site: Installation) -> None:
    """What bears the name is an ordinary LUN with the same bytes and another UID; mount point and snapshot are gone."""
    before = site.vnx.world.volumes[number(site, "copy")]
    site.vnx.write(before.number, "changed since")
    record = promote(site)
    assert (record.state, record.error) == (State.SUCCEEDED, "")
    after = site.vnx.world.volumes[number(site, "copy")]
    assert (after.primary, site.vnx.read(after.number)) == (None, "changed since")
    assert (after.uid != before.uid, after.number != before.number) == (True, True)
    assert [name for name in site.array_shows() if "of a job" in name or "hidden" in name] == []
    assert dict(site.vnx.world.storage_groups[HOST].luns) == {}
    assert site.do("delete-volume", name="gold").state is State.SUCCEEDED


def test_the_mark_goes_along(site: Installation) -> None:
    """A snap copy that is read-only is a full copy that is read-only, and the old UID's mark is forgotten."""
    assert site.do("set-readonly", name="copy", readonly=True).state is State.SUCCEEDED
    old = site.vnx.world.volumes[number(site, "copy")].uid
    assert promote(site).state is State.SUCCEEDED
    new = site.vnx.world.volumes[number(site, "copy")].uid
    marks = site.inventory.marks(ARRAY)
    assert (marks.get(old), marks.get(new)) == (None, "ro")


def test_what_hosts_see_is_refused(site: Installation) -> None:
    """A snap copy that a host sees is refused before anything is sent, and so is one whose snapshot is a stranger's."""
    MemoryArray(site.vnx).create_storage_group("web")
    assert site.do("attach-volume", volumes="copy", host="web").state is State.SUCCEEDED
    with pytest.raises(Refused) as refused:
        promote(site)
    assert refused.value.code is Code.IN_USE
    with pytest.raises(Refused, match="rate"):
        promote(site, rate="high")


def test_who_is_shown_the_volume_meanwhile_may_have_written(site: Installation) -> None:
    """A stranger's mapping that appears while the host copies fails the job, which leaves the snap copy as it was."""
    before = site.array_shows()

    def show(transfer: Transfer) -> Ending:
        MemoryArray(site.vnx).create_storage_group("theirs")
        MemoryArray(site.vnx).map_lun("theirs", 7, number(site, "copy"))
        return site.backup_host.do(transfer)

    site.backup_host.planned.append(show)
    record = promote(site)
    assert (record.state, record.code) == (State.FAILED, Code.IN_USE)
    assert {name: what for name, what in site.array_shows().items() if "theirs" not in name} == before


@pytest.mark.parametrize("times", [1, 5])
def test_a_copy_that_fails_leaves_the_snap_copy(site: Installation, times: int) -> None:
    """When the host cannot copy, nothing of the job stands, and the snap copy is as it was; trying again succeeds."""
    before = site.array_shows()
    fails: Callable[[Transfer], Ending | None] = lambda _: Failed("the device cannot be read", Code.DEVICE)  # noqa: E731
    dies: Callable[[Transfer], Ending | None] = lambda _: None  # noqa: E731 -- a copier that dies says nothing
    site.backup_host.planned += [fails] if times == 1 else [dies] * times
    record = promote(site)
    assert record.state is State.FAILED
    assert site.array_shows() == before
    assert promote(site).state is State.SUCCEEDED


def test_a_cancelled_one_leaves_the_snap_copy(site: Installation) -> None:
    """Cancelled while the host copies, the job takes the new LUN and both mappings back."""
    before = site.array_shows()

    def cancel(transfer: Transfer) -> Ending:
        site.bell.ring(site.store.order(transfer.job, Order.CANCEL, "ann").rings)
        return site.backup_host.do(transfer)

    site.backup_host.planned.append(cancel)
    assert promote(site).state is State.CANCELLED
    assert site.array_shows() == before
