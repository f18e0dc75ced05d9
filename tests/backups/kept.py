"""Backups to judge, and the names under which borg knows the rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vnx_jobs.backups.retention import Chosen, Verdict
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.digest import digest_of
from vnx_jobs.model.retention import Policy, Rule

DIGEST = digest_of([])
JOB = "01M82SH4TB1GYWQRPXS8P6G4EH"


def backup(archive: str, at: datetime, **marks: Any) -> Backup:
    """Return a backup of a small volume."""
    label = Label("box", "gold", "60:06:GOLD", "", JOB, round(at.timestamp() * 1000), 512, DIGEST)
    made = Backup.of(label, added=0, seconds=0, tool="borg", repository="main")
    return Backup.from_json(made.to_json().replace(made.archive, archive), **marks)


@dataclass(frozen=True)
class Taken:
    """A backup by name and time."""

    name: str
    at: datetime


def backups(taken: Iterable[Taken]) -> list[Backup]:
    """Return the backups that were taken then."""
    return [backup(one.name, one.at) for one in taken]


def options(policy: Policy) -> list[str]:
    """Return a policy as borg takes it."""
    return [f"--keep-{rule}={number}" for rule, number in policy.rules if number]


def reasons(verdicts: Iterable[Verdict]) -> dict[str, str]:
    """Return why each archive stays, in borg's words, or an empty text for one that goes."""
    return {one.backup.archive: _reason(one) for one in verdicts}


def _reason(verdict: Verdict) -> str:
    if not isinstance(verdict.by, Chosen):
        return verdict.by or ""
    rule = "secondly" if verdict.by.rule is Rule.LAST else str(verdict.by.rule)
    return f"{rule}{'[oldest]' if verdict.by.oldest else ''} #{verdict.by.number}"
