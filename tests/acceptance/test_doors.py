"""A large batch by each door, as processes: accepted whole, seen while it comes, in bounded memory."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from bench.doors import BATCH, Sent, sent
from bench.sender import DOORS
from bench.stage import Stage
from tests.api.crowd import Crowd, Ear

pytestmark = pytest.mark.real

ROWS: Final = 10_000
BY_CLIENT, STRAIGHT, *BY_POST = DOORS
CLIENT_MB: Final = 60.0
SERVICE_MB: Final = {BY_CLIENT: 60.0, STRAIGHT: 40.0, **dict.fromkeys(BY_POST, 100.0)}
"""What client and service may take for so many rows, beside what they take for one."""


def send(stage: Stage, door: str, count: int) -> Sent:
    """Send a batch while somebody listens to it and somebody to all; see that each row has its job, and was told of."""
    ears = [Ear("/v1/events"), Ear(f"/v1/batches/{BATCH}/events", "0-0")]

    @contextmanager
    def heard(url: str) -> Iterator[None]:
        with Crowd(url, ears) as crowd:
            yield
            crowd.until_all_heard(stage.house.events.last(), 60)

    taken = sent(stage, door, count, heard)
    jobs = {one.id: one.name for one in stage.house.store.find() if one.batch == BATCH}
    assert sorted(jobs.values()) == [f"copy-{number:05}" for number in range(count)]
    for ear in ears:
        assert sorted(job for _, job, word in ear.heard if word == "submitted") == sorted(jobs)
        assert ear.gaps == 0
    assert list(taken.counts) == sorted(taken.counts)
    return taken


def test_some_hundred_rows(tmp_path: Path) -> None:
    """A batch by one POST is accepted whole, and heard of whole, by who listens to it and by who listens to all."""
    with Stage(tmp_path) as stage:
        assert send(stage, BY_POST[0], 700).accepted == 700


@pytest.mark.full
@pytest.mark.parametrize("door", DOORS)
def test_ten_thousand_rows(door: str, tmp_path: Path) -> None:
    """Every row has its job, the batch is seen to grow meanwhile, and memory stays within its bounds."""
    with Stage(tmp_path) as stage:
        one, many = sent(stage, door, 1), send(stage, door, ROWS)
    assert many.accepted == ROWS
    between = [count for count in many.counts if 0 < count < ROWS]
    assert len(between) >= 3
    assert all(before < after for before, after in itertools.pairwise(between))
    assert many.client - one.client < CLIENT_MB
    assert many.service - one.service < SERVICE_MB[door]
