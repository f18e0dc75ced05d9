"""The verdict: which promises were kept, with the figures of the run."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .checks.promises import PROMISES
from .evidence import ADMIN, Evidence

_SHOWN = 12
"""Breaches of one promise that are printed."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run was made of."""

    seconds: float
    refused: Mapping[str, int]
    orders: Mapping[str, int]
    misfortunes: Mapping[str, int]
    missed: int
    outages: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every promise with its breaches, the figures, and the jobs that are stuck."""

    breaches: Mapping[str, tuple[str, ...]]
    lines: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.breaches.values())


def judge(evidence: Evidence, figures: Figures) -> Verdict:
    """Check every promise."""
    breaches = {promise: tuple(check(evidence)) for promise, check in PROMISES}
    return Verdict(breaches, (*_figures(evidence, figures), *_stuck(evidence), *_judgements(breaches)))


def _figures(evidence: Evidence, figures: Figures) -> Iterator[str]:
    states = Counter(record.state.value for record in evidence.records.values())
    codes = Counter(record.code for record in evidence.records.values() if record.code)
    ours = sum(one.caller != ADMIN for one in evidence.commands)
    yield f"{len(evidence.asked)} jobs accepted: {_counted(states)}"
    if codes:
        yield f"  why: {_counted(codes)}"
    yield f"{sum(figures.refused.values())} requests refused: {_counted(figures.refused) or 'none'}"
    yield f"orders: {_counted(figures.orders) or 'none'}"
    yield f"misfortunes: {_counted(figures.misfortunes) or 'none'}; {figures.missed} met nothing"
    yield f"{ours} array commands of ours, {len(evidence.commands) - ours} of another administrator"
    yield f"{figures.outages} times no answer from the state server; {figures.seconds:.0f} s"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()) if count)


def _stuck(evidence: Evidence) -> Iterator[str]:
    for record in evidence.stuck:
        yield f"{record.state}: job {record.id} ({record.operation} {record.name}): {record.why}"
        yield from (f"  left: {line}" for line in record.leftovers)


def _judgements(breaches: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for promise, found in breaches.items():
        yield f"{'BROKEN' if found else 'kept'}: {promise}"
        yield from (f"  {breach}" for breach in found[:_SHOWN])
        if len(found) > _SHOWN:
            yield f"  ... and {len(found) - _SHOWN} more"
