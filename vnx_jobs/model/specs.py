"""Job specs: what a producer asks for. Every field is checked here, before anything is planned or stored."""

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic import model_validator as check_whole

from .errors import Code, Refused
from .names import MAX_SNAPSHOT_NAME, name_problem

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
    if isinstance(size, str) and size.isascii() and size.isdigit():
        return int(size)
    if isinstance(size, bool) or not isinstance(size, int):
        raise ValueError("must be a whole number of gigabytes")  # noqa: TRY004 -- pydantic reports ValueError in place
    return size


_SNAPCOPY: Final = {"True": True, "true": True, "False": False, "false": False}


def _checked_snapcopy(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _SNAPCOPY:
        return _SNAPCOPY[value]
    raise ValueError("must be True, true, False or false")


Name: TypeAlias = Annotated[str, AfterValidator(_checked_name)]
SnapshotName: TypeAlias = Annotated[str, AfterValidator(_checked_snapshot)]
SizeGB: TypeAlias = Annotated[int, BeforeValidator(_checked_size), Field(ge=1, le=MAX_SIZE_GB)]
SnapCopyFlag: TypeAlias = Annotated[bool, BeforeValidator(_checked_snapcopy)]
Provisioning: TypeAlias = Literal["thick", "thin"]


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=1024)

    array: str
    """The array's name in the settings."""


class CreateVolume(_Spec):
    """Create an empty volume in a pool."""

    operation: Literal["create-volume"] = "create-volume"
    name: Name
    size_gb: SizeGB
    pool: Name
    provisioning: Provisioning = "thick"


class CreateSnapshot(_Spec):
    """Take a snapshot of a volume."""

    operation: Literal["create-snapshot"] = "create-snapshot"
    name: SnapshotName
    volume: Name


class DeleteSnapshot(_Spec):
    """Delete a snapshot; refused by the array while it is attached to a mount point."""

    operation: Literal["delete-snapshot"] = "delete-snapshot"
    name: SnapshotName


class _Copy(_Spec):
    name: Name
    source: Name | None = None
    """The volume to copy; give this or `snapshot`."""
    snapshot: SnapshotName | None = None
    """The snapshot to copy; give this or `source`."""
    on_limit: Literal["refuse", "wait"] = "refuse"
    """What to do while the source is at the array's limits: refuse the job, or queue it."""

    @check_whole(mode="after")
    def _one_source(self) -> "_Copy":
        if (self.source is None) == (self.snapshot is None):
            raise ValueError("give either source=VOLUME or snapshot=SNAPSHOT, and not both")
        if self.source == self.name:
            raise ValueError("name and source are the same volume")
        return self


class SnapCopy(_Copy):
    """Make a snap copy: a volume that is a mount point with its own snapshot attached. Instant at any size."""

    operation: Literal["snap-copy"] = "snap-copy"


class Clone(_Copy):
    """Make a full clone, or with `snapcopy=true` a snap copy, of a volume or a snapshot."""

    operation: Literal["clone"] = "clone"
    snapcopy: SnapCopyFlag = False
    pool: Name | None = None
    """Where the full copy goes; the source's pool if not given."""
    provisioning: Provisioning | None = None
    """The source's if not given."""

    @check_whole(mode="after")
    def _snap_copies_live_with_their_source(self) -> "Clone":
        if self.snapcopy and (self.pool is not None or self.provisioning is not None):
            raise ValueError("a snap copy lives in its source's pool: leave out pool and provisioning")
        return self


class DeleteVolume(_Spec):
    """Delete a volume; a snap copy takes its hidden snapshot with it."""

    operation: Literal["delete-volume"] = "delete-volume"
    name: Name


Spec: TypeAlias = CreateVolume | CreateSnapshot | DeleteSnapshot | SnapCopy | Clone | DeleteVolume

OPERATIONS: Final[dict[str, type[Spec]]] = {
    spec.model_fields["operation"].default: spec
    for spec in (CreateVolume, CreateSnapshot, DeleteSnapshot, SnapCopy, Clone, DeleteVolume)
}
"""What can be asked for, by the word that asks for it."""

_ADAPTER: Final[TypeAdapter[Spec]] = TypeAdapter(Annotated[Spec, Field(discriminator="operation")])


def parse(fields: dict[str, Any]) -> Spec:
    """Check a request's fields and return its spec. Raises Refused(invalid) with one line that names every mistake."""
    word = fields.get("operation")
    if not (isinstance(word, str) and word in OPERATIONS):
        problem = "operation is missing" if word is None else f"unknown operation {word!r}"
        raise Refused(Code.INVALID, f"{problem}; there are {', '.join(sorted(OPERATIONS))}")
    try:
        return _ADAPTER.validate_python(fields)
    except ValidationError as error:
        raise Refused(Code.INVALID, f"{word}: {_one_line(error, OPERATIONS[word])}") from None


def _one_line(error: ValidationError, spec: type[Spec]) -> str:
    parts = []
    for problem in error.errors(include_url=False, include_context=False):
        place = next((str(part) for part in problem["loc"][1:2]), "")
        match problem["type"]:
            case "extra_forbidden":
                known = ", ".join(field for field in spec.model_fields if field != "operation")
                parts.append(f"there is no field {place!r} (there are {known})")
            case "missing":
                parts.append(f"{place} is missing")
            case _:
                text = problem["msg"].removeprefix("Value error, ").replace("Input should", "must", 1)
                value = problem["input"]
                given = f" (got {value!r})" if place and isinstance(value, str | int | float) else ""
                parts.append(f"{place} {text[0].lower()}{text[1:]}{given}" if place else text)
    return "; ".join(parts)
