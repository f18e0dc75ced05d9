"""The in-memory twin of the array port: what jobs see of a `MemoryVnx`."""

from vnx_jobs.model.array import BLOCKS_PER_GB, Layout, Lun, Pool, Session, Snapshot
from vnx_jobs.model.keeping import FOR_GOOD, Keeping

from . import snapshots_rules
from . import vnx_rules as rules
from . import vnx_world as shown
from .groups import MemoryGroups
from .mappings import MemoryMappings
from .snapshots import MemorySnapshots
from .vnx_world import Volume, World
from .volumes import MemoryVolumes


class MemoryArray(MemorySnapshots, MemoryGroups, MemoryVolumes, MemoryMappings):
    """The port onto a `MemoryVnx`. It keeps the contracts of `vnx_jobs.ports.Array`."""

    def luns(self) -> tuple[Lun, ...]:
        """List every pool LUN and mount point."""
        return self._read(
            "luns", (), lambda world, now: tuple(shown.as_lun(world, volume, now) for volume in world.volumes.values())
        )

    def lun(self, number: int) -> Lun | None:
        """Read one LUN."""

        def show(world: World, now: float) -> Lun | None:
            volume = world.volumes.get(number)
            return None if volume is None else shown.as_lun(world, volume, now)

        return self._read("lun", (number,), show)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """List every snapshot."""
        return self._read(
            "snapshots", (), lambda world, _: tuple(shown.as_snapshot(world, one) for one in world.images.values())
        )

    def snapshot(self, name: str) -> Snapshot | None:
        """Read one snapshot."""

        def show(world: World, _: float) -> Snapshot | None:
            image = world.images.get(name)
            return None if image is None else shown.as_snapshot(world, image)

        return self._read("snapshot", (name,), show)

    def sessions(self) -> tuple[Session, ...]:
        """List every migration session."""

        def show(world: World, now: float) -> tuple[Session, ...]:
            listed = (one for one in world.copies.values() if now >= one.began + self._vnx.unlisted)
            return tuple(shown.as_session(one, now) for one in listed)

        return self._read("sessions", (), show)

    def pools(self) -> tuple[Pool, ...]:
        """List every storage pool."""
        return self._read("pools", (), lambda world, _: tuple(shown.as_pool(world, name) for name in world.pools))

    def create_lun(self, number: int, name: str, size_gb: int, pool: str, layout: Layout) -> None:
        """Create a LUN."""

        def rule(world: World, now: float) -> World:
            ready_at = now + self._vnx.preparing
            lun = Volume(number, name, "", size_gb * BLOCKS_PER_GB, pool, layout.thin, ready_at=ready_at)
            return rules.create_lun(world, lun, layout)

        self._change("create_lun", (number, name, size_gb, pool, layout.provisioning), rule)

    def create_mount_point(self, number: int, name: str, primary: int) -> None:
        """Create a mount point."""
        self._change(
            "create_mount_point",
            (number, name, primary),
            lambda world, _: rules.create_mount_point(world, number, name, primary),
        )

    def destroy_lun(self, number: int) -> None:
        """Destroy a LUN."""
        self._change("destroy_lun", (number,), lambda world, _: rules.destroy(world, number, detach=False))

    def destroy_mount_point(self, number: int) -> None:
        """Destroy a mount point."""
        self._change("destroy_mount_point", (number,), lambda world, _: rules.destroy(world, number, detach=True))

    def create_snapshot(
        self, source: int, name: str, *, writable: bool, description: str = "", keeping: Keeping = FOR_GOOD
    ) -> None:
        """Snapshot a LUN."""

        def rule(world: World, now: float) -> World:
            taken = rules.describe(
                rules.create_snapshot(world, now, source, name, writable=writable), name, description
            )
            return snapshots_rules.kept(taken, now, name, keeping)

        self._change("create_snapshot", (source, name, writable), rule)

    def copy_snapshot(self, source: str, name: str) -> None:
        """Copy a snapshot."""
        self._change("copy_snapshot", (source, name), lambda world, now: rules.copy_snapshot(world, now, source, name))

    def allow_writes(self, snapshot: str) -> None:
        """Make a snapshot writable."""
        self._change("allow_writes", (snapshot,), lambda world, _: rules.allow_writes(world, snapshot))

    def destroy_snapshot(self, name: str) -> None:
        """Destroy a snapshot."""
        self._change("destroy_snapshot", (name,), lambda world, _: rules.destroy_snapshot(world, name))

    def attach_snapshot(self, mount_point: int, snapshot: str) -> None:
        """Attach a snapshot."""
        self._change(
            "attach_snapshot",
            (mount_point, snapshot),
            lambda world, _: rules.attach_snapshot(world, mount_point, snapshot),
        )

    def migrate(self, source: int, destination: int, rate: str) -> None:
        """Start a migration session; its time is that of the destination's size, whatever the rate."""

        def rule(world: World, now: float) -> World:
            target = world.volumes.get(destination)
            seconds = self._vnx.seconds_per_gb * target.blocks / BLOCKS_PER_GB if target else 0.0
            return rules.migrate(world, now, source, destination, seconds)

        self._change("migrate", (source, destination, rate), rule)

    def cancel_migration(self, source: int) -> None:
        """Cancel a session."""
        self._change("cancel_migration", (source,), lambda world, _: rules.cancel_migration(world, source))
