"""How near to its limits an array is: sessions that jobs hold, and sources with few places left."""

from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.reads import Load


def test_a_source_with_few_places_left_is_shown(installation: Installation) -> None:
    """A source is near its limits from nine of ten snapshots on, and no sooner."""
    admin = MemoryArray(installation.vnx)
    for number in range(230):
        admin.create_snapshot(1, f"theirs-{number}", writable=False)
    installation.read_array()
    assert installation.reads.load(ARRAY) == Load(0, 8, ())
    admin.create_snapshot(1, "one-more", writable=False)
    installation.read_array()
    assert installation.reads.load(ARRAY) == Load(0, 8, (("gold", 0, 231),))


def test_a_copy_under_way_holds_a_session(installation: Installation) -> None:
    """While a clone is copied its session counts, and no longer when it has ended."""
    installation.vnx.seconds_per_gb = 1.0
    job = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: "session-over" in installation.record(job).condition)
    assert installation.reads.load(ARRAY).sessions == 1
    installation.run(job)
    assert installation.reads.load(ARRAY).sessions == 0
