"""What a copier does when one device is copied onto another: real programs, on the devices of a simulated array."""

from dataclasses import replace

import pytest

from tests.copier.conftest import MakeVault
from tests.copier.vault import MIB, SIZE, Vault, noise, until
from vnx_jobs.model.transfer import Direction, Failed, Transfer

pytestmark = pytest.mark.real


def across(vault: Vault, target: str = "copy", hlu: int = 2) -> Transfer:
    """Ask for a copy of `gold` onto another volume."""
    out = vault.out()
    onto = vault.connection(target, hlu, "rw")
    return replace(out, direction=Direction.ACROSS, repository="", onto=onto)


def test_all_bytes_are_on_the_other_device(vault: Vault) -> None:
    """The target holds what the source holds, which was not written; the digest is told, and nothing is left."""
    vault.volume("copy", 2)
    before = vault.sim.digest("gold")
    moved = vault.done(across(vault))
    assert (moved.size, moved.added) == (SIZE, 0)
    assert vault.sim.digest("copy") == vault.sim.digest("gold") == before
    assert vault.traces() == []


def test_a_target_that_is_another_volume_is_not_written(vault: Vault) -> None:
    """A device under the target's number that bears another WWN fails the copy, and keeps its bytes."""
    vault.volume("iron", 2, data=noise(seed=2))
    vault.volume("copy", 3)
    before = vault.sim.digest("iron")
    transfer = across(vault)
    onto = vault.connection("copy", 3, "rw")
    failed = vault.came_of(replace(transfer, onto=replace(onto, hlu=2)))
    assert isinstance(failed, Failed)
    assert failed.code == "device"
    assert vault.sim.digest("iron") == before


def test_a_copier_that_is_killed_begins_anew(make_vault: MakeVault) -> None:
    """After kill -9 in the middle nothing of it lives, and the next copier makes the target whole."""
    vault = make_vault(rate=2 * MIB)
    vault.volume("copy", 2)
    transfer = across(vault)
    with vault.process(transfer) as copier:
        running = vault.running(transfer, after=1)
        copier.kill()
        copier.wait()
    until(lambda: vault.is_gone(running))
    vault.world.advance(15)
    assert vault.copier(rate=None).copy(transfer.id)
    assert vault.sim.digest("copy") == vault.sim.digest("gold")
    assert vault.traces() == []
