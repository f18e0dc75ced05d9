"""`vnx-jobs audit`: who did what."""

import re
import time
from datetime import datetime
from typing import Final

import click

from vnx_jobs.documents.access import AuditDocument
from vnx_jobs.model.authority import AuditEntry
from vnx_jobs.model.errors import Code, Refused

from . import known
from .exits import Exit
from .output import Column, Form, in_form, show_list
from .screen import Fit, local_time
from .session import opened

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHOWN: Final = 3


@click.command()
@click.option("--since", metavar="TIME", help="Not older than this: 90m, 12h, 7d, or 2026-11-23T08:00.")
@click.option("--who", default="", metavar="NAME", help="What this one did.")
@click.option("--array", default="", metavar="NAME", shell_complete=known.arrays, help="What was done on this array.")
@click.option("--most", type=click.IntRange(1, 100_000), default=100, show_default=True, help="The newest so many.")
@in_form
def audit(since: str | None, who: str, array: str, most: int, *, form: Form) -> int:
    """Show who did what, oldest first.

    For example: vnx-jobs audit --since 7d --who provisioning
    """
    after = 0 if since is None else _instant(since)
    with opened() as house:
        found = house.authority.audit.read(since=after, who=who, array=array, most=most)
    show_list(form, found, _COLUMNS, AuditDocument, AuditDocument.of, empty="nothing was done")
    return Exit.WELL


def _instant(text: str) -> int:
    """Return a time in milliseconds. Raises Refused(invalid)."""
    if match := re.fullmatch(r"(\d{1,6})([smhd])", text):
        return max(1, round((time.time() - int(match[1]) * _UNITS[match[2]]) * 1000))
    try:
        return max(1, round(datetime.fromisoformat(text).astimezone().timestamp() * 1000))
    except (ValueError, OverflowError):
        raise Refused(Code.INVALID, f"--since {text!r} is no time: 90m, 12h, 7d, or 2026-11-23T08:00") from None


def _jobs(entry: AuditEntry) -> str:
    more = entry.count - _SHOWN
    return " ".join(entry.jobs[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


_COLUMNS: Final[tuple[Column[AuditEntry], ...]] = (
    Column("when", lambda one: local_time(one.when)),
    Column("who", lambda one: one.who, fit=Fit.CUT),
    Column("from", lambda one: one.origin, wide=True),
    Column("what", lambda one: one.what, fit=Fit.CUT),
    Column("array", lambda one: one.array, fit=Fit.CUT),
    Column("jobs", _jobs, wide=True),
    Column("outcome", lambda one: one.outcome),
)
