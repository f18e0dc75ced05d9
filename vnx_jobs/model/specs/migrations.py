"""Specs of migrations: a volume moves to another pool, kind or tier, and keeps its name, number, UID and content."""

from typing import Final, Literal, TypeAlias

from pydantic import model_validator as check_whole

from vnx_jobs.model.array import Provisioning, Tiering
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.things import thing

from .fields import Name
from .rates import Rated


class _Migration(Rated):
    name: Name
    pool: Name | None = None
    """Where the volume goes; it stays in its pool if not given."""
    provisioning: Provisioning | None = None
    """What it becomes; it stays what it is if not given, and a snap copy becomes what its source is."""
    tiering: Tiering | None = None
    """Where its blocks begin, and whether the array moves them; as before if not given."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.name),)

    @property
    def into(self) -> str | None:
        """The pool."""
        return self.pool


class MigrateVolume(_Migration):
    """Move a volume to another pool, and to another kind or tier; a snap copy becomes a full copy."""

    operation: Literal["migrate-volume"] = "migrate-volume"

    @check_whole(mode="after")
    def _something_changes(self) -> "MigrateVolume":
        if self.pool is None and self.provisioning is None and self.tiering is None:
            raise ValueError("give at least one of pool, provisioning and tiering")
        return self


class RetypeVolume(_Migration):
    """Change how a volume lies in its pool, and the pool too if one is given; a snap copy becomes a full copy."""

    operation: Literal["retype-volume"] = "retype-volume"

    @check_whole(mode="after")
    def _something_changes(self) -> "RetypeVolume":
        if self.provisioning is None and self.tiering is None:
            raise ValueError("give provisioning or tiering; migrate-volume changes the pool alone")
        return self

    @property
    def table(self) -> str:
        """A change of kind is a migration."""
        return "migrate-volume"


class PromoteVolume(_Migration):
    """Make a snap copy a full copy: it no longer needs its source."""

    operation: Literal["promote-volume"] = "promote-volume"
    host: Name | None = None
    """A backup host that copies it, by its name in the settings, instead of the array: no host may see the volume
    meanwhile, and UID and number change, so that it must be attached to hosts anew."""

    @check_whole(mode="after")
    def _one_copies(self) -> "PromoteVolume":
        if self.host is not None and self.rate is not None:
            raise ValueError("rate is how fast the array copies: leave it out if a host does")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume, which no host sees any more if a backup host copies it."""
        return super().needs if self.host is None else (*super().needs, thing("detached", self.name))

    @property
    def lists(self) -> tuple[ListKind, ...]:
        """The storage groups, for the backup host's."""
        return () if self.host is None else ("storage-groups",)

    @property
    def table(self) -> str:
        """A host copies otherwise than the array."""
        return "promote-volume" if self.host is None else "promote-through-host"


MigrationSpec: TypeAlias = MigrateVolume | RetypeVolume | PromoteVolume
SPECS: Final = (MigrateVolume, RetypeVolume, PromoteVolume)
