"""Settings of the audit trail, and of what comes by message."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class AccessSettings(BaseModel):
    """What is kept of who did what, and of messages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    audit_lines: int = Field(100_000, ge=100)
    """Lines of the audit trail that the state server keeps, about."""
    audit_file: Path | None = None
    """A file to which each process also appends its lines of the audit trail; nothing of ours shortens it."""
    dead_letters: int = Field(1000, ge=10)
    """Messages that could not be understood that are kept, about."""
    result_hours: float = Field(24, gt=0)
    """How long the answer to a message is kept."""
