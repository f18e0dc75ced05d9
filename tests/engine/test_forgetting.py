"""When the state server has forgotten everything, the array is the witness."""

import pytest

from tests.installation import Installation
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.states import State


def forget(installation: Installation) -> None:
    """Lose every key."""
    client = installation.server.client
    for key in client.scan_iter(match=f"{installation.server.prefix}*"):
        client.delete(key)


def test_snapcopy_metadata_and_slots_come_back_from_the_array(installation: Installation) -> None:
    """A volume is a snap copy exactly when its LUN is a mount point; its slots and its number are taken again."""
    record = installation.do("snap-copy", name="copy", source="gold")
    installation.do("clone", name="twin", source="gold")
    forget(installation)
    installation.read_array()
    assert installation.reads.volume("box", "copy").metadata == {"snapcopy": "True"}
    assert installation.reads.volume("box", "twin").metadata == {"snapcopy": "False"}
    assert installation.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 1}
    assert str(record.numbers["volume"]) in installation.held()["numbers:box"]


def test_a_forgotten_snap_copy_is_deleted_whole(installation: Installation) -> None:
    """Deleting a snap copy whose record was lost takes its hidden snapshot with it and frees all its slots."""
    installation.do("snap-copy", name="copy", source="gold")
    forget(installation)
    installation.read_array()
    assert installation.do("delete-volume", name="copy").state is State.SUCCEEDED
    assert installation.array_shows() == {"gold": "2 GB full: ore"}
    assert installation.held() == {}


def test_mount_points_made_by_others_count(installation: Installation) -> None:
    """255 mount points that another administrator made leave no room: a snap copy is refused with the numbers."""
    array = installation.watch.port
    for number in range(10, 265):
        array.create_mount_point(number, f"m{number}", 1)
    installation.read_array()
    with pytest.raises(Refused) as caught:
        installation.submit("snap-copy", name="copy", source="gold")
    assert (caught.value.code, caught.value.details["used"]) == (Code.SLOTS_LIMIT, 255)
