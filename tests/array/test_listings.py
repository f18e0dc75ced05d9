"""Listings become values of the model, or are not believed."""

import pytest

from tests.array import samples
from vnx_jobs.adapters.array import listings
from vnx_jobs.adapters.array.listings import UNKNOWN_LUN, ListingError
from vnx_jobs.model.array import Lun, Pool, Session, Snapshot


def test_a_lun_is_read() -> None:
    """Each field of a LUN comes from its own line; sizes are the array's blocks."""
    assert listings.luns(samples.LUN) == (
        Lun(
            number=41,
            name="volume one",
            uid="60:06:01:60:12:60:3D:00:95:63:38:87:9D:69:E5:11",
            blocks=6291456,
            pool="gold",
            thin=False,
            primary=None,
            attached=None,
            ready=True,
            state="Ready",
            sp="A",
        ),
    )


@pytest.mark.parametrize(
    ("lines", "provisioning", "tiering"),
    [
        ("Is Thin LUN:  No\nInitial Tier:  Optimize Pool", "thick", ""),
        ("Is Thin LUN:  Yes\nIs Compressed:  Yes\nDeduplication State:  Off", "compressed", ""),
        ("Is Thin LUN:  Yes\nIs Compressed:  No\nDeduplication State:  Enabled", "deduplicated", ""),
        ("Is Thin LUN:  Yes\nDeduplication State:  Idle (No Deduplicated LUNs)", "thin", ""),
        (
            "Is Thin LUN:  Yes\nTiering Policy:  Auto Tier\nInitial Tier:  Highest Available",
            "thin",
            "StartHighThenAuto",
        ),
        ("Is Thin LUN:  No\nTiering Policy:  Auto Tier\nInitial Tier:  Optimize Pool", "thick", "Auto"),
        ("Is Thin LUN:  No\nTiering Policy:  No Movement\nInitial Tier:  Lowest Available", "thick", "NoMovement"),
        (
            "Is Thin LUN:  No\nTiering Policy:  Lowest Available\nInitial Tier:  Lowest Available",
            "thick",
            "LowestAvailable",
        ),
        ("Is Thin LUN:  No\nTiering Policy:  Custom\nInitial Tier:  Custom", "thick", ""),
    ],
)
def test_a_lun_shows_how_it_lies(lines: str, provisioning: str, tiering: str) -> None:
    """Provisioning and tiering have the words in which they are asked for; arrays without a feature have no line."""
    (lun,) = listings.luns(samples.LUN.replace("Is Thin LUN:  No", lines))
    assert (lun.provisioning, lun.tiering) == (provisioning, tiering)


def test_a_mount_point_names_primary_and_snapshot() -> None:
    """In a list of two the mount point is told from its primary by what it names."""
    first, second = listings.luns(samples.LUN + "\n" + samples.MOUNT_POINT)
    assert (first.number, first.is_mount_point) == (41, False)
    assert (second.number, second.primary, second.attached) == (63950, "volume one", "moment")


@pytest.mark.parametrize(
    ("state", "operation", "ready", "words"),
    [
        ("Ready", "None", True, "Ready"),
        ("Faulted", "None", True, "Faulted"),
        ("Ready", "Preparing", False, "Ready, Preparing"),
        ("Initializing", "None", False, "Initializing"),
        ("Offline", "N/A", False, "Offline"),
    ],
)
def test_ready_means_serving_and_idle(state: str, operation: str, ready: bool, words: str) -> None:  # noqa: FBT001 -- a table
    """A LUN is ready when it serves I/O, also degraded, and no operation is under way."""
    text = samples.LUN.replace("Current State:  Ready", f"Current State:  {state}")
    (lun,) = listings.luns(text.replace("Current Operation:  None", f"Current Operation:  {operation}"))
    assert (lun.ready, lun.state) == (ready, words)


def test_a_snapshot_is_read() -> None:
    """Each field of a snapshot comes from its own line."""
    assert listings.snapshots(samples.SNAPSHOT) == (
        Snapshot(
            name="moment",
            source=41,
            primary=41,
            created="03/29/16 20:33:28",
            attached=63950,
            writable=True,
            modified=False,
            auto_delete=False,
        ),
    )


def test_a_snapshot_of_several_luns_is_one() -> None:
    """The snapshot of a consistency group stands once, with every LUN that it is of, and its group."""
    text = samples.SNAPSHOT.replace("LUN(s):  41", "LUN(s):  41, 43").replace("LUN(s):  63950", "LUN(s):")
    (shown,) = listings.snapshots(text.replace("Source CG:  N/A", "Source CG:  wide"))
    assert (shown.name, shown.images, shown.group, shown.attached) == ("moment", ((41, 41), (43, 43)), "wide", None)


def test_a_snapshot_without_a_lun_is_still_listed() -> None:
    """A stranger's snapshot that names no LUN does not spoil the list, and belongs to no LUN."""
    (shown,) = listings.snapshots(samples.SNAPSHOT.replace("LUN(s):  41", "LUN(s):  N/A"))
    assert (shown.source, shown.primary) == (UNKNOWN_LUN, UNKNOWN_LUN)


@pytest.mark.parametrize(
    ("remaining", "seconds"),
    [
        ("0 second(s)", 0),
        ("90 second(s)", 90),
        ("1 hour(s) 5 minute(s) 2 second(s)", 3902),
        ("2 days, 3 hours", 183600),
        ("N/A", None),
        ("", None),
        ("soon", None),
    ],
)
def test_a_session_is_read_whatever_its_time_looks_like(remaining: str, seconds: int | None) -> None:
    """A session shows LUN numbers, state and percentage; a time in words we do not know is no time."""
    text = samples.SESSION.replace("90 second(s)", remaining)
    assert listings.sessions(text) == (Session(63950, 50, "MIGRATING", 50, seconds),)


def test_a_stopped_session_has_failed() -> None:
    """A session that stopped is listed with the array's words, and has failed."""
    (session,) = listings.sessions(samples.SESSION.replace("MIGRATING", "STOPPED - Destination full"))
    assert (session.state, session.failed) == ("STOPPED - Destination full", True)


def test_a_pool_is_read() -> None:
    """Each field of a pool comes from its own line."""
    assert listings.pools(samples.POOL) == (Pool("gold", 3, 2146.434, 1995.64, "Ready"),)


def test_an_object_that_comes_or_goes_does_not_spoil_the_list() -> None:
    """A LUN whose size is not known yet is listed with none; the others are whole."""
    coming = samples.LUN.replace("6291456", "N/A").replace("Ready", "Initializing").replace("NUMBER 41", "NUMBER 42")
    first, second = listings.luns(samples.MOUNT_POINT + "\n" + coming)
    assert first.blocks == 6291456
    assert (second.number, second.blocks, second.ready) == (42, 0, False)


@pytest.mark.parametrize("missing", ["UID:", "Name:", "Current Operation:", "Is Thin LUN:", "User Capacity (Blocks):"])
def test_a_missing_line_means_that_the_answer_is_not_whole(missing: str) -> None:
    """A block that lacks a line is not believed, nor is the list around it."""
    lines = [line for line in samples.LUN.splitlines() if not line.startswith(missing)]
    with pytest.raises(ListingError):
        listings.luns("\n".join(lines) + "\n\n" + samples.MOUNT_POINT)


@pytest.mark.parametrize("damage", [("NUMBER 41", "NUMBER 4x"), ("  6291456", "  many")])
def test_damaged_numbers_are_not_believed(damage: tuple[str, str]) -> None:
    """A number that is none means that the answer is damaged."""
    with pytest.raises(ListingError):
        listings.luns(samples.LUN.replace(*damage))
