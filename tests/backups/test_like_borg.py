"""The rules of a policy keep what `borg prune` keeps, for the same reasons: borg itself is asked."""

import os
import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from tests.backups.kept import Taken, backups, options, reasons
from vnx_jobs.backups.retention import going, judged
from vnx_jobs.model.retention import ALL, Policy

FILLER: Final = Path(__file__).parent / "borg_years.py"
_SAID = re.compile(r"^(?:Keeping archive \(rule: (\S+ #\d+)\)|Would prune): +(\S+) ", re.MULTILINE)
BEGIN: Final = datetime(2025, 1, 1, tzinfo=UTC)


class Borg:
    """Borg, with a repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "empty").mkdir()
        own = {
            "BORG_REPO": str(folder / "repository"),
            "BORG_BASE_DIR": str(folder / "home"),
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
            "PATH": os.environ["PATH"],
        }
        self._environment = own
        self.run("borg", "init", "--encryption", "none")
        said = self.run("sh", "-c", "head -n 1 $(command -v borg)")
        assert "python" in said, "borg's own modules are needed: install the distribution's package borgbackup"
        self._python = said.removeprefix("#!").split()[0]

    def run(self, *words: str, told: str = "", zone: str = "UTC") -> str:
        """Run a command, which must end well; return all that it said."""
        environment = self._environment | {"TZ": zone}
        done = subprocess.run(  # noqa: PLW1510 -- what it said is shown
            words,
            input=told,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env=environment,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def names(self, taken: Sequence[Taken]) -> None:
        """Let the repository hold archives of these names and times, and no other."""
        self.run(self._python, str(FILLER), "list", told="\n".join(f"{one.name} {one.at.isoformat()}" for one in taken))

    def lives(self, commands: Sequence[str]) -> None:
        """Create and prune in one process."""
        self.run(self._python, str(FILLER), "live", told="\n".join(commands))

    def reasons(self, policy: Policy) -> dict[str, str]:
        """Ask which archives would stay, and why; an empty text for one that would go."""
        said = self.run("borg", "prune", "--list", "--dry-run", *options(policy), zone=policy.zone)
        return {name: reason for reason, name in _SAID.findall(said)}


@pytest.fixture(scope="module")
def borg(tmp_path_factory: pytest.TempPathFactory) -> Borg:
    """Make a repository."""
    return Borg(tmp_path_factory.mktemp("borg"))


def a_year() -> Iterator[Taken]:
    """Take backups about every three hours for fourteen months, over changes of clocks and gaps of days."""
    dice, at = random.Random(20250101), BEGIN
    for count in range(3400):
        yield Taken(f"b{count:04}", at)
        away = dice.choices((0, 60 * 24 * dice.randint(1, 9)), (300, 1))[0]
        at += timedelta(minutes=dice.randint(1, 359) + away, seconds=dice.randint(0, 59))
    for count in range(3):  # and three within a second
        yield Taken(f"s{count}", at + timedelta(milliseconds=count + 1))


@pytest.fixture(scope="module")
def year(borg: Borg) -> list[Taken]:
    """Fill the repository with a year's archives."""
    taken = list(a_year())
    borg.names(taken)
    return taken


POLICIES: Final = (
    Policy(last=3, hourly=24, daily=7, weekly=4, monthly=12, yearly=ALL),
    Policy(daily=30, weekly=60, yearly=5, zone="Pacific/Auckland"),
    Policy(last=2, hourly=ALL, zone="Australia/Lord_Howe"),
    Policy(hourly=2000, weekly=3, monthly=ALL, zone="Europe/Berlin"),
)


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: " ".join(options(one)))
def test_a_years_backups_are_kept_for_the_same_reasons(borg: Borg, year: list[Taken], policy: Policy) -> None:
    """Of 3,403 backups ours and borg keep the same, each by the same rule and as the same how many-th."""
    expected = borg.reasons(policy)
    assert len(expected) == len(year) == 3403
    assert reasons(judged(backups(year), policy)) == expected


def day_by_day(policy: Policy, days: int, every: int = 1) -> Iterator[tuple[int, list[Taken], list[Taken]]]:
    """Back up at one o'clock each day, and prune at once every so many days.

    Gives the day, what there was before pruning, and what stays.
    """
    there: list[Taken] = []
    for day in range(days):
        there.append(Taken(f"day-{day:03}", BEGIN + timedelta(days=day, hours=1)))
        judge = (day + 1) % every == 0
        gone = {one.archive for one in going(judged(backups(there), policy))} if judge else set[str]()
        before, there = there, [one for one in there if one.name not in gone]
        yield day, before, there


@pytest.mark.slow
def test_a_year_day_by_day(tmp_path: Path) -> None:
    """Pruned each day for a year, what is there keeps being what borg would leave: asked on two of the days."""
    policy, borg = Policy(daily=7, weekly=4, monthly=6, yearly=2), Borg(tmp_path)
    for day, before, after in day_by_day(policy, 400):
        if day in {220, 399}:
            borg.names(before)
            assert {name for name, reason in borg.reasons(policy).items() if reason} == {one.name for one in after}
    # by hand: on 4 February, seven days, four Sundays before, six last days of months before, and the oldest
    assert [one.name.removeprefix("day-") for one in after] == [
        *("000", "211", "242", "272", "303", "333", "364", "368", "375", "382", "389"),
        *("393", "394", "395", "396", "397", "398", "399"),
    ]


@pytest.mark.full
@pytest.mark.timeout(900)
def test_borg_prunes_itself_for_a_year(tmp_path: Path) -> None:
    """Borg makes an archive a day and prunes every fourth, for 400 days; in the end it has just what ours has."""
    policy, borg = Policy(daily=7, weekly=4, monthly=6, yearly=2), Borg(tmp_path)
    prune = f"prune {' '.join(options(policy))}"
    commands, after = [], list[Taken]()
    for day, before, left in day_by_day(policy, 400, every=4):
        newest, after = before[-1], left
        commands += [f"create {newest.name} {newest.at:%Y-%m-%dT%H:%M:%S}", *([prune] if day % 4 == 3 else [])]
    borg.lives(commands)
    assert borg.run("borg", "list", "--short").split() == [one.name for one in after]
