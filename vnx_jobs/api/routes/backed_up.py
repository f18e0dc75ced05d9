"""Backups volume by volume: when one was last proved, and which of them a policy would keep. Nothing is removed."""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.cursors import cursor_of, parts_of
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.backups.proofs import MOST_DAYS, overdue
from vnx_jobs.backups.retention import Verdict, judged
from vnx_jobs.documents.backups import BackedUpDocument, BackedUpPage, JudgedDocument, JudgedPage
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.retention import ALL, Policy
from vnx_jobs.ports import BackedUp

router = APIRouter(prefix="/v1/backups", tags=["backups"])

Limit = Annotated[int, Query(ge=1)]
Cursor = Annotated[str, Query(description="As the part before said.")]
Number = Annotated[int, Query(ge=ALL, description="How many the rule keeps; -1 for all.")]
Days = Annotated[float | None, Query(ge=0, le=MOST_DAYS, description="Only those not proved for so many days.")]


@router.get(":volumes", responses=refusals(Code.UNKNOWN_ARRAY))
def volumes(
    guest: Guest, array: str | None = None, unproved: Days = None, limit: Limit = 100, cursor: Cursor = ""
) -> BackedUpPage:
    """List the volumes that have backups, by array and name, and when one was last restored bit for bit."""
    guest.need(Action.LOOK)
    found = _volumes(guest, array)
    if unproved is not None:
        late = set(overdue(found, round(time.time() * 1000), timedelta(days=unproved)))
        found = [one for one in found if one in late]
    after = tuple(parts_of(cursor, "backed-up", 3)) if cursor else ()
    onward = [one for one in found if _place(one) > after]
    most = min(limit, guest.house.settings.api.page)
    part = onward[:most]
    following = cursor_of("backed-up", *_place(part[-1])) if len(onward) > most else None
    return BackedUpPage(volumes=tuple(map(BackedUpDocument.of, part)), cursor=following)


def _policy(  # noqa: PLR0913 -- a rule each
    *,
    last: Number = 0,
    hourly: Number = 0,
    daily: Number = 0,
    weekly: Number = 0,
    monthly: Number = 0,
    yearly: Number = 0,
    zone: Annotated[str, Query(description="By whose clocks hours, days and longer periods begin.")] = "UTC",
) -> Policy:
    try:
        return Policy(last, hourly, daily, weekly, monthly, yearly, zone)
    except ValueError as error:
        raise Refused(Code.INVALID, str(error)) from error


@router.get(":retention", responses=refusals(Code.UNKNOWN_ARRAY))
def retention(  # noqa: PLR0913 -- what is asked, and how a list is read
    guest: Guest,
    policy: Annotated[Policy, Depends(_policy)],
    *,
    array: str | None = None,
    volume: Annotated[str | None, Query(description="Only of volumes that bear this name now.")] = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> JudgedPage:
    """Say of each backup whether a policy would keep it, and why; volume by volume, the newest first."""
    guest.need(Action.LOOK)
    named = [one for one in _volumes(guest, array) if volume in {None, one.volume}]
    most = min(limit, guest.house.settings.api.page)
    found = list(islice(_verdicts(guest, named, policy, cursor), most + 1))
    part = [verdict for _, verdict in found[:most]]
    following = _cursor(*found[most - 1]) if len(found) > most else None
    return JudgedPage(backups=tuple(map(JudgedDocument.judged, part)), cursor=following)


def _verdicts(guest: Visit, named: list[BackedUp], policy: Policy, cursor: str) -> Iterator[tuple[BackedUp, Verdict]]:
    """Judge the backups behind a place. Two round trips for each volume that is reached."""
    *place, instant, archive = parts_of(cursor, "judged", 5) if cursor else ("", "", "", "", "")
    for one in named:
        if _place(one) < tuple(place):
            continue
        for verdict in judged(guest.house.catalogue.of(one.array, one.uid), policy):
            backup = verdict.backup
            if _place(one) > tuple(place) or (_sortable(backup.instant), backup.archive) < (instant, archive):
                yield one, verdict


def _cursor(one: BackedUp, verdict: Verdict) -> str:
    return cursor_of("judged", *_place(one), _sortable(verdict.backup.instant), verdict.backup.archive)


def _sortable(instant: int) -> str:
    """Return a time as a text that is ordered as times are."""
    return f"{instant:020}"


def _place(one: BackedUp) -> tuple[str, str, str]:
    return one.array, one.volume, one.uid


def _volumes(guest: Visit, array: str | None) -> list[BackedUp]:
    """Return the volumes that have backups, of one array or of all that he sees, by array, name and UID."""
    wanted = None if array is None else guest.array_of(array, guest.house.catalogue.volumes)
    return [one for one in guest.house.catalogue.volumes(wanted) if guest.caller.sees(one.array)]
