"""What reconciling is tried on: an installation in this process, and the hands of another administrator."""

from dataclasses import dataclass, replace
from typing import Final

from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory import vnx_rules
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx_world import World
from vnx_jobs.model.array import BLOCKS_PER_GB, Layout
from vnx_jobs.ports import Accepted
from vnx_jobs.reconcile.finding import Finding
from vnx_jobs.reconcile.run import Comparison, Reconciler

LOST: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
"""A job that no record tells of; it was made in 2016."""
LEFT: Final = f"vjt-{LOST}-snap"
TARGET: Final = f"vjt-{LOST}-target"
GOLD: Final = 1
SPARE: Final = 2


@dataclass
class Ground:
    """An installation, and the other administrator."""

    installation: Installation
    reconciler: Reconciler
    admin: MemoryArray

    @classmethod
    def prepared(cls, installation: Installation) -> "Ground":
        """Put a source, a full copy, a snap copy and a snapshot on the array, and read everything."""
        installation.make("gold", content="ore")
        installation.make("spare", content="tin")
        assert installation.do("snap-copy", name="copy", source="gold").state == "SUCCEEDED"
        assert installation.do("create-snapshot", name="monday", volume="gold").state == "SUCCEEDED"
        installation.read_array()
        installation.clock.advance(5)
        admin = MemoryArray(installation.vnx)
        parts = installation.store, installation.inventory, installation.submission, installation.settings
        ground = cls(installation, Reconciler(*parts, lambda _: admin), admin)
        ground.apply()  # volumes of another administrator's are known from now on
        return ground

    def look(self) -> tuple[Finding, ...]:
        """Compare, a moment later."""
        self.installation.clock.advance(0.001)
        return self.reconciler.look(ARRAY).findings

    def apply(self) -> Comparison:
        """Compare, do what is safe, and run the jobs that clean up to their end."""
        self.installation.clock.advance(0.001)
        done = self.reconciler.apply(self.reconciler.look(ARRAY), "test")
        jobs = [answer.job for answer in done.jobs.values() if isinstance(answer, Accepted)]
        assert len(jobs) == len(done.jobs), done.jobs
        assert {record.state for record in self.installation.run(*jobs)} <= {"SUCCEEDED"}
        return done

    def lun(self, number: int, name: str, size_gb: int = 2) -> None:
        """Make a LUN."""
        self.admin.create_lun(number, name, size_gb, "pool", Layout("thin"))

    def snap_copy(self, number: int, name: str, snapshot: str, primary: int = GOLD) -> None:
        """Make a snap copy."""
        self.admin.create_snapshot(primary, snapshot, writable=True)
        self.admin.create_mount_point(number, name, primary)
        self.admin.attach_snapshot(number, snapshot)

    def change(self, number: int, **fields: object) -> None:
        """Change a LUN as no command of the port does."""

        def rule(world: World, _: float) -> World:
            volume = replace(world.volumes[number], **fields)  # type: ignore[arg-type]
            return replace(world, volumes={**world.volumes, number: volume})

        self.installation.vnx.apply(rule)

    def grow(self, number: int, size_gb: int) -> None:
        """Extend a LUN."""
        self.change(number, blocks=size_gb * BLOCKS_PER_GB)

    def copy_onto(self, source: int, target: int) -> None:
        """Start a migration that stops half way."""
        self.installation.vnx.apply(lambda world, now: vnx_rules.migrate(world, now, source, target, 1.0))
        self.installation.vnx.stop_session(source)

    def number_of(self, name: str) -> int:
        """Return the LUN number of a volume on the array."""
        return next(one.number for one in self.installation.vnx.world.volumes.values() if one.name == name)

    def hidden(self, name: str) -> str:
        """Return the snapshot attached to a snap copy."""
        attached = self.installation.vnx.world.volumes[self.number_of(name)].attached
        assert attached is not None
        return attached
