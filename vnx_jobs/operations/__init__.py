"""The table of contents: every operation as a list of steps, one step a line, a page for each kind of object."""

from typing import Final

from vnx_jobs.model.step import catalogue

from . import backups, cleaning, copies, groups, hosts, migrations, snapshots, volumes

_PAGES: Final = (volumes, snapshots, copies, migrations, hosts, groups, cleaning, backups)

OPERATIONS: Final = catalogue(*(table for page in _PAGES for table in page.TABLES))
"""Every operation by name."""
