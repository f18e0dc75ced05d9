"""A job that waited for its claims begins by what holds then: what it named may have changed, or be another's."""

from tests.installation import ARRAY, Installation
from vnx_jobs.model.array import BLOCKS_PER_GB
from vnx_jobs.model.errors import Code
from vnx_jobs.model.states import State


def test_a_clone_is_as_large_as_its_source_is_when_it_begins(installation: Installation) -> None:
    """A clone that waited for the end of an extension copies all of the larger volume."""
    first = installation.submit("extend-volume", name="gold", size_gb=5).job
    clone = installation.submit("clone", name="twin", source="gold").job
    assert installation.record(clone).state is State.WAITING
    assert [one.state for one in installation.run(first, clone)] == [State.SUCCEEDED] * 2
    sizes = {volume.name: volume.blocks // BLOCKS_PER_GB for volume in installation.vnx.world.volumes.values()}
    assert sizes == {"gold": 5, "twin": 5}


def test_a_number_that_was_given_to_another_volume_is_not_copied(installation: Installation) -> None:
    """A copy that waited behind the deletion of its source fails, though another LUN bears the source's number."""
    (volume,) = installation.vnx.world.volumes.values()
    gone = installation.submit("delete-volume", name="gold").job
    copy = installation.submit("snap-copy", name="copy", source="gold").job
    installation.until(lambda: installation.ended(gone))
    installation.make("other", content="brass")
    assert installation.vnx.world.volumes[volume.number].name == "other"
    (record,) = installation.run(copy)
    assert (record.state, record.code) == (State.FAILED, Code.NO_SUCH_VOLUME)
    assert installation.array_shows() == {"other": "2 GB full: brass"}
    assert installation.held() == {}


def test_a_snap_copy_that_became_a_full_copy_is_deleted_as_one(installation: Installation) -> None:
    """The deletion of a snap copy that waited for its promotion runs the table of a full volume, and leaves nothing."""
    assert installation.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    promotion = installation.submit("promote-volume", name="copy").job
    deletion = installation.submit("delete-volume", name="copy").job
    assert installation.record(deletion).operation == "delete-snap-copy"
    ended = installation.run(promotion, deletion)
    assert [(one.operation, one.state) for one in ended] == [
        ("promote-volume", State.SUCCEEDED),
        ("delete-volume", State.SUCCEEDED),
    ]
    assert installation.array_shows() == {"gold": "2 GB full: ore"}
    assert installation.held() == {}


def test_what_waited_for_a_rename_says_that_the_name_is_gone(installation: Installation) -> None:
    """A snapshot that waited for its volume to be renamed fails in one line, and nothing was sent for it."""
    renamed = installation.submit("rename-volume", name="gold", new_name="silver").job
    job = installation.submit("create-snapshot", name="monday", volume="gold").job
    ended = installation.run(renamed, job)
    assert [(one.state, one.code) for one in ended] == [
        (State.SUCCEEDED, ""),
        (State.FAILED, Code.NO_SUCH_VOLUME),
    ]
    assert ended[1].error == f"there is no volume gold on {ARRAY}"
    assert installation.array_shows() == {"silver": "2 GB full: ore"}
