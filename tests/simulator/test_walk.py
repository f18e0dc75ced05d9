"""A long random walk of valid and invalid commands against a small model."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulator.arrays import Sim, make
from tests.simulator.vendor import rows

STEPS = 400
PIECE = 8192
LUNS = range(1, 7)
MOUNTS = range(50, 56)
NAMES = [f"s{number}" for number in range(8)]


class Model:
    """What the array must hold: bytes by LUN and by snapshot, and which mount point shows which snapshot."""

    def __init__(self) -> None:
        self.luns: dict[int, dict[int, bytes]] = {}
        self.mounts: dict[int, tuple[int, str | None]] = {}
        self.snapshots: dict[str, tuple[int, dict[int, bytes]]] = {}

    def create(self, lun: int) -> bool:
        """Take a number that is free."""
        if lun in self.luns:
            return False
        self.luns[lun] = {}
        return True

    def destroy(self, lun: int) -> bool:
        """Destroy a LUN on which no snapshot and no mount point hangs."""
        busy = any(primary == lun for primary, _ in (*self.mounts.values(), *self.snapshots.values()))
        if lun not in self.luns or busy:
            return False
        del self.luns[lun]
        return True

    def snapshot(self, lun: int, name: str) -> bool:
        """Freeze a LUN's bytes, or a snap copy's."""
        if name in self.snapshots:
            return False
        if lun in self.luns:
            self.snapshots[name] = (lun, dict(self.luns[lun]))
            return True
        primary, shown = self.mounts.get(lun, (0, None))
        if shown is None:
            return False
        self.snapshots[name] = (primary, dict(self.snapshots[shown][1]))
        return True

    def copy(self, source: str, name: str) -> bool:
        """Hold what a snapshot holds under another name."""
        if source not in self.snapshots or name in self.snapshots:
            return False
        primary, held = self.snapshots[source]
        self.snapshots[name] = (primary, dict(held))
        return True

    def remove(self, name: str) -> bool:
        """Destroy a snapshot that is not attached."""
        if name not in self.snapshots or any(shown == name for _, shown in self.mounts.values()):
            return False
        del self.snapshots[name]
        return True

    def mount(self, primary: int, mount: int) -> bool:
        """Make a mount point of a primary, with a free number."""
        if primary not in self.luns or mount in self.mounts:
            return False
        self.mounts[mount] = (primary, None)
        return True

    def unmount(self, mount: int) -> bool:
        """Destroy a mount point, whatever it shows."""
        return self.mounts.pop(mount, None) is not None

    def attach(self, mount: int, name: str) -> bool:
        """One snapshot at one mount point of the same primary."""
        primary, shown = self.mounts.get(mount, (0, None))
        free = shown is None and all(other != name for _, other in self.mounts.values())
        if not free or name not in self.snapshots or self.snapshots[name][0] != primary:
            return False
        self.mounts[mount] = (primary, name)
        return True

    def detach(self, mount: int) -> bool:
        """Something must be attached."""
        primary, shown = self.mounts.get(mount, (0, None))
        if shown is None:
            return False
        self.mounts[mount] = (primary, None)
        return True

    def restore(self, name: str, lun: int) -> bool:
        """Give a LUN the bytes of one of its own snapshots back."""
        if name not in self.snapshots or lun not in self.luns or self.snapshots[name][0] != lun:
            return False
        self.luns[lun] = dict(self.snapshots[name][1])
        return True

    def held(self, lun: int) -> dict[int, bytes] | None:
        """Return the bytes that a host sees, None where it sees nothing."""
        if lun in self.luns:
            return self.luns[lun]
        _, shown = self.mounts.get(lun, (0, None))
        return None if shown is None else self.snapshots[shown][1]


def a_step(model: Model, dice: random.Random) -> tuple[str, Callable[[], bool]]:
    """Choose a command and what the model makes of it."""
    lun, mount, name, other = dice.choice(LUNS), dice.choice(MOUNTS), dice.choice(NAMES), dice.choice(NAMES)
    anything = dice.choice([lun, mount])
    steps: list[tuple[str, Callable[[], bool]]] = [
        (f"lun -create -type Thin -capacity 1 -sq gb -poolId 0 -l {lun} -name v{lun}", lambda: model.create(lun)),
        (f"lun -destroy -l {lun} -o", lambda: model.destroy(lun)),
        (f"snap -create -res {anything} -name {name}", lambda: model.snapshot(anything, name)),
        (f"snap -create -res {lun} -name {name}", lambda: model.snapshot(lun, name)),
        (f"snap -copy -id {other} -name {name}", lambda: model.copy(other, name)),
        (f"snap -destroy -id {name} -o", lambda: model.remove(name)),
        (f"lun -create -type snap -primaryLun {lun} -l {mount} -name m{mount}", lambda: model.mount(lun, mount)),
        (f"lun -destroy -l {mount} -o", lambda: model.unmount(mount)),
        (f"lun -attach -l {mount} -snapName {name}", lambda: model.attach(mount, name)),
        (f"lun -attach -l {mount} -snapName {other}", lambda: model.attach(mount, other)),
        (f"lun -detach -l {mount} -o", lambda: model.detach(mount)),
        (f"snap -restore -id {name} -res {lun}", lambda: model.restore(name, lun)),
    ]
    return dice.choice(steps)


def write_somewhere(sim: Sim, model: Model, dice: random.Random) -> None:
    """Let a host write a piece to whatever it can see."""
    lun = dice.choice([*LUNS, *MOUNTS])
    held = model.held(lun)
    if held is not None:
        place, data = dice.randrange(6), dice.randbytes(PIECE)
        sim.write(lun, place * PIECE + 100, data)
        held[place] = data


def check(sim: Sim, model: Model) -> None:
    """Compare what every host sees with the model, and the listings' rows with its names."""
    for lun in (*LUNS, *MOUNTS):
        held = model.held(lun)
        if held is not None:
            whole = bytearray(7 * PIECE)
            for place, data in sorted(held.items(), key=lambda piece: piece[0]):
                whole[place * PIECE + 100 : place * PIECE + 100 + PIECE] = data
            assert sim.read(lun, 0, len(whole)) == bytes(whole)
    listed = rows("VNXLun", sim.ok("lun -list -all"))
    assert {row.lun_id for row in listed} == {*model.luns, *model.mounts}
    frozen = rows("VNXSnap", sim.ok("snap -list -detail"))
    assert {row.name for row in frozen} == set(model.snapshots)


def clear_away(sim: Sim, model: Model) -> None:
    """Delete everything; nothing may be left of it."""
    for mount in model.mounts:
        sim.ok(f"lun -destroy -l {mount} -o")
    for name in model.snapshots:
        sim.ok(f"snap -destroy -id {name} -o")
    for lun in model.luns:
        sim.ok(f"lun -destroy -l {lun} -o")
    left = [path.name for part in ("content", "devices") for path in (sim.folder / part).iterdir()]
    assert left == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_random_walk_ends_where_the_model_does(tmp_path: Path, seed: int) -> None:
    """Every step succeeds or is refused as the model says, all bytes agree, and deletions leave no file."""
    sim, model, dice = make(tmp_path / "array"), Model(), random.Random(seed)
    for step in range(STEPS):
        said, expected = a_step(model, dice)
        answer = sim.run(said)
        assert (answer.status == 0) == expected(), f"{said}: {answer.text}"
        write_somewhere(sim, model, dice)
        if step % 40 == 0:
            check(sim, model)
    check(sim, model)
    clear_away(sim, model)
