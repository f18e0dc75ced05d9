"""Operations on snapshots."""

from typing import Final

from vnx_jobs.model.step import operation
from vnx_jobs.steps.snapshots import destroy_named_snapshot, take_named_snapshot

CREATE_SNAPSHOT: Final = operation(
    "create-snapshot",
    "Take a snapshot of a volume.",
    take_named_snapshot,
)

DELETE_SNAPSHOT: Final = operation(
    "delete-snapshot",
    "Delete a snapshot.",
    destroy_named_snapshot,
)

TABLES: Final = (
    CREATE_SNAPSHOT,
    DELETE_SNAPSHOT,
)
