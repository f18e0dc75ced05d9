"""The request for clones of all volumes of a group's snapshot: one job for each, of the same kind."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BeforeValidator
from pydantic import model_validator as check_whole

from vnx_jobs.model.array import Tiering
from vnx_jobs.model.names import name_problem
from vnx_jobs.model.things import thing

from .copies import NO_SNAP_COPY
from .fields import Name, SnapshotName
from .rates import Rated

PLACEHOLDER: Final = "{member}"


def _checked_names(names: object) -> object:
    """Read a template, or the clones' names by the volumes', as one text too: `gold=gold-2,iron=iron-2`."""
    if isinstance(names, str) and "=" not in names:
        if PLACEHOLDER not in names:
            raise ValueError(f"must hold {PLACEHOLDER}, or be VOLUME=CLONE pairs with commas between")
        _check(names.replace(PLACEHOLDER, "x"))
        return names
    named = _pairs(names) if isinstance(names, str) else names
    if not isinstance(named, Mapping) or not all(isinstance(one, str) for pair in named.items() for one in pair):
        raise ValueError(f"must be a text that holds {PLACEHOLDER}, or a name for each volume")
    if len(set(named.values())) < len(named):
        raise ValueError("give each clone a name of its own")
    for name in named.values():
        _check(name)
    return named


def _pairs(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",")]
    named = {member.strip(): clone.strip() for member, _, clone in pairs}
    if len(named) < len(pairs):
        raise ValueError("name each volume once")
    return named


def _check(name: str) -> None:
    if problem := name_problem(name):
        raise ValueError(f"{name!r} {problem}")


CloneNames: TypeAlias = Annotated[Mapping[str, str] | str, BeforeValidator(_checked_names)]
"""What clones are to be called: a template that holds `{member}`, or a name for each volume."""


class CloneGroup(Rated):
    """Make full clones of all volumes of a consistency group, from a snapshot of the group."""

    operation: Literal["clone-group"] = "clone-group"
    snapshot: SnapshotName
    names: CloneNames
    pool: Name | None = None
    """Where the clones go; each into its source's pool if not given."""
    provisioning: Literal["thick", "thin", "deduplicated"] | None = None
    """Each as its source if not given."""
    tiering: Tiering | None = None
    """Each as its source if not given."""
    on_limit: Literal["refuse", "wait"] = "wait"
    """What to do while a volume is at the array's limits; the clones of one request take slots of each other's."""

    @check_whole(mode="before")
    @classmethod
    def _no_snap_copies(cls, fields: Any) -> Any:  # noqa: ANN401 -- whatever was given
        if isinstance(fields, dict) and "snapcopy" in fields:
            raise ValueError(NO_SNAP_COPY)
        return fields

    @property
    def needs(self) -> tuple[str, ...]:
        """The snapshot."""
        return (thing("snapshot", self.snapshot),)

    @property
    def into(self) -> str | None:
        """The pool of the clones."""
        return self.pool

    def clones(self, members: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return the fields of a clone's request for each volume of the snapshot, by the volume's name.

        Raises ValueError if the names given are not those of the snapshot's volumes.
        """
        volumes = tuple(members)
        names = self._named(volumes)
        given = self.model_dump(exclude={"operation", "names"}, exclude_none=True)
        return {one: {**given, "operation": "clone", "name": names[one], "member": one} for one in volumes}

    def _named(self, volumes: tuple[str, ...]) -> Mapping[str, str]:
        if isinstance(self.names, str):
            return {one: self.names.replace(PLACEHOLDER, one) for one in volumes}
        if missing := [one for one in volumes if one not in self.names]:
            raise ValueError(f"names gives no name for the clone of {', '.join(missing)}")
        if strange := [one for one in self.names if one not in volumes]:
            raise ValueError(f"snapshot {self.snapshot} is not of {', '.join(strange)}, but of {', '.join(volumes)}")
        return self.names
