"""The table of contents: every operation as a list of steps, one step a line, a page for each kind of object."""

from typing import Final

from vnx_jobs.model.step import catalogue

from . import cleaning, copies, migrations, snapshots, volumes

OPERATIONS: Final = catalogue(*volumes.TABLES, *snapshots.TABLES, *copies.TABLES, *migrations.TABLES, *cleaning.TABLES)
"""Every operation by name."""
