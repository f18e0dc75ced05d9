"""The rows of the matrix, a page for each kind of object."""

from typing import Final

from . import backups, cleaning, copies, groups, hosts, migrations, snapshots, volumes
from .row import HELD, START, Row, without

__all__ = ["FAULTED", "HELD", "LOOKS", "MATRIX", "START", "TAKEN_BACK", "UNDONE", "Row", "row_of", "without"]

MATRIX: Final = (
    *volumes.ROWS,
    *snapshots.ROWS,
    *copies.ROWS,
    *migrations.ROWS,
    *hosts.ROWS,
    *groups.ROWS,
    *cleaning.ROWS,
    *backups.ROWS,
)
LOOKS: Final = {
    **volumes.LOOKS,
    **snapshots.LOOKS,
    **copies.LOOKS,
    **migrations.LOOKS,
    **hosts.LOOKS,
    **groups.LOOKS,
    **cleaning.LOOKS,
    **backups.LOOKS,
}
"""What is read to see whether a command without an answer was carried out."""
UNDONE: Final = {
    **volumes.UNDONE,
    **snapshots.UNDONE,
    **copies.UNDONE,
    **migrations.UNDONE,
    **hosts.UNDONE,
    **groups.UNDONE,
    **cleaning.UNDONE,
    **backups.UNDONE,
}
"""What an operation sends when the array refuses that command for good at the first attempt."""
TAKEN_BACK: Final = {
    **volumes.TAKEN_BACK,
    **snapshots.TAKEN_BACK,
    **copies.TAKEN_BACK,
    **migrations.TAKEN_BACK,
    **hosts.TAKEN_BACK,
    **groups.TAKEN_BACK,
    **cleaning.TAKEN_BACK,
    **backups.TAKEN_BACK,
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""
FAULTED: Final = {**copies.FAULTED, **migrations.FAULTED}
"""What an operation sends when its migration session has faulted."""


def row_of(operation: str) -> Row:
    """Return the row of an operation."""
    return next(row for row in MATRIX if row.operation == operation)
