"""The specs of reconciling by jobs, and of cleaning up, which it asks for, an object a job."""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator
from pydantic import model_validator as check_whole

from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.names import name_problem, use_of
from vnx_jobs.model.things import thing

from .fields import JobSpec, Name

LeftKind: TypeAlias = Literal["snapshot", "mount-point", "lun", "session", "mapping"]
"""What jobs leave: the kinds of objects, migration sessions, and LUNs that a storage group shows."""


def _checked(name: str) -> str:
    if not use_of(name) and (problem := name_problem(name)):
        raise ValueError(problem)
    return name


LeftName: TypeAlias = Annotated[str, AfterValidator(_checked)]
"""A name that a user, or a job for its own use, may have given."""


class CleanUp(JobSpec):
    """Remove an object that was left by a job which is over. `vnx-jobs reconcile` asks for it."""

    operation: Literal["clean-up"] = "clean-up"
    name: LeftName
    """Name of the object; of a session, of the LUN that it writes onto; of a mapping, of the LUN that is shown."""
    kind: LeftKind = "snapshot"
    source: Name | None = None
    """Of a session: the volume that it copies."""
    storage_group: Name | None = None
    """Of a mapping: the storage group that shows it."""

    @check_whole(mode="after")
    def _each_kind_has_its_fields(self) -> "CleanUp":
        if (self.kind == "mapping") != (self.storage_group is not None):
            raise ValueError("give storage_group=NAME for a mapping, and for nothing else")
        if (self.kind == "session") != (self.source is not None):
            raise ValueError("give source=VOLUME for a session, and for nothing else")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The object; of a session both LUNs."""
        if self.kind == "snapshot":
            return (thing("snapshot", self.name),)
        source = () if self.source is None else (thing("volume", self.source),)
        return (thing("volume", self.name), *source)

    @property
    def lists(self) -> tuple[ListKind, ...]:
        """Of a mapping, the storage groups."""
        return ("storage-groups",) if self.kind == "mapping" else ()

    @property
    def table(self) -> str:
        """The table of the kind of object."""
        return "clean-up" if self.kind == "snapshot" else f"clean-up-{self.kind}"


class Reconcile(JobSpec):
    """Compare the array with what is on record of it, by lists that are read anew, and repair claims by them."""

    operation: Literal["reconcile"] = "reconcile"

    @property
    def name(self) -> str:
        """What it is about, for people: the array."""
        return self.array


SPECS: Final = (CleanUp, Reconcile)
