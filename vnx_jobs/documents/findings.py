"""What a comparison found as documents: of an array with its records, and what `doctor` looked at."""

from collections.abc import Sequence
from typing import Self

from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.reconcile.finding import Finding, Kind, Remedy

from .document import Document


class CheckDocument(Document):
    """What a check of `doctor` found."""

    check: str
    verdict: str
    """`ok`, `warning` or `wrong`."""
    text: str
    """What is so, and what to do about it."""


class FindingDocument(Document):
    """One thing that differs between an array and the records of it."""

    kind: Kind
    subject: str
    says: str
    remedy: Remedy
    does: str
    job: str | None
    """The job that cleaned up."""
    state: State | None
    fate: str | None
    """What became of that job, in a sentence."""

    @classmethod
    def of(cls, finding: Finding, record: Record | None = None, fate: str = "") -> Self:
        """Tell of a finding."""
        return cls(
            kind=finding.kind,
            subject=finding.subject,
            says=finding.says,
            remedy=finding.remedy,
            does=finding.does,
            job=None if record is None else record.id,
            state=None if record is None else record.state,
            fate=fate or None,
        )


class ComparisonDocument(Document):
    """What differs between an array and the records of it."""

    array: str
    applied: bool
    """Whether what is safe was done."""
    findings: tuple[FindingDocument, ...]
    remain: int

    @classmethod
    def of(cls, array: str, findings: Sequence[FindingDocument], *, applied: bool, remain: int) -> Self:
        """Tell of a comparison; `remain` counts what is left."""
        return cls(array=array, applied=applied, findings=tuple(findings), remain=remain)
