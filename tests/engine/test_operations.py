"""Every operation, undisturbed: what stands on the array afterwards, what is held, and what it cost."""

from dataclasses import replace

from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.model.errors import Verdict
from vnx_jobs.model.states import State


def commands(installation: Installation) -> list[str]:
    """Return the verbs of the commands since the last call."""
    seen = getattr(installation, "_seen", 0)
    audit = installation.vnx.audit
    installation._seen = len(audit)  # type: ignore[attr-defined]
    return [command.verb for command in audit[seen:]]


def test_create_volume(installation: Installation) -> None:
    """A new volume stands on the array with its size; it cost one command and one shared list."""
    commands(installation)
    record = installation.do("create-volume", name="new", size_gb=3, pool="pool")
    assert record.state is State.SUCCEEDED
    assert installation.array_shows() == {"gold": "2 GB full: ore", "new": "3 GB full: "}
    assert commands(installation) == ["create_lun", "luns"]
    assert installation.reads.volume("box", "new").metadata == {"snapcopy": "False"}


def test_snap_copy(installation: Installation) -> None:
    """A snap copy is a mount point with a hidden snapshot; it cost three commands and one shared list."""
    commands(installation)
    record = installation.do("snap-copy", name="copy", source="gold")
    assert record.state is State.SUCCEEDED
    assert installation.array_shows() == {
        "gold": "2 GB full: ore",
        "copy": "2 GB snap copy of gold: ore",
        "snapshot hidden of gold": "ore",
    }
    assert commands(installation) == ["create_snapshot", "create_mount_point", "attach_snapshot", "luns"]
    assert installation.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 1}
    assert installation.reads.volume("box", "copy").metadata == {"snapcopy": "True"}


def test_clone_with_snapcopy_true_is_a_snap_copy(installation: Installation) -> None:
    """`clone snapcopy=true` becomes the operation snap-copy, with the same metadata."""
    record = installation.do("clone", name="copy", source="gold", snapcopy="true")
    assert (record.state, record.operation) == (State.SUCCEEDED, "snap-copy")
    assert installation.reads.volume("box", "copy").metadata == {"snapcopy": "True"}


def test_full_clone(installation: Installation) -> None:
    """A full clone stands alone with its source's bytes; nothing temporary is left and no slot is kept."""
    commands(installation)
    record = installation.do("clone", name="twin", source="gold", pool="other")
    assert record.state is State.SUCCEEDED
    assert installation.array_shows() == {"gold": "2 GB full: ore", "twin": "2 GB full: ore"}
    changes = [verb for verb in commands(installation) if verb not in {"luns", "sessions"}]
    assert changes == [
        "create_snapshot",
        "create_mount_point",
        "attach_snapshot",
        "create_lun",
        "migrate",
        "destroy_snapshot",
    ]
    assert installation.slots("gold") == {"copies": 0, "mounts": 0, "snapshots": 0}
    assert installation.reads.volume("box", "twin").metadata == {"snapcopy": "False"}
    assert installation.held() == {"numbers:box": [str(record.numbers["volume"])]}


def test_snapshot_and_copies_of_it(installation: Installation) -> None:
    """Copies of a snapshot hold what it holds, whatever was written since; it is never attached itself."""
    assert installation.do("create-snapshot", name="monday", volume="gold").state is State.SUCCEEDED
    installation.vnx.write(1, "slag")
    commands(installation)
    assert installation.do("snap-copy", name="copy", snapshot="monday").state is State.SUCCEEDED
    verbs = ["copy_snapshot", "allow_writes", "create_mount_point", "attach_snapshot", "luns"]
    assert commands(installation) == verbs
    assert installation.do("clone", name="twin", snapshot="monday").state is State.SUCCEEDED
    assert installation.array_shows() == {
        "gold": "2 GB full: slag",
        "copy": "2 GB snap copy of gold: ore",
        "twin": "2 GB full: ore",
        "snapshot monday of gold": "ore",
        "snapshot hidden of gold": "ore",
    }
    assert installation.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 2}


def test_delete_snapshot(installation: Installation) -> None:
    """A deleted snapshot is gone, at one command and two shared lists, and its slot is free."""
    installation.do("create-snapshot", name="monday", volume="gold")
    commands(installation)
    assert installation.do("delete-snapshot", name="monday").state is State.SUCCEEDED
    assert commands(installation) == ["luns", "snapshots", "destroy_snapshot"]
    assert installation.array_shows() == {"gold": "2 GB full: ore"}
    assert installation.slots("gold") == {"copies": 0, "mounts": 0, "snapshots": 0}


def test_delete_snap_copy_takes_its_hidden_snapshot_with_it(installation: Installation) -> None:
    """Deleting a snap copy leaves its source alone on the array, at two commands and one shared list."""
    installation.do("snap-copy", name="copy", source="gold")
    commands(installation)
    assert installation.do("delete-volume", name="copy").state is State.SUCCEEDED
    assert commands(installation) == ["luns", "destroy_mount_point", "destroy_snapshot"]
    assert installation.array_shows() == {"gold": "2 GB full: ore"}
    assert installation.held() == {}


def test_delete_volume(installation: Installation) -> None:
    """A deleted volume is gone, at one command and one shared list, and its number is free again."""
    installation.do("create-volume", name="new", size_gb=1, pool="pool")
    commands(installation)
    assert installation.do("delete-volume", name="new").state is State.SUCCEEDED
    assert commands(installation) == ["luns", "destroy_lun"]
    assert installation.array_shows() == {"gold": "2 GB full: ore"}
    assert installation.held() == {}


def test_the_name_of_a_copy_that_failed_is_free_at_once(installation: Installation) -> None:
    """What was undone is known to be gone: its name is not refused until the next list."""
    installation.vnx.plan("migrate", refused(Verdict.REFUSED, "not today"))
    assert installation.do("clone", name="twin", source="gold").state is State.FAILED
    assert installation.inventory.readings(ARRAY).luns, "a list had shown its mount point"
    assert installation.do("clone", name="twin", source="gold").state is State.SUCCEEDED


def test_a_snap_copy_that_lost_its_snapshot_is_deleted(installation: Installation) -> None:
    """Somebody detaches and destroys the hidden snapshot: deleting the snap copy succeeds, and says what it found."""
    assert installation.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    (image,) = installation.vnx.world.images
    bare = {number: replace(one, attached=None) for number, one in installation.vnx.world.volumes.items()}
    installation.vnx.apply(lambda world, _: replace(world, images={}, volumes=bare))
    record = installation.do("delete-volume", name="copy")
    assert (record.state, record.error) == (State.SUCCEEDED, "")
    assert record.facts["found"] == f"its snapshot {image} was detached or destroyed by others"
    assert installation.array_shows() == {"gold": "2 GB full: ore"}
    installation.read_array()
    assert installation.held() == {}
