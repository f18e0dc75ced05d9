"""Timetables: when something is due, by a cron expression in a time zone, a calendar and weekly windows. Pure.

All instants are milliseconds since 1970 in UTC; the present is always given.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Annotated, Final, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW: Final = re.compile(r"(?P<days>\S+) +(?P<h1>\d\d):(?P<m1>\d\d)-(?P<h2>\d\d):(?P<m2>\d\d)")
_AMOUNT: Final = re.compile(r"(\d{1,6}) ?(s|m|h|)")
_SECONDS: Final = {"s": 1, "": 1, "m": 60, "h": 3600}
_FIELDS: Final = 5
_TRIES: Final = 500
"""Due times in a row that are excluded, until there is said to be none: each stands for a day or a window."""
_SPANS: Final = tuple(timedelta(days=days) for days in (1 / 24, 1, 7, 32, 400))
"""How far back missed due times are looked for, until enough are found; then as far as need be."""
_SECOND: Final = 1000
_END: Final = 253_000_000_000_000
"""Some years before calendars end, which is as far as due times are looked for."""


@dataclass(frozen=True, slots=True)
class Dates:
    """Days of a calendar, from the first to the last."""

    first: date
    last: date

    @classmethod
    def read(cls, given: object) -> "Dates":
        """Read `2026-12-24`, or `2026-12-24..2027-01-06`. Raises ValueError."""
        if isinstance(given, Dates):
            return given
        first, dots, last = str(given).partition("..")
        try:
            days = cls(date.fromisoformat(first), date.fromisoformat(last if dots else first))
        except ValueError:
            raise ValueError(f"{given!r} is no day: write 2026-12-24, or 2026-12-24..2027-01-06") from None
        if days.last < days.first:
            raise ValueError(f"{given!r} ends before it begins")
        return days

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"


@dataclass(frozen=True, slots=True)
class Window:
    """A time of some days of the week; one that ends no later than it begins goes on into the next day."""

    days: tuple[int, ...]
    begins: int
    """Minute of the day."""
    ends: int

    @classmethod
    def read(cls, given: object) -> "Window":
        """Read `Mon-Fri 22:00-06:00`, `Sat,Sun 00:00-24:00`, `daily 01:00-05:00`. Raises ValueError."""
        if isinstance(given, Window):
            return given
        found = _WINDOW.fullmatch(str(given).strip())
        if not found:
            raise ValueError(f"{given!r} is no window: write Mon-Fri 22:00-06:00, or daily 01:00-05:00")
        begins, ends = (int(found[h]) * 60 + int(found[m]) for h, m in (("h1", "m1"), ("h2", "m2")))
        if begins >= 24 * 60 or ends > 24 * 60 or int(found["m1"]) > 59 or int(found["m2"]) > 59:  # noqa: PLR2004 -- a clock's
            raise ValueError(f"{given!r} has times that no clock shows")
        return cls(_days(found["days"]), begins, ends)

    def covers(self, at: datetime) -> bool:
        """Say whether a local time lies within."""
        minute, day = at.hour * 60 + at.minute, at.weekday()
        if self.begins < self.ends:
            return day in self.days and self.begins <= minute < self.ends
        return (day in self.days and minute >= self.begins) or ((day - 1) % 7 in self.days and minute < self.ends)

    def edges(self, midnight: datetime) -> Iterator[datetime]:
        """Yield when it begins and ends, as clocks show it, on a day and the one after."""
        for minute in (self.begins, self.ends):
            yield midnight + timedelta(minutes=minute)

    def __str__(self) -> str:
        words = "daily" if len(self.days) == len(_DAYS) else ",".join(_DAYS[day].title() for day in self.days)
        return f"{words} {_clock(self.begins)}-{_clock(self.ends)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _days(text: str) -> tuple[int, ...]:
    if text.lower() in {"daily", "*"}:
        return tuple(range(7))
    found: set[int] = set()
    for part in text.lower().split(","):
        first, dash, last = part.partition("-")
        if first not in _DAYS or (dash and last not in _DAYS):
            raise ValueError(f"{part!r} is no day of the week: there are {', '.join(_DAYS)}, and daily")
        begin, end = _DAYS.index(first), _DAYS.index(last if dash else first)
        found |= {day % 7 for day in range(begin, end + 1 + (7 if end < begin else 0))}
    return tuple(sorted(found))


def _checked_cron(text: str) -> str:
    words = " ".join(text.split())
    if len(words.split()) != _FIELDS:
        raise ValueError("needs five fields: minute, hour, day of month, month, day of week")
    try:
        next(CronSim(words, datetime(2000, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        raise ValueError(f"cannot be read: {str(error).lower()}") from None
    except StopIteration:
        raise ValueError("never comes: there is no such day") from None
    except (ValueError, TypeError, AssertionError):  # of the library, for some of what it cannot read
        raise ValueError("cannot be read") from None
    return words


def _checked_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("names no time zone known here") from None
    return name


def _checked_amount(given: object) -> object:
    found = _AMOUNT.fullmatch(str(given))
    if isinstance(given, bool) or not found:
        raise ValueError("must be a time, as 90s, 5m or 1h")
    return int(found[1]) * _SECONDS[found[2]]


def _listed(given: object) -> object:
    """Take one text with commas between its parts for a list; days of the week have commas, but no blank after them."""
    return [one.strip() for one in re.split(r", +|;", given) if one.strip()] if isinstance(given, str) else given


Seconds: TypeAlias = Annotated[int, BeforeValidator(_checked_amount), Field(ge=0, le=86_400)]
_AnyDates: TypeAlias = Annotated[Dates, BeforeValidator(Dates.read), PlainSerializer(str)]
_AnyWindow: TypeAlias = Annotated[Window, BeforeValidator(Window.read), PlainSerializer(str)]
_MANY: Final = Field(default=(), max_length=400)


class Timetable(BaseModel):
    """When something is due. Days, times and windows are those of the clocks in `zone`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=1024)

    cron: Annotated[str, AfterValidator(_checked_cron)]
    """Five fields. A time that clocks skip when summer begins is due when they go on; one that they show twice, once.

    Expressions with `*` for the minute or the hour follow real time instead: nothing in the skipped hour, both others.
    """
    zone: Annotated[str, AfterValidator(_checked_zone)] = "UTC"
    exclude: Annotated[tuple[_AnyDates, ...], BeforeValidator(_listed)] = _MANY
    """Days on which nothing is due."""
    only: Annotated[tuple[_AnyWindow, ...], BeforeValidator(_listed)] = _MANY
    """Weekly windows outside of which nothing is begun."""
    never: Annotated[tuple[_AnyWindow, ...], BeforeValidator(_listed)] = _MANY
    """Weekly windows within which nothing is begun."""
    jitter: Seconds = 0
    """Each run begins up to so many seconds after it is due, so that many schedules do not begin together."""

    def local(self, at: int) -> datetime:
        """Return an instant as clocks in the zone show it."""
        return datetime.fromtimestamp(at / 1000, ZoneInfo(self.zone))

    def allowed(self, at: int) -> bool:
        """Say whether the windows let something begin."""
        local = self.local(at)
        within = not self.only or any(window.covers(local) for window in self.only)
        return within and not any(window.covers(local) for window in self.never)

    def opens(self, at: int) -> int | None:
        """Return the first instant from one on at which the windows let something begin; None if they never do."""
        if self.allowed(at):
            return at
        midnight = self.local(at).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        edges = (
            round(edge.timestamp() * 1000)
            for day in range(-1, 9)
            for window in (*self.only, *self.never)
            for edge in window.edges(midnight + timedelta(days=day))
        )
        return next((edge for edge in sorted(edges) if edge > at and self.allowed(edge)), None)

    def next(self, after: int) -> int | None:
        """Return the first due time after an instant, by the second; None if there is none for years."""
        at = after
        for _ in range(_TRIES):
            due = self._ticks(at) if at < _END else None
            if due is None:
                return None
            if (days := self._excluded(due)) is not None:
                at = max(due, self._end_of(days.last) - 1)
            elif (opens := self.opens(due)) == due:
                return due
            elif opens is None:
                return None
            else:
                at = opens - 1
        return None

    def begins(self, due: int, salt: str) -> int:
        """Return when a run begins that is due then: the jitter's part is always the same for one due time and salt.

        It is less than `jitter`, ends before the next due time, and does not leave the windows.
        """
        if not self.jitter:
            return due
        following = self.next(due)
        room = self.jitter if following is None else min(self.jitter, (following - due) // _SECOND - 1)
        seed = hashlib.blake2b(f"{salt}/{due}".encode(), digest_size=8).digest()
        offset = int.from_bytes(seed) % (max(0, room) + 1)
        while offset and not self.allowed(due + offset * _SECOND):
            offset //= 2
        return due + offset * _SECOND

    def upcoming(self, after: int, most: int) -> tuple[int, ...]:
        """Return the next due times after an instant."""
        return tuple(islice(self._each(after), most))

    def passed(self, after: int, now: int, most: int, salt: str) -> tuple[int, ...]:
        """Return the due times after one instant whose runs should have begun by another: so many of the last."""
        found: list[int] = []
        for span in (*(round(one.total_seconds() * 1000) for one in _SPANS), now):
            since = max(after, now - span - self.jitter * _SECOND)
            found = [due for due in self._until(since, now) if self.begins(due, salt) <= now]
            if len(found) >= most or since == after:
                break
        return tuple(found[-most:])

    def _until(self, after: int, last: int) -> Iterator[int]:
        for due in self._each(after):
            if due > last:
                return
            yield due

    def _each(self, after: int) -> Iterator[int]:
        due = self.next(after)
        while due is not None:
            yield due
            due = self.next(due)

    def _ticks(self, after: int) -> int | None:
        """Return what the cron expression says alone."""
        try:
            for moment in CronSim(self.cron, self.local(after - after % _SECOND)):
                due = round(moment.timestamp()) * _SECOND
                if due > after:  # in the hour that clocks show twice the library begins with the first showing
                    return due
        except (StopIteration, OverflowError):
            return None
        return None

    def _excluded(self, due: int) -> Dates | None:
        day = self.local(due).date()
        return next((days for days in self.exclude if days.first <= day <= days.last), None)

    def _end_of(self, day: date) -> int:
        """Return when a day ends; the last of all days ends with the calendar."""
        if day == date.max:
            return _END
        following = day + timedelta(days=1)
        return (
            round(datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(self.zone)).timestamp())
            * _SECOND
        )
