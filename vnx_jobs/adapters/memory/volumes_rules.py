"""The rules of the in-memory array for volumes that exist. They are those of a VNX as far as they are known."""

from dataclasses import replace
from types import MappingProxyType

from vnx_jobs.model.array import BLOCKS_PER_GB
from vnx_jobs.model.errors import Verdict
from vnx_jobs.model.specs import MAX_SIZE_GB

from .vnx_rules import refuse
from .vnx_world import Volume, World, available_gb, images_of, in_sessions, is_ready, mounts_of


def compress(world: World, now: float, number: int) -> World:
    """Turn a LUN's compression on."""
    volume = _ready(world, now, number)
    if volume.compressed:
        refuse(Verdict.ALREADY, "Compression on the specified LUN is already turned on.")
    snapped = volume.primary is not None or images_of(world, number) or mounts_of(world, number)
    if snapped or number in in_sessions(world):
        refuse(Verdict.REFUSED, "Compression cannot be turned on for the specified LUN.")
    return _with(world, replace(volume, compressed=True, thin=True))


def expand(world: World, now: float, number: int, size_gb: int) -> World:
    """Make a LUN larger; a thick one takes what is added from its pool, and may have no snapshots."""
    volume, blocks = _ready(world, now, number), size_gb * BLOCKS_PER_GB
    if volume.primary is not None:
        refuse(Verdict.REFUSED, "A snapshot mount point cannot be expanded.")
    if number in in_sessions(world):
        refuse(Verdict.REFUSED, "The LUN cannot be expanded because it is being migrated.")
    if blocks <= volume.blocks:
        refuse(Verdict.REFUSED, "Expansion LUN size must be greater than current LUN size.", "0x712d8e04")
    if blocks > MAX_SIZE_GB * BLOCKS_PER_GB:
        refuse(Verdict.REFUSED, "The new capacity specified is not supported for the expand operation.", "0x712d8e08")
    if not volume.thin:
        if images_of(world, number):
            refuse(Verdict.REFUSED, "The LUN cannot be expanded because it is not thin and has snapshots.")
        if (blocks - volume.blocks) / BLOCKS_PER_GB > available_gb(world, volume.pool):
            refuse(Verdict.REFUSED, "The Storage Pool does not have enough free capacity")
    return _with(world, replace(volume, blocks=blocks))


def rename(world: World, number: int, name: str) -> World:
    """Give a LUN another name."""
    volume = _there(world, number)
    if any(other.name == name for other in world.volumes.values() if other.number != number):
        refuse(Verdict.ALREADY, "Could not set properties:(Name).")
    return _with(world, replace(volume, name=name))


def _there(world: World, number: int) -> Volume:
    volume = world.volumes.get(number)
    if volume is None:
        refuse(Verdict.REFUSED, "Could not retrieve the specified (pool lun). The (pool lun) may not exist")
    return volume


def _ready(world: World, now: float, number: int) -> Volume:
    volume = _there(world, number)
    if not is_ready(volume, now):
        refuse(Verdict.BUSY, "The LUN is 'Preparing'", "0x712d8e0e")
    return volume


def _with(world: World, volume: Volume) -> World:
    return replace(world, volumes=MappingProxyType({**world.volumes, volume.number: volume}))
