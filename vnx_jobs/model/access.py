"""Whether hosts may write to a volume: a mark that we keep, since the array has none."""

from typing import Literal, TypeAlias

AccessMode: TypeAlias = Literal["ro", "rw"]
"""Read-only, or writable."""
