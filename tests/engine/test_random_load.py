"""Jobs drawn at random over a few volumes, all at once: whoever waits for whom, every one of them ends."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.installation import ARRAY, Installation
from vnx_jobs.model.errors import Refused
from vnx_jobs.model.names import job_of
from vnx_jobs.model.states import State

VOLUMES: Final = 20
JOBS: Final = 150

Draw = Callable[[random.Random, int], dict[str, Any]]


def _volume(dice: random.Random) -> str:
    return f"volume-{dice.randrange(VOLUMES)}"


DRAWS: Final[Mapping[str, Draw]] = {
    "create-snapshot": lambda dice, n: {"name": f"image-{n}", "volume": _volume(dice)},
    "copy-snapshot": lambda dice, n: {"name": f"image-{n}", "snapshot": f"image-{dice.randrange(JOBS)}"},
    "delete-snapshot": lambda dice, _: {"name": f"image-{dice.randrange(JOBS)}"},
    "snap-copy": lambda dice, n: {"name": f"copy-{n}", "source": _volume(dice), "on_limit": "wait"},
    "clone": lambda dice, n: {"name": f"twin-{n}", "source": _volume(dice), "on_limit": "wait"},
    "extend-volume": lambda dice, _: {"name": _volume(dice), "size_gb": dice.randrange(2, 9)},
    "rename-volume": lambda dice, _: {"name": _volume(dice), "new_name": _volume(dice)},
    "set-readonly": lambda dice, _: {"name": _volume(dice), "readonly": dice.choice(("true", "false"))},
    "migrate-volume": lambda dice, _: {"name": _volume(dice), "pool": dice.choice(("pool", "other"))},
    "promote-volume": lambda dice, _: {"name": f"copy-{dice.randrange(JOBS)}"},
    "delete-volume": lambda dice, _: {"name": dice.choice((_volume(dice), f"copy-{dice.randrange(JOBS)}"))},
    "create-volume": lambda dice, _: {"name": _volume(dice), "size_gb": 1, "pool": "pool"},
}
"""What is drawn, by operation; whether it can be done is the product's to say."""


@pytest.fixture
def crowd(valkey_url: str, prefix: str, tmp_path: Path) -> Installation:
    """Make an installation with so many volumes."""
    made = Installation(valkey_url, prefix, tmp_path)
    for number in range(VOLUMES):
        made.make(f"volume-{number}", content=f"ore {number}")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_every_job_of_a_random_load_ends(crowd: Installation, seed: int) -> None:
    """150 jobs of every kind over 20 volumes all end, none stuck; nothing temporary and no claim is left behind."""
    dice, jobs, codes = random.Random(seed), [], Counter[str]()
    for number in range(JOBS):
        operation = dice.choice(list(DRAWS))
        try:
            jobs.append(crowd.submit(operation, **DRAWS[operation](dice, number)).job)
        except Refused as refused:
            codes[refused.code] += 1
    ended = crowd.run(*jobs, limit=90)
    crowd.read_array()
    assert {one.state for one in ended} <= {State.SUCCEEDED, State.FAILED, State.CANCELLED}
    succeeded = [one for one in ended if one.state is State.SUCCEEDED]
    assert len(succeeded) > len(ended) / 3, Counter(one.code for one in ended)
    world = crowd.vnx.world
    assert world.copies == {}
    assert [volume.name for volume in world.volumes.values() if job_of(volume.name, "t")] == []
    attached = {volume.attached for volume in world.volumes.values() if volume.attached}
    assert {name for name in world.images if job_of(name, "t")} <= attached
    slots = {f"{kind}:{ARRAY}:" for kind in ("copies", "mounts", "snapshots")} | {f"numbers:{ARRAY}"}
    assert [key for key in crowd.held() if not key.startswith(tuple(slots))] == []
    for volume in world.volumes.values():
        if volume.primary is None:
            copies = sum(one.primary == volume.number for one in world.volumes.values())
            images = sum(image.primary == volume.number for image in world.images.values())
            assert crowd.slots(volume.name) == {"copies": copies, "mounts": copies, "snapshots": images}
