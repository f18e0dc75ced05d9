"""The rules of the in-memory array for snapshots that users name: their names, and how long they are kept."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from vnx_jobs.model.errors import Verdict
from vnx_jobs.model.keeping import Keeping

from .vnx_rules import create_snapshot, refuse
from .vnx_world import Image, World, mount_of

_HOUR: Final = 3600.0


def kept(world: World, now: float, name: str, keeping: Keeping) -> World:
    """Say how long a snapshot is kept: one that has an end is not deleted by the array before it."""
    expires = now + keeping.hours * _HOUR if keeping.hours else None
    image = replace(world.images[name], auto_delete=keeping.auto_delete and not keeping.hours, expires=expires)
    return _with(world, image)


def name_snapshot(world: World, snapshot: str, name: str, description: str) -> World:
    """Rename and describe a snapshot; the mount point that shows it shows it on."""
    image = world.images.get(snapshot)
    if image is None:
        refuse(Verdict.REFUSED, "Could not retrieve the specified (Snapshot). The (Snapshot) may not exist")
    if name != snapshot and name in world.images:
        refuse(Verdict.ALREADY, "The specified snapshot name is already in use.", "0x716d8005")
    mount = mount_of(world, snapshot)
    renamed = _with(_without(world, snapshot), replace(image, name=name, description=description))
    if mount is not None:
        shown = replace(renamed.volumes[mount], attached=name)
        renamed = replace(renamed, volumes=MappingProxyType({**renamed.volumes, mount: shown}))
    return renamed


def restore_snapshot(world: World, now: float, snapshot: str, number: int, backup: str) -> World:
    """Put a snapshot's content back onto a LUN, after its own was frozen under the backup's name."""
    image, volume = world.images.get(snapshot), world.volumes.get(number)
    if image is None:
        refuse(Verdict.REFUSED, "Cannot restore the snapshot. The specified snapshot does not exist.")
    if volume is None:
        refuse(Verdict.REFUSED, "Could not retrieve the specified (pool lun). The (pool lun) may not exist")
    if number not in image.contents:
        refuse(Verdict.REFUSED, "The snapshot belongs to another primary LUN", "0x716d8008")
    frozen = kept(create_snapshot(world, now, number, backup, writable=False), now, backup, Keeping(auto_delete=True))
    restored = replace(volume, content=image.contents[number])
    return replace(frozen, volumes=MappingProxyType({**frozen.volumes, number: restored}))


def expire(world: World, now: float) -> World:
    """Delete the snapshots whose time is over; an attached one stays until it was detached."""
    for image in tuple(world.images.values()):
        if image.expires is not None and now >= image.expires and mount_of(world, image.name) is None:
            world = _without(world, image.name)
    return world


def _with(world: World, image: Image) -> World:
    return replace(world, images=MappingProxyType({**world.images, image.name: image}))


def _without(world: World, name: str) -> World:
    images: Mapping[str, Image] = {other: image for other, image in world.images.items() if other != name}
    return replace(world, images=MappingProxyType(dict(images)))
