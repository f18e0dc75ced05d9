"""When something is due: cron, zones, calendars, windows and jitter. Every expected instant is written by hand."""

from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError

from tests.schedules.asked import ms, schedule, shown

BERLIN = "Europe/Berlin"
"""UTC+1. In 2026 clocks go from 02:00 to 03:00 on 29 March, from 03:00 to 02:00 on 25 October, both at 01:00 UTC."""


def due(cron: str, after: str, most: int, zone: str = BERLIN, **fields: Any) -> list[str]:
    """Return the next due times after an instant, in UTC."""
    return shown(schedule(cron, zone=zone, **fields).upcoming(ms(after), most))


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        # skipped 02:30 is made up for when clocks go on, at 03:00
        ("30 2 * * *", ["03-28 01:30", "03-29 01:00", "03-30 00:30"]),
        # two skipped times of one expression are one
        ("15,45 2 * * *", ["03-28 01:15", "03-28 01:45", "03-29 01:00", "03-30 00:15"]),
        # 03:00 is due at 03:00
        ("0 3 * * *", ["03-28 02:00", "03-29 01:00", "03-30 01:00"]),
        # a real interval goes on in real time, through the hour that is not there
        ("*/30 1-3 * * *", ["03-28 00:00", "03-28 00:30", "03-28 01:00", "03-28 01:30", "03-28 02:00", "03-28 02:30"]),
    ],
)
def test_clocks_go_forward(cron: str, expected: list[str]) -> None:
    """A time that no clock shows is due when clocks go on, once."""
    assert due(cron, "2026-03-27T23:00Z", len(expected)) == expected


def test_real_intervals_when_clocks_go_forward() -> None:
    """Each half hour comes after half an hour, whatever the clocks do; what is bound to the skipped hour does not."""
    assert due("*/30 * * * *", "2026-03-29T00:10Z", 4) == ["03-29 00:30", "03-29 01:00", "03-29 01:30", "03-29 02:00"]
    assert due("*/30 2 * * *", "2026-03-28T01:10Z", 2) == ["03-28 01:30", "03-30 00:00"]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 2 * * *", ["10-24 00:30", "10-25 00:30", "10-26 01:30"]),
        ("0 1-4 * * *", ["10-24 00:00", "10-24 01:00", "10-24 02:00", "10-24 23:00", "10-25 00:00", "10-25 02:00"]),
    ],
)
def test_clocks_go_back(cron: str, expected: list[str]) -> None:
    """A time that clocks show twice is due the first time only."""
    assert due(cron, "2026-10-23T23:10Z", len(expected)) == expected


def test_real_intervals_when_clocks_go_back() -> None:
    """Each half hour comes after half an hour, in both hours that clocks call two."""
    both = ["10-25 00:00", "10-25 00:30", "10-25 01:00", "10-25 01:30"]
    assert due("*/30 * * * *", "2026-10-24T23:40Z", 5) == [*both, "10-25 02:00"]
    assert due("*/30 2 * * *", "2026-10-24T12:00Z", 5) == [*both, "10-26 01:00"]


def test_nothing_is_due_again_that_was() -> None:
    """Asked within the second hour called two, a time of the first is not due again, nor is one before the question."""
    assert due("30 2 * * *", "2026-10-25T01:10Z", 1) == ["10-26 01:30"]
    assert due("30 2 * * *", "2026-10-25T00:30Z", 1) == ["10-26 01:30"]


def test_the_zone_counts() -> None:
    """The same words mean other instants elsewhere, also where clocks go by half hours."""
    assert due("0 3 * * *", "2026-07-01T00:00Z", 1, "UTC") == ["07-01 03:00"]
    assert due("0 3 * * *", "2026-07-01T00:00Z", 1, "Asia/Kolkata") == ["07-01 21:30"]
    assert due("0 3 * * *", "2026-07-01T00:00Z", 1, "America/New_York") == ["07-01 07:00"]


def test_excluded_days_are_those_of_the_zone() -> None:
    """Nothing is due on an excluded day or within a range, both ends counted, by the clocks of the zone."""
    days = ["2026-12-24..2026-12-26", "2026-12-28"]
    expected = ["12-22 23:30", "12-26 23:30", "12-28 23:30"]
    assert due("30 0 * * *", "2026-12-22T12:00Z", 3, exclude=days) == expected


def test_only_within_windows() -> None:
    """A window over midnight belongs to the day on which it begins; its last minute is outside."""
    expected = ["11-20 22:00", "11-20 23:00", "11-21 00:00", "11-23 22:00"]  # 20 November 2026 is a Friday
    assert due("0 * * * *", "2026-11-20T12:00Z", 4, "UTC", only=["Mon-Fri 22:00-01:00"]) == expected


def test_never_within_windows() -> None:
    """A window that is barred wins over one that is open, and the day's hour 24 is its end."""
    expected = ["11-22 20:00", "11-22 23:00", "11-23 20:00"]
    windows = {"only": ["daily 20:00-24:00"], "never": ["Sat,Sun 21:00-23:00", "mon 21:00-24:00"]}
    assert due("0 * * * *", "2026-11-22T12:00Z", 3, "UTC", **windows) == expected


def test_when_windows_open() -> None:
    """What is late waits for the next minute at which something may begin, which may be now, or never."""
    night = schedule(only=["Sat 22:00-02:00"], never=["Sat 22:00-23:30"])
    saturday = ms("2026-11-21T23:30Z")
    assert night.opens(ms("2026-11-18T12:00Z")) == saturday
    assert night.opens(saturday + 1) == saturday + 1
    assert night.opens(ms("2026-11-22T02:00Z")) == ms("2026-11-28T23:30Z")
    assert schedule(only=["Sat 22:00-23:00"], never=["daily 20:00-24:00"]).opens(saturday) is None


def test_what_is_never_due() -> None:
    """Windows that no due time meets, and days that all are excluded, leave none, and that is soon said."""
    assert schedule("0 12 * * *", only=["daily 01:00-02:00"]).next(ms("2026-11-22T00:00Z")) is None
    assert schedule(exclude=["2026-01-01..9999-12-31"]).next(ms("2026-11-22T00:00Z")) is None


def test_jitter_is_settled_and_bounded() -> None:
    """A run begins at the same moment whoever asks, in order, within the bound, and seldom at the moment of another."""
    one = schedule("*/10 * * * *", jitter="5m")
    dues = one.upcoming(ms("2026-11-22T00:00Z"), 100)
    begins = [one.begins(at, "nightly") for at in dues]
    assert begins == [one.begins(at, "nightly") for at in dues]
    assert all(0 <= begun - at <= 300_000 for begun, at in zip(begins, dues, strict=True))
    assert len({begun - at for begun, at in zip(begins, dues, strict=True)}) > 50
    assert begins != [one.begins(at, "other") for at in dues]


def test_jitter_keeps_order_and_windows() -> None:
    """A jitter longer than the interval ends before the next run is due, and no run is moved out of its window."""
    one = schedule("*/10 * * * *", jitter="1h", only=["daily 01:00-02:00"])
    dues = one.upcoming(ms("2026-11-22T00:00Z"), 60)
    begins = [one.begins(at, "nightly") for at in dues]
    assert all(at <= begun < following for (at, following), begun in zip(pairwise(dues), begins, strict=False))
    assert all(one.allowed(begun) for begun in begins)


def test_what_should_have_begun() -> None:
    """After weeks of nothing the last runs are found, in order; one whose jitter is not over yet is none of them."""
    hourly = schedule("0 * * * *")
    passed = hourly.passed(ms("2026-09-01T00:00Z"), ms("2026-11-22T10:30Z"), 3, "nightly")
    assert shown(passed) == ["11-22 08:00", "11-22 09:00", "11-22 10:00"]
    assert hourly.passed(ms("2026-11-22T10:00Z"), ms("2026-11-22T10:59Z"), 3, "nightly") == ()
    yearly = schedule("0 0 1 1 *")
    assert len(yearly.passed(ms("2016-06-01T00:00Z"), ms("2026-11-22T00:00Z"), 50, "nightly")) == 10
    late = schedule("0 * * * *", jitter="50m")
    at = ms("2026-11-22T10:00Z")
    begun = late.begins(at, "nightly")
    assert begun > at
    assert late.passed(at - 1, begun - 1, 3, "nightly") == ()
    assert late.passed(at - 1, begun, 3, "nightly") == (at,)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cron": "0 3 * *"}, "five fields"),
        ({"cron": "0 0 3 * * *"}, "five fields"),
        ({"cron": "61 * * * *"}, "bad minute"),
        ({"cron": "0 0 30 2 *"}, "bad day-of-month"),
        ({"cron": "0 0 * * L"}, "bad day-of-week"),
        ({"cron": "L L L L L"}, "bad minute"),
        ({"zone": "Mars/Olympus"}, "names no time zone known here"),
        ({"zone": "../etc/passwd"}, "no time zone"),
        ({"exclude": ["2026-02-30"]}, "is no day: write 2026-12-24"),
        ({"exclude": ["2026-12-26..2026-12-24"]}, "ends before it begins"),
        ({"only": ["Mon-Fri 25:00-26:00"]}, "times that no clock shows"),
        ({"only": ["Fun 01:00-02:00"]}, "'fun' is no day of the week"),
        ({"never": ["01:00-02:00"]}, "is no window: write Mon-Fri 22:00-06:00"),
        ({"jitter": "soon"}, "must be a time, as 90s, 5m or 1h"),
        ({"jitter": "25h"}, "less than or equal to 86400"),
    ],
)
def test_what_cannot_be_read(fields: dict[str, Any], said: str) -> None:
    """Each mistake is named where it is made."""
    with pytest.raises(ValidationError, match=said):
        schedule(**fields)


def test_it_is_written_as_it_was_read() -> None:
    """What is stored and read again is the same schedule, and tells the same."""
    one = schedule(
        "*/5  2 * * *",
        zone=BERLIN,
        exclude=["2026-12-24..2026-12-26"],
        only=["Fri-Mon 22:00-06:00"],
        never=["daily 23:00-24:00"],
        jitter="1h",
        volumes="a*, b",
    )
    again = type(one).model_validate_json(one.document())
    assert again == one
    assert again.document() == one.document()
    assert (one.cron, one.jitter, one.volumes) == ("*/5 2 * * *", 3600, ("a*", "b"))
    assert [str(window) for window in one.only] == ["Mon,Fri,Sat,Sun 22:00-06:00"]
