"""What the fields of a spec may hold, and what every spec says of itself."""

from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.names import MAX_SNAPSHOT_NAME, name_problem

MAX_SIZE_GB: Final = 16384
"""Largest pool LUN of the smaller models, in gigabytes (recorded answer of `storagepool -feature -info`)."""


def _checked_name(name: str) -> str:
    if problem := name_problem(name):
        raise ValueError(problem)
    return name


def _checked_snapshot(name: str) -> str:
    if problem := name_problem(name, MAX_SNAPSHOT_NAME):
        raise ValueError(problem)
    return name


def _checked_size(size: object) -> object:
    if isinstance(size, str) and size.isascii() and size.removeprefix("-").isdigit():
        return int(size)
    if isinstance(size, bool) or not isinstance(size, int):
        raise ValueError("must be a whole number of gigabytes")  # noqa: TRY004 -- pydantic reports ValueError in place
    return size


def _checked_number(number: object) -> object:
    if isinstance(number, str) and number.isascii() and number.isdigit():
        return int(number)
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError("must be a LUN number")  # noqa: TRY004 -- pydantic reports ValueError in place
    return number


_FLAG: Final = {"True": True, "true": True, "False": False, "false": False}


def _checked_flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _FLAG:
        return _FLAG[value]
    raise ValueError("must be True, true, False or false")


Name: TypeAlias = Annotated[str, AfterValidator(_checked_name)]
SnapshotName: TypeAlias = Annotated[str, AfterValidator(_checked_snapshot)]
SizeGB: TypeAlias = Annotated[int, BeforeValidator(_checked_size), Field(ge=1, le=MAX_SIZE_GB)]
LunNumber: TypeAlias = Annotated[int, BeforeValidator(_checked_number), Field(ge=0, le=65535)]
Flag: TypeAlias = Annotated[bool, BeforeValidator(_checked_flag)]


MAX_MEMBERS: Final = 64
"""Volumes in a consistency group: EMC's figure."""
MAX_NAMED: Final = MAX_MEMBERS
"""Volumes of one request, which is done or undone whole."""


def divided(names: object) -> object:
    """Take one text with commas for a list."""
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else names


def different(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a name that stands there twice."""
    if len(set(names)) < len(names):
        raise ValueError("name each once")
    return names


VolumeNames: TypeAlias = Annotated[
    tuple[Name, ...],
    BeforeValidator(divided),
    AfterValidator(different),
    Field(min_length=1, max_length=MAX_NAMED),
]
"""Several volumes: a list, or one text with commas."""


class JobSpec(BaseModel):
    """What every spec has. What it says of itself is known without asking anybody."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=1024)

    array: str
    """The array's name in the settings."""

    @property
    def makes(self) -> tuple[str, ...]:
        """The objects that the job is to make, as `vnx_jobs.model.things` writes them."""
        return ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The objects that must exist for the job to be planned."""
        return ()

    @property
    def archives(self) -> tuple[str, ...]:
        """The backups that planning must know, by the names of their archives."""
        return ()

    @property
    def backups_of(self) -> str | None:
        """The volume all of whose backups planning must know, by its name at the newest one."""
        return None

    @property
    def into(self) -> str | None:
        """The pool that it names, if it names one."""
        return None

    @property
    def snapshot_of(self) -> str | None:
        """The volume that a snapshot is to be taken of, if it is one, and planning does not need all lists for it."""
        return None

    @property
    def lists(self) -> tuple[ListKind, ...]:
        """The whole lists of groups that planning needs."""
        return ()

    @property
    def table(self) -> str:
        """The operation that it runs as far as the spec alone can tell; planning may choose a closer one."""
        word: str = type(self).model_fields["operation"].default
        return word
