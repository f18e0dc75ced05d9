"""What a preview says of slots, pools and time, beside what then happens; expected figures are written by hand."""

from collections.abc import Sequence
from typing import Any, Final

import pytest

from tests.installation import ARRAY, Installation
from vnx_jobs.model.array import BLOCKS_PER_GB
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.preview import Preview, Rehearsal, preview
from vnx_jobs.submission import Request

Asked = dict[str, Any]
COPY: Final[Asked] = {"operation": "snap-copy", "source": "gold"}
CLONE: Final[Asked] = {"operation": "clone", "source": "gold"}
IMAGE: Final[Asked] = {"operation": "create-snapshot", "volume": "gold"}
DELETE: Final[Asked] = {"operation": "delete-volume"}


def _requests(asked: Sequence[Asked]) -> list[Request]:
    made: list[Request] = []
    for one in asked:
        fields = {"array": ARRAY, **one}
        after = tuple(made[place].job for place in fields.pop("after", ()))
        made.append(Request(parse(fields), after=after, job=new_job_id()))
    return made


def _planned(installation: Installation, asked: Sequence[Asked]) -> Preview:
    rehearsal = Rehearsal(installation.submission)
    rehearsal.submit_many(_requests(asked))
    return preview(rehearsal)


PEAKS: Final[dict[str, tuple[list[Asked], tuple[int, int, int]]]] = {
    "a snap copy": ([COPY | {"name": "a"}], (2, 2, 3)),
    "a full clone": ([CLONE | {"name": "a"}], (0, 2, 3)),
    "a snapshot": ([IMAGE | {"name": "a"}], (0, 0, 3)),
    "beside each other": ([COPY | {"name": "a"}, CLONE | {"name": "b"}, CLONE | {"name": "c"}], (2, 4, 5)),
    "one clone after the other": ([CLONE | {"name": "a"}, CLONE | {"name": "b", "after": (0,)}], (0, 2, 3)),
    "a copy after a clone": ([CLONE | {"name": "a"}, COPY | {"name": "b", "after": (0,)}], (2, 2, 3)),
    "a clone after a copy": ([COPY | {"name": "a"}, CLONE | {"name": "b", "after": (0,)}], (2, 3, 4)),
    "a copy after a copy is gone": (
        [COPY | {"name": "a"}, DELETE | {"name": "a", "after": (0,)}, COPY | {"name": "b", "after": (1,)}],
        (2, 2, 3),
    ),
    "a copy after one that was there is gone": (
        [DELETE | {"name": "old"}, COPY | {"name": "b", "after": (0,)}],
        (1, 1, 2),
    ),
}
"""Requests beside one snap copy and one snapshot that are there; snap copies, mount points and snapshots at most."""


@pytest.mark.parametrize(("asked", "peak"), PEAKS.values(), ids=PEAKS.keys())
def test_the_most_slots_that_are_taken(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, asked: list[Asked], peak: tuple[int, int, int]
) -> None:
    """What a preview says is never too small; here it is what some moment of the run shows, at its most."""
    installation.do("snap-copy", name="old", source="gold")
    installation.do("create-snapshot", name="image", volume="gold")
    plan = _planned(installation, asked)
    told = {use.kind: use.peak for use in plan.slots}
    assert {use.kind: (use.source, use.limit) for use in plan.slots}.items() <= {
        "copies": ("gold", 255),
        "mounts": ("gold", 255),
        "snapshots": ("gold", 256),
    }.items()
    assert (told.get("copies", 0), told.get("mounts", 0), told["snapshots"]) == peak
    seen: dict[str, int] = {}
    moved = installation.clock.advance

    def watched(seconds: float) -> None:
        seen.update((kind, max(count, seen.get(kind, 0))) for kind, count in installation.slots("gold").items())
        moved(seconds)

    monkeypatch.setattr(installation.clock, "advance", watched)
    requests = _requests(asked)
    installation.submission.submit_many(requests)
    assert {one.state for one in installation.run(*(request.job for request in requests))} == {State.SUCCEEDED}
    assert told.items() <= {kind: seen[kind] for kind in told}.items()


def test_a_chain_beside_others_is_counted_whole(installation: Installation) -> None:
    """What runs one after the other is counted together beside a third: three clones, of which two could run."""
    asked = [CLONE | {"name": "a"}, CLONE | {"name": "b", "after": (0,)}, CLONE | {"name": "c"}]
    assert {use.kind: use.peak for use in _planned(installation, asked).slots} == {"mounts": 3, "snapshots": 3}


def test_slots_of_a_source_that_is_to_be_made(installation: Installation) -> None:
    """A batch that makes a volume and copies it is told what the copies will take of it."""
    asked: list[Asked] = [
        {"operation": "create-volume", "name": "base", "size_gb": 5, "pool": "pool"},
        *({"operation": "snap-copy", "name": f"copy-{number}", "source": "base"} for number in range(3)),
        {"operation": "clone", "name": "twin", "source": "base", "pool": "other", "provisioning": "thin"},
    ]
    plan = _planned(installation, asked)
    assert {(use.source, use.kind, use.now, use.peak) for use in plan.slots} == {
        ("base", "copies", 0, 3),
        ("base", "mounts", 0, 4),
        ("base", "snapshots", 0, 4),
    }
    assert {(use.pool, use.thick_gb, use.thin_gb) for use in plan.pools} == {("pool", 5, 0), ("other", 0, 5)}
    assert [job.entry.record.admitted for job in plan.jobs] == [True, False, False, False, False]


def test_what_new_volumes_take_of_their_pools(installation: Installation) -> None:
    """Thick volumes are compared with the pool's free space, thin ones added to what is promised of it."""
    make: Asked = {"operation": "create-volume"}
    plan = _planned(
        installation,
        [
            make | {"name": "a", "size_gb": 700, "pool": "other"},
            make | {"name": "b", "size_gb": 301, "pool": "other"},
            make | {"name": "c", "size_gb": 400, "pool": "other", "provisioning": "thin"},
            make | {"name": "d", "size_gb": 9000, "pool": "pool"},
        ],
    )
    other, pool = plan.pools
    assert (other.pool, other.thick_gb, other.thin_gb, other.free_gb, other.capacity_gb) == (
        "other",
        1001,
        400,
        1000,
        1000,
    )
    assert (other.fits, other.subscribed_gb) == (False, 0)
    assert (pool.thick_gb, pool.fits, pool.subscribed_gb) == (9000, True, 2)
    before = installation.vnx.world
    jobs = [
        installation.submit(**request.spec.model_dump(exclude={"array"})).job
        for request in _requests(
            [
                make | {"name": "a", "size_gb": 700, "pool": "other"},
                make | {"name": "b", "size_gb": 301, "pool": "other"},
            ]
        )
    ]
    assert [one.state for one in installation.run(*jobs)] == [State.SUCCEEDED, State.FAILED]
    made = [volume.blocks // BLOCKS_PER_GB for volume in installation.vnx.world.volumes.values()]
    assert sorted(made) == sorted([volume.blocks // BLOCKS_PER_GB for volume in before.volumes.values()] + [700])


def test_what_a_volume_takes_that_grows_or_moves(installation: Installation) -> None:
    """A volume that grows takes the difference of its own pool, one that moves its whole size of the other."""
    installation.make("big", size_gb=7)
    plan = _planned(
        installation,
        [
            {"operation": "extend-volume", "name": "gold", "size_gb": 5},
            {"operation": "migrate-volume", "name": "big", "pool": "other", "provisioning": "thick"},
        ],
    )
    assert {(use.pool, use.thick_gb, use.thin_gb) for use in plan.pools} == {("pool", 0, 3), ("other", 7, 0)}


def test_the_time_of_copies_by_the_published_rate(installation: Installation) -> None:
    """While nothing was measured, copies take their size by the rate, so many at a time as there are migrations."""
    installation.make("big", size_gb=44)
    asked = [CLONE | {"name": f"twin-{number}", "source": "big"} for number in range(10)]
    (told,) = _planned(installation, asked).durations
    one = 44 * 1024 / 44 / installation.box.speed
    assert (told.operation, told.jobs) == ("clone", 10)
    assert told.seconds == pytest.approx(one)
    assert told.all_seconds == pytest.approx(one * 10 / 8)
    assert told.basis == "published rate of a copy (high 44 MB/s); a busy array is slower"


def test_a_measured_time_goes_before_a_published_one(installation: Installation) -> None:
    """After three clones the preview says what they did; after two it does not yet."""
    for number in range(3):
        assert "published" in _planned(installation, [CLONE | {"name": "next"}]).durations[0].basis
        installation.do("clone", name=f"twin-{number}", source="gold")
    past = installation.store.find(states=[State.SUCCEEDED])
    rates = sorted(2 * 1024 / ((one.ended - one.created) / 1000) for one in past)
    (told,) = _planned(installation, [CLONE | {"name": "next"}]).durations
    assert told.seconds == pytest.approx(2 * 1024 / rates[1])
    assert told.basis.startswith("measured: 3 such jobs did ")


def test_a_time_that_nobody_knows_is_called_unknown(installation: Installation) -> None:
    """Of what does not copy, and was never measured, no time is told; then the median of what was."""
    assert _planned(installation, [COPY | {"name": "next"}]).durations[0].seconds is None
    for number in range(3):
        installation.do("snap-copy", name=f"copy-{number}", source="gold")
    took = sorted((one.ended - one.created) / 1000 for one in installation.store.find(states=[State.SUCCEEDED]))
    assert _planned(installation, [COPY | {"name": "next"}]).durations[0].seconds == pytest.approx(took[1])


@pytest.mark.slow
def test_a_long_row_of_jobs_is_planned_in_bounds(installation: Installation) -> None:
    """Of 450 clones one after the other each knows those just before it: the places told are no fewer than it takes."""
    asked = [CLONE | {"name": f"c-{n}"} | ({"after": (n - 1,)} if n else {}) for n in range(450)]
    rehearsal = Rehearsal(installation.submission)
    rehearsal.submit_many(_requests(asked))
    known = [len(one.before) for one in rehearsal.jobs.values()]
    assert (min(known[1:]), max(known)) == (1, 200)
    told = {use.kind: use.peak for use in preview(rehearsal).slots}
    assert 1 <= told["mounts"] <= 450
