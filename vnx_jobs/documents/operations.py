"""Operations as documents: what each does, step by step."""

from .document import Document
from .plans import PlannedStep


class FieldDocument(Document):
    """A field of a request."""

    name: str
    required: bool


class VariantDocument(Document):
    """A closer table that a request may run instead."""

    when: str
    operation: str


class OperationDocument(Document):
    """An operation."""

    operation: str
    says: str
    fields: tuple[FieldDocument, ...]
    steps: tuple[PlannedStep, ...]
    no_way_back_after: int | None
    """The step after which the job goes forward, or is STUCK."""
    variants: tuple[VariantDocument, ...]
