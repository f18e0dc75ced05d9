"""A view: what is known of some names of one array at one moment. Planning looks at nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .array import Lun, Snapshot


@dataclass(frozen=True, slots=True)
class View:
    """What is known of some names, and of the primary LUNs that they hang on.

    Asked for a name that was not looked up it raises KeyError: that nothing is known is no answer to another question.
    """

    names: frozenset[str]
    volumes: Mapping[str, Lun]
    """The volumes of these names, and the primaries of those that are mount points."""
    snapshots: Mapping[str, Snapshot]
    primaries: Mapping[int, Lun]
    """The primaries of these snapshots, by number."""
    makers: Mapping[str, str]
    """`volume:NAME` and `snapshot:NAME` -> the unfinished job that is to make it."""
    pools: frozenset[str]
    """Every pool that the last list showed; empty if none was read yet."""

    def volume(self, name: str) -> Lun | None:
        """Find a volume by name."""
        return self.volumes.get(self._looked_up(name))

    def snapshot(self, name: str) -> Snapshot | None:
        """Find a snapshot by name."""
        return self.snapshots.get(self._looked_up(name))

    def maker(self, thing: str) -> str | None:
        """Return the unfinished job that is to make `volume:NAME` or `snapshot:NAME`."""
        self._looked_up(thing.partition(":")[2])
        return self.makers.get(thing)

    def with_makers(self, makers: Mapping[str, str]) -> "View":
        """Return the view with jobs that are to make more objects; who was to make one before stays its maker."""
        return replace(self, makers={**makers, **self.makers})

    def _looked_up(self, name: str) -> str:
        if name not in self.names:
            raise KeyError(f"{name} was not looked up")
        return name
