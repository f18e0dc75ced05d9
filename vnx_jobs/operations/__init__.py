"""The table of contents: every operation as a list of steps, one step a line, a page for each kind of object."""

from typing import Final

from vnx_jobs.model.step import catalogue

from . import copies, groups, migrations, snapshots, volumes

OPERATIONS: Final = catalogue(*volumes.TABLES, *snapshots.TABLES, *copies.TABLES, *migrations.TABLES, *groups.TABLES)
"""Every operation by name."""
