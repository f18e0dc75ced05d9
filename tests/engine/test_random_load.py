"""Jobs drawn at random over a few volumes, all at once: whoever waits for whom, every one of them ends."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.model.errors import Refused
from vnx_jobs.model.names import job_of
from vnx_jobs.model.states import State

VOLUMES: Final = 20
GROUPS: Final = 4
HOST: Final = "esx"
JOBS: Final = 150
IQN: Final = "iqn.1993-08.org.debian:01:abc"

Draw = Callable[[random.Random, int], dict[str, Any]]


def _volume(dice: random.Random) -> str:
    return f"volume-{dice.randrange(VOLUMES)}"


def _volumes(dice: random.Random) -> list[str]:
    return [f"volume-{number}" for number in dice.sample(range(VOLUMES), dice.choice((1, 1, 2)))]


def _group(dice: random.Random) -> str:
    return f"group-{dice.randrange(GROUPS)}"


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
    "retype-volume": lambda dice, _: {"name": _volume(dice), "provisioning": dice.choice(("thin", "thick"))},
    "restore-snapshot": lambda dice, _: {"name": f"image-{dice.randrange(JOBS)}", "volume": _volume(dice)},
    "attach-volume": lambda dice, _: {"volumes": _volumes(dice), "host": HOST, "mode": dice.choice(("ro", "rw"))},
    "detach-volume": lambda dice, _: {"volumes": _volumes(dice), "host": HOST},
    "create-group": lambda dice, _: {"name": _group(dice), "members": _volumes(dice)},
    "add-to-group": lambda dice, _: {"name": _group(dice), "members": _volumes(dice)},
    "remove-from-group": lambda dice, _: {"name": _group(dice), "members": _volumes(dice)},
    "create-group-snapshot": lambda dice, n: {"name": f"image-{n}", "group": _group(dice)},
    "delete-group-snapshot": lambda dice, _: {"name": f"image-{dice.randrange(JOBS)}"},
    "delete-group": lambda dice, _: {"name": _group(dice)},
}
"""What is drawn, by operation; whether it can be done is the product's to say."""


@pytest.fixture
def crowd(valkey_url: str, prefix: str, tmp_path: Path) -> Installation:
    """Make an installation with so many volumes."""
    made = Installation(valkey_url, prefix, tmp_path)
    for number in range(VOLUMES):
        made.make(f"volume-{number}", content=f"ore {number}")
    array = MemoryArray(made.vnx)
    array.create_storage_group(HOST)
    array.set_path(HOST, HOST, IQN, array.iscsi_portals()[0])
    made.read_array()
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
    slots = {f"{kind}:{ARRAY}:" for kind in ("copies", "mounts", "snapshots")}
    numbers = {f"numbers:{ARRAY}", f"hlus:{ARRAY}:{HOST}"}
    assert [key for key in crowd.held() if not key.startswith((*slots, *numbers))] == []
    seen = world.storage_groups[HOST].luns
    assert sorted(crowd.held().get(f"hlus:{ARRAY}:{HOST}", [])) == sorted(str(hlu) for hlu, _ in seen)
    shown = {world.volumes[number].uid: hlu for hlu, number in seen}
    assert {uid: [one.hlu for one in crowd.inventory.attachments(ARRAY, uid)] for uid in shown} == {
        uid: [hlu] for uid, hlu in shown.items()
    }
    for volume in world.volumes.values():
        if volume.primary is None:
            copies = sum(one.primary == volume.number for one in world.volumes.values())
            images = sum(volume.number in image.contents for image in world.images.values())
            assert crowd.slots(volume.name) == {"copies": copies, "mounts": copies, "snapshots": images}
