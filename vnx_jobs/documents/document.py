"""What all documents have in common, and how they tell times."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


Instant: TypeAlias = Annotated[
    datetime,
    PlainSerializer(_written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment, in UTC; written as ISO 8601 with milliseconds."""


def moment(milliseconds: int) -> datetime:
    """Return a time that is kept in milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def instant(milliseconds: int | None) -> datetime | None:
    """Return a time that is kept in milliseconds since 1970; None for never."""
    return moment(milliseconds) if milliseconds else None


class Document(BaseModel):
    """A document: frozen, and made from plain values."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def told(self) -> dict[str, Any]:
        """Return it in values that JSON knows, in the order of its keys."""
        return self.model_dump(mode="json")
