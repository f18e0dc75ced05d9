"""The rules of the in-memory array: each command as a function from one state to the next.

They are the rules of a VNX as far as vnx-jobs can meet them. A refusal bears the array's own words where a recorded
answer has them; nothing may depend on the others. Times are seconds of the clock that the twin was given.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NoReturn, TypeVar

from vnx_jobs.model.array import BLOCKS_PER_GB, Layout
from vnx_jobs.model.claim import MAX_MOUNTS, MAX_SNAPSHOTS
from vnx_jobs.model.errors import ArrayError, Verdict
from vnx_jobs.model.specs import MAX_SIZE_GB

from .vnx_world import (
    Copying,
    Image,
    Volume,
    World,
    available_gb,
    content,
    images_of,
    in_sessions,
    is_ready,
    mount_of,
    mounts_of,
    stamp,
)

K = TypeVar("K")
V = TypeVar("V")


def refuse(verdict: Verdict, text: str, code: str = "") -> NoReturn:
    """Refuse a command as the array does."""
    raise ArrayError(verdict, f"{text} ({code})" if code else text, code)


def create_lun(world: World, lun: Volume, layout: Layout) -> World:
    """Create a LUN, given without UID; a thick one takes its whole size from the pool."""
    lun = replace(
        lun,
        deduplicated=layout.provisioning == "deduplicated",
        tiering=layout.tiering or "",
        sp=layout.sp or "",
    )
    _free(world, lun.number, lun.name)
    if lun.pool not in world.pools:
        refuse(Verdict.REFUSED, "Could not retrieve the specified (Storagepool). The (Storagepool) may not exist")
    if not 0 < lun.blocks <= MAX_SIZE_GB * BLOCKS_PER_GB:
        refuse(Verdict.REFUSED, "The specified capacity is not supported")
    if not lun.thin and lun.blocks / BLOCKS_PER_GB > available_gb(world, lun.pool):
        refuse(Verdict.REFUSED, "The Storage Pool does not have enough free capacity")
    return _bind(world, lun)


def create_mount_point(world: World, number: int, name: str, primary: int) -> World:
    """Create a mount point: its own name, number and UID, its primary's size and pool."""
    root = world.volumes.get(primary)
    if root is None:
        refuse(Verdict.REFUSED, "Could not retrieve the specified (pool lun). The (pool lun) may not exist")
    if root.primary is not None:
        refuse(Verdict.REFUSED, "The primary LUN is a snapshot mount point")
    mount = Volume(number, name, "", root.blocks, root.pool, thin=True, primary=primary)
    _free(world, number, name)
    if len(mounts_of(world, primary)) >= MAX_MOUNTS:
        refuse(Verdict.REFUSED, "The primary LUN has the maximum number of snapshot mount points")
    return _bind(world, mount)


def destroy(world: World, number: int, *, detach: bool) -> World:
    """Destroy a LUN or mount point; `detach` lets a mount point go whose snapshot is attached."""
    volume = world.volumes.get(number)
    if volume is None:
        refuse(Verdict.ALREADY, "Could not retrieve the specified (pool lun). The (pool lun) may not exist")
    if number in in_sessions(world):
        refuse(Verdict.BUSY, "Cannot unbind LUN because it's being used by a feature of the Storage System")
    if mounts_of(world, number):
        refuse(Verdict.REFUSED, "The LUN cannot be destroyed because it has snapshot mount points", "0x716d801a")
    if images_of(world, number):
        refuse(Verdict.REFUSED, "The LUN cannot be destroyed because it still has snapshots")
    if any(number in group.members for group in world.groups.values()):
        refuse(Verdict.REFUSED, "The LUN cannot be destroyed: it is a member of a consistency group.", "0x716d8025")
    if any(number in group.maps for group in world.storage_groups.values()):
        refuse(Verdict.REFUSED, "Cannot unbind LUN because it's contained in a Storage Group.")
    if volume.attached and not detach:
        refuse(Verdict.REFUSED, "The snapshot mount point has a snapshot attached")
    return replace(world, volumes=_without(world.volumes, number))


def create_snapshot(world: World, now: float, source: int, name: str, *, writable: bool) -> World:
    """Snapshot a LUN, or what a mount point shows."""
    volume = world.volumes.get(source)
    if volume is None:
        refuse(Verdict.REFUSED, "Cannot create the snapshot. The specified resource does not exist.")
    if volume.primary is not None and volume.attached is None:
        refuse(Verdict.REFUSED, "Cannot create the snapshot. The snapshot mount point has no snapshot attached.")
    if source in in_sessions(world):
        refuse(Verdict.REFUSED, "Cannot create the snapshot. The LUN is being migrated.")
    if volume.compressed:
        refuse(Verdict.REFUSED, "Cannot create the snapshot. The LUN is compressed.")
    if not is_ready(volume, now):
        refuse(Verdict.BUSY, "The LUN is 'Preparing'", "0x712d8e0e")
    primary = source if volume.primary is None else volume.primary
    return add_image(
        world,
        Image(name, source, primary, stamp(now), content(world, source) or "", writable=writable, auto_delete=False),
    )


def describe(world: World, name: str, description: str) -> World:
    """Write a snapshot's description."""
    return replace(world, images=_with(world.images, name, replace(world.images[name], description=description)))


def copy_snapshot(world: World, now: float, source: str, name: str) -> World:
    """Copy a snapshot; the copy is read-only and deletable by the array, as a VNX makes it."""
    image = world.images.get(source)
    if image is None:
        refuse(Verdict.REFUSED, "Cannot copy the snapshot. The specified snapshot does not exist.")
    copied = replace(image, name=name, created=stamp(now), writable=False, modified=False, auto_delete=True)
    copied = replace(copied, expires=None)
    return describe(add_image(world, copied), name, "")


def allow_writes(world: World, snapshot: str) -> World:
    """Make a snapshot writable and safe from the array's own deleting."""
    image = world.images.get(snapshot)
    if image is None:
        refuse(Verdict.REFUSED, "Could not retrieve the specified (Snapshot). The (Snapshot) may not exist")
    return replace(
        world, images=_with(world.images, snapshot, replace(image, writable=True, auto_delete=False, expires=None))
    )


def destroy_snapshot(world: World, name: str) -> World:
    """Destroy a snapshot that is not attached."""
    if name not in world.images:
        refuse(Verdict.ALREADY, "Cannot destroy the snapshot. The specified snapshot does not exist.")
    if mount_of(world, name) is not None:
        refuse(Verdict.REFUSED, "The snapshot cannot be destroyed because it is attached", "0x716d8003")
    return replace(world, images=_without(world.images, name))


def attach_snapshot(world: World, mount_point: int, snapshot: str) -> World:
    """Attach a writable snapshot to a mount point of the same primary LUN."""
    mount = world.volumes.get(mount_point)
    image = world.images.get(snapshot)
    if mount is None:
        refuse(Verdict.REFUSED, "Could not retrieve the specified (pool lun). The (pool lun) may not exist")
    if mount.primary is None:
        refuse(Verdict.REFUSED, "Cannot attach the snapshot. Invalid LUN type.")
    if image is None:
        refuse(Verdict.REFUSED, "Cannot attach the snapshot. The specified snapshot does not exist.")
    if mount.primary not in image.contents:
        refuse(Verdict.REFUSED, "The snapshot belongs to another primary LUN", "0x716d8008")
    shown = {volume.primary for volume in world.volumes.values() if volume.attached == snapshot}
    if mount.primary in shown or mount.attached is not None:
        refuse(Verdict.ALREADY, "The snapshot is already attached", "0x716d8055")
    if not image.writable:
        refuse(Verdict.REFUSED, "Cannot attach the snapshot. It is read-only.")
    return replace(world, volumes=_with(world.volumes, mount_point, replace(mount, attached=snapshot)))


def migrate(world: World, now: float, source: int, destination: int, seconds: float) -> World:
    """Start to copy one LUN onto another; when `seconds` have passed the source has the destination's storage."""
    origin, target = world.volumes.get(source), world.volumes.get(destination)
    if origin is None:
        refuse(Verdict.REFUSED, "The specified source LUN does not exist")
    if target is None or source == destination or not _may_take(world, target, origin, now):
        refuse(Verdict.BUSY, "The destination LUN is not available for migration.")
    if not _may_leave(world, origin, now):
        refuse(Verdict.REFUSED, "The source LUN is not available for migration.")
    return replace(world, copies=_with(world.copies, source, Copying(source, destination, now, seconds)))


def cancel_migration(world: World, source: int) -> World:
    """Cancel a session; a finished one is not listed any more."""
    if source not in world.copies:
        refuse(Verdict.ALREADY, "The specified source LUN is not currently migrating.")
    return replace(world, copies=_without(world.copies, source))


def stop_session(world: World, source: int, state: str) -> World:
    """Let a session stop or fault, as the array does when something is wrong."""
    return replace(world, copies=_with(world.copies, source, replace(world.copies[source], trouble=state)))


def settled(world: World, now: float) -> World:
    """Finish every session whose time is over: the source keeps number, name and UID, the destination is gone."""
    for copying in tuple(world.copies.values()):
        if not copying.trouble and now >= copying.began + copying.seconds:
            world = _finished(world, copying)
    return world


def write(world: World, number: int, new_content: str) -> World:
    """Let a host write: what a mount point shows is written to the snapshot attached to it."""
    volume = world.volumes[number]
    if volume.primary is None:
        return replace(world, volumes=_with(world.volumes, number, replace(volume, content=new_content)))
    if volume.attached is None:
        raise ValueError(f"nothing is attached to mount point {number}: a host cannot write there")
    image = world.images[volume.attached].written(volume.primary, new_content)
    return replace(world, images=_with(world.images, image.name, image))


def _may_take(world: World, target: Volume, origin: Volume, now: float) -> bool:
    taken = mounts_of(world, target.number) or images_of(world, target.number) or target.number in in_sessions(world)
    return not taken and target.primary is None and target.blocks >= origin.blocks and is_ready(target, now)


def _may_leave(world: World, origin: Volume, now: float) -> bool:
    """Say whether a LUN can be migrated: what becomes of its own snapshots is not known, so it may have none."""
    others = (image for image in world.images.values() if image.name != origin.attached)
    snapped = any(origin.number in {image.source, *(one[0] for one in image.beside)} for image in others)
    busy = snapped or mounts_of(world, origin.number) or origin.number in in_sessions(world)
    shows = origin.primary is None or origin.attached is not None
    return not busy and shows and is_ready(origin, now)


def _free(world: World, number: int, name: str) -> None:
    if number in world.volumes:
        refuse(Verdict.ALREADY, "Physical unit already exists")
    if any(volume.name == name for volume in world.volumes.values()):
        refuse(Verdict.ALREADY, "Unable to create the LUN because the specified name is already in use.", "0x712d8d04")


def _bind(world: World, volume: Volume) -> World:
    serial = world.serial + 1
    uid = "60:06:01:60:" + ":".join(f"{serial:024X}"[at : at + 2] for at in range(0, 24, 2))
    bound = replace(volume, uid=uid, sp=volume.sp or "AB"[serial % 2])
    return replace(world, volumes=_with(world.volumes, volume.number, bound), serial=serial)


def add_image(world: World, image: Image) -> World:
    """Add a snapshot, of one LUN or of a group."""
    if image.name in world.images:
        refuse(Verdict.ALREADY, "The specified snapshot name is already in use.", "0x716d8005")
    if any(len(images_of(world, primary)) >= MAX_SNAPSHOTS for primary in image.contents):
        refuse(Verdict.REFUSED, "The primary LUN has the maximum number of snapshots")
    return replace(world, images=_with(world.images, image.name, image))


def _finished(world: World, copying: Copying) -> World:
    origin, target = world.volumes[copying.source], world.volumes[copying.destination]
    whole = replace(
        origin,
        blocks=target.blocks,
        pool=target.pool,
        thin=target.thin,
        deduplicated=target.deduplicated,
        compressed=target.compressed,
        tiering=target.tiering,
        content=content(world, copying.source) or "",
        primary=None,
        attached=None,
    )
    volumes = _with(_without(world.volumes, copying.destination), copying.source, whole)
    return replace(world, volumes=volumes, copies=_without(world.copies, copying.source))


def _with(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    return MappingProxyType({**mapping, key: value})


def _without(mapping: Mapping[K, V], key: K) -> Mapping[K, V]:
    return MappingProxyType({other: value for other, value in mapping.items() if other != key})
