"""Which backups of a volume stay, and why: pure. The rules choose exactly as borg's own prune does.

Each rule walks from the newest backup to the oldest and keeps the first of each period, until it has kept as many as it
may. What an earlier rule kept is not counted, but uses up its period. A rule that did not find as many as it may keep
keeps the oldest backup too, so that what a long period will need is there when it is over.

On purpose ours keeps two things more, which no rule counts: what is pinned, and the newest backup that was proved, if
the rules keep none that was. The newest of all is kept by whichever rule comes first.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

from vnx_jobs.model.backup import Backup
from vnx_jobs.model.retention import Policy, Rule

_PERIODS: Final[Mapping[Rule, Callable[[datetime], Hashable]]] = MappingProxyType(
    {
        Rule.LAST: lambda at: (at.date(), at.hour, at.minute, at.second),
        Rule.HOURLY: lambda at: (at.date(), at.hour),
        Rule.DAILY: lambda at: at.date(),
        Rule.WEEKLY: lambda at: at.isocalendar()[:2],
        Rule.MONTHLY: lambda at: (at.year, at.month),
        Rule.YEARLY: lambda at: at.year,
    }
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule of the policy keeps it."""

    rule: Rule
    number: int
    """The how many-th that the rule keeps, from 1 for the newest."""
    oldest: bool = False
    """Whether it is kept because it is the oldest, and the rule may keep more than there are."""

    def __str__(self) -> str:
        """Say it as a reason."""
        return f"{self.rule} #{self.number}{' (oldest)' if self.oldest else ''}"


Guard = Literal["pinned", "last one proved"]
"""Why a backup stays that no rule keeps."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a backup, and why."""

    backup: Backup
    by: Chosen | Guard | None
    """What keeps it; None if nothing does."""

    @property
    def stays(self) -> bool:
        """Whether it is kept."""
        return self.by is not None

    @property
    def why(self) -> str:
        """Why it stays, or goes, in a few words."""
        return "no rule keeps it" if self.by is None else str(self.by)


def judged(backups: Collection[Backup], policy: Policy) -> tuple[Verdict, ...]:
    """Say what becomes of each backup of a volume, newest first. Raises ValueError for backups of several volumes."""
    if len({(one.array, one.uid) for one in backups}) > 1:
        raise ValueError("each volume is judged by itself")
    newest_first = sorted(backups, key=lambda one: (one.instant, one.archive), reverse=True)
    chosen = _chosen(newest_first, policy)
    guarded = _guarded(newest_first, chosen)
    return tuple(Verdict(one, chosen.get(one.archive) or guarded.get(one.archive)) for one in newest_first)


def going(verdicts: Iterable[Verdict]) -> tuple[Backup, ...]:
    """Return the backups that go, oldest first: so an interrupted removal leaves what is worth most."""
    return tuple(sorted((one.backup for one in verdicts if not one.stays), key=lambda one: one.instant))


def _chosen(newest_first: Sequence[Backup], policy: Policy) -> dict[str, Chosen]:
    """Return what the rules keep, by archive."""
    zone = ZoneInfo(policy.zone)
    moments = [(one.archive, datetime.fromtimestamp(one.instant / 1000, zone)) for one in newest_first]
    chosen: dict[str, Chosen] = {}
    for rule, number in policy.rules:
        chosen |= _by_rule(rule, number, moments, chosen)
    return chosen


def _by_rule(
    rule: Rule, number: int, moments: Sequence[tuple[str, datetime]], before: dict[str, Chosen]
) -> dict[str, Chosen]:
    """Return what one rule keeps beside what the rules before it keep."""
    period, last, kept = _PERIODS[rule], None, dict[str, Chosen]()
    for archive, at in moments if number else ():
        if period(at) == last:
            continue
        last = period(at)
        if archive not in before:
            kept[archive] = Chosen(rule, len(kept) + 1)
        if len(kept) == number:
            return kept
    if moments and len(kept) < number and moments[-1][0] not in before | kept:
        kept[moments[-1][0]] = Chosen(rule, len(kept) + 1, oldest=True)
    return kept


def _guarded(newest_first: Sequence[Backup], chosen: Collection[str]) -> dict[str, Guard]:
    """Return what stays although no rule keeps it, by archive."""
    guarded: dict[str, Guard] = {one.archive: "pinned" for one in newest_first if one.pinned}
    proved = [one.archive for one in newest_first if one.proved is not None]
    if proved and not any(archive in chosen or archive in guarded for archive in proved):
        guarded[proved[0]] = "last one proved"
    return guarded
