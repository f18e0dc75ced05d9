"""What stays although no rule keeps it, and policies that are refused."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.backups.kept import backup, reasons
from vnx_jobs.backups.retention import going, judged
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.retention import ALL, Policy, Rule

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def daily(count: int, *, proved: tuple[int, ...] = (), pinned: tuple[int, ...] = ()) -> list[Backup]:
    """Return a backup a day, some proved and some pinned, called by their day."""
    return [
        backup(str(day), BEGIN + timedelta(days=day), proved=1 if day in proved else None, pinned=day in pinned)
        for day in range(count)
    ]


def test_what_is_pinned_stays() -> None:
    """A pin keeps a backup that no rule keeps, and takes nobody's place."""
    assert reasons(judged(daily(6, pinned=(1, 5)), Policy(daily=2))) == {
        "5": "daily #1",
        "4": "daily #2",
        "3": "",
        "2": "",
        "1": "pinned",
        "0": "",
    }


def test_the_last_one_proved_stays() -> None:
    """If the rules keep none that was proved, the newest proved one stays, and only that one."""
    assert reasons(judged(daily(6, proved=(1, 2)), Policy(daily=2))) == {
        "5": "daily #1",
        "4": "daily #2",
        "3": "",
        "2": "last one proved",
        "1": "",
        "0": "",
    }


def test_one_proved_is_enough() -> None:
    """A newer proved backup goes if an older one stays by a rule."""
    assert reasons(judged(daily(5, proved=(0, 2)), Policy(last=1, yearly=2))) == {
        "4": "secondly #1",
        "3": "",
        "2": "",
        "1": "",
        "0": "yearly[oldest] #1",
    }


@pytest.mark.parametrize("marks", [{"proved": (1, 5)}, {"proved": (1, 2), "pinned": (1,)}], ids=("rule", "pin"))
def test_proved_ones_go_while_another_stays(marks: dict[str, tuple[int, ...]]) -> None:
    """A proved backup goes like any other if one that was proved is kept by a rule, or pinned."""
    stays = {name for name, why in reasons(judged(daily(6, **marks), Policy(daily=2))).items() if why}
    assert stays == {"5", "4"} | {str(day) for day in marks.get("pinned", ())}


def test_the_day_begins_by_the_clocks_of_the_zone() -> None:
    """Two backups of one UTC day may be of two days elsewhere, and the other way round."""
    late, later, next_day = (backup(str(hour), BEGIN + timedelta(hours=hour)) for hour in (10, 11, 13))
    every = (late, later, next_day)
    assert reasons(judged(every, Policy(daily=2))) == {"13": "daily #1", "11": "daily #2", "10": ""}
    # in Berlin it is an hour later: all of 23:00, 0:00 and 2:00
    berlin = Policy(daily=2, zone="Europe/Berlin")
    assert reasons(judged(every, berlin)) == {"13": "daily #1", "11": "", "10": "daily #2"}


def test_the_oldest_stays_until_there_are_enough() -> None:
    """A rule that may keep more than there are keeps the oldest, so that a year is kept before it is over."""
    assert reasons(judged(daily(4), Policy(yearly=2))) == {
        "3": "yearly #1",
        "2": "",
        "1": "",
        "0": "yearly[oldest] #2",
    }
    assert reasons(judged(daily(3), Policy(yearly=ALL))) == {"2": "yearly #1", "1": "", "0": ""}


def test_what_goes_is_told_oldest_first() -> None:
    """Removal begins with the oldest, and never names what stays."""
    assert [one.archive for one in going(judged(daily(5, pinned=(1,)), Policy(last=2)))] == ["0", "2"]


def test_volumes_are_judged_one_by_one() -> None:
    """Backups of two volumes are refused together: one's newest is not the other's. Of none there is nothing to say."""
    gold = daily(1)[0]
    iron = Backup.from_json(gold.to_json().replace("GOLD", "IRON"))
    with pytest.raises(ValueError, match="each volume"):
        judged([gold, iron], Policy(last=1))
    assert judged([], Policy(last=1)) == ()


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({}, "a policy keeps something"),
        ({"daily": 0}, "a policy keeps something"),
        ({"daily": 3, "weekly": -2}, "weekly: say how many are kept, or -1 for all"),
        ({"daily": 3, "zone": "Mars/Olympus"}, "no time zone is called 'Mars/Olympus' here"),
        ({"daily": 3, "zone": "../etc/passwd"}, "no time zone is called"),
        ({"daily": 3, "zone": ""}, "no time zone is called"),
    ],
)
def test_policies_that_are_refused(numbers: dict[str, int], said: str) -> None:
    """What keeps nothing, or that nobody can read, is no policy."""
    with pytest.raises(ValueError, match=said):
        Policy(**numbers)  # type: ignore[arg-type]  # a zone among the numbers


numbers = some.integers(-1, 4)
instants = some.lists(some.tuples(some.integers(1, 10**8), some.booleans(), some.booleans()), min_size=1, max_size=40)


@given(instants, some.tuples(*[numbers] * 6).filter(any))
def test_what_never_goes(taken: list[tuple[int, bool, bool]], kept: tuple[int, ...]) -> None:
    """By every policy the newest stays, each pinned one, and one that was proved if there is any; pins move no rule."""
    policy = Policy(**dict(zip(Rule, kept, strict=True)), zone="Europe/Berlin")
    made = [
        backup(str(place), BEGIN + timedelta(seconds=at), proved=1 if proved else None, pinned=pinned)
        for place, (at, proved, pinned) in enumerate(taken)
    ]
    stays = {one.backup.archive: one.backup for one in judged(made, policy) if one.stays}
    assert any(one.instant == max(one.instant for one in made) for one in stays.values())
    assert {one.archive for one in made if one.pinned} <= stays.keys()
    assert any(one.proved for one in stays.values()) == any(one.proved for one in made)
    bare = [backup(str(place), BEGIN + timedelta(seconds=at)) for place, (at, _, _) in enumerate(taken)]
    assert {one.backup.archive for one in judged(bare, policy) if one.stays} <= stays.keys()


def test_order_of_entry_does_not_matter() -> None:
    """The same backups are judged the same in any order."""
    several = daily(4, proved=(0,))
    for first, second in product(range(4), repeat=2):
        turned = several[first:] + several[:first]
        turned[second], turned[0] = turned[0], turned[second]
        assert judged(turned, Policy(last=1, yearly=1)) == judged(several, Policy(last=1, yearly=1))
