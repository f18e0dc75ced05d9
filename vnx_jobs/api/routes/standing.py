"""How batches stand: lists, time left, the report of each row, and orders to all jobs of one."""

import csv
import io
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.batches.ordering import ORDERS, BatchOrders
from vnx_jobs.batches.reporting import RowReport, report
from vnx_jobs.batches.standing import newest, rows_seen, standing_of
from vnx_jobs.documents.batches import (
    BatchesDocument,
    BatchOrderDocument,
    BatchReportDocument,
    RowReportDocument,
    StandingDocument,
)
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.orders import Order
from vnx_jobs.ports.pages import Brief

router = APIRouter(prefix="/v1", tags=["batches"])

_MOST: Final = 100
"""Batches that are listed at most."""


@router.get("/batches", responses=refusals())
def batches(guest: Guest, limit: Annotated[int, Query(ge=1, le=_MOST)] = 20) -> BatchesDocument:
    """List batches that have jobs on arrays that the caller sees, the one submitted to last first."""
    guest.need(Action.LOOK)
    found = newest(guest.house.pages, guest.caller.sees, limit)
    return BatchesDocument(batches=tuple(_told(guest, batch, rows) for batch, rows in found))


@router.get("/batches/{batch}", responses=refusals(Code.NO_SUCH_BATCH))
def batch(guest: Guest, batch: str) -> StandingDocument:
    """Say how a batch stands, how far it is, and how much longer it takes. `GET /v1/jobs?batch=` lists its jobs."""
    guest.need(Action.LOOK)
    return _told(guest, batch, rows_seen(guest.house.pages, batch, guest.caller.sees))


def _told(guest: Visit, batch: str, rows: Sequence[Brief]) -> StandingDocument:
    return StandingDocument.told_of(standing_of(batch, rows, round(time.time() * 1000), guest.house.reads.halted()))


@router.get(
    "/batches/{batch}/report",
    response_model=BatchReportDocument,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "A row a row."},
        **refusals(Code.NO_SUCH_BATCH),
    },
)
def batch_report(
    guest: Guest,
    batch: str,
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="How it is written.")] = "json",
) -> StreamingResponse:
    """Say of each row how it stands, why, and what can be done. It is sent while it is read."""
    guest.need(Action.LOOK)
    rows = report(guest.house.pages, batch, guest.caller.sees)
    if form == "csv":
        return StreamingResponse(_csv(rows), media_type="text/csv")
    return StreamingResponse(_json(batch, rows), media_type="application/json")


def _json(batch: str, rows: Iterable[RowReport]) -> Iterator[str]:
    yield f'{{"batch": {json.dumps(batch)}, "rows": ['
    between = ""
    for row in rows:
        yield between + RowReportDocument.of(row).model_dump_json()
        between = ",\n"
    yield "]}\n"


def _csv(rows: Iterable[RowReport]) -> Iterator[str]:
    yield _line(RowReportDocument.model_fields)
    for row in rows:
        yield _line("" if value is None else str(value) for value in RowReportDocument.of(row).told().values())


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _order(word: Order, says: str) -> None:
    def give(guest: Guest, batch: str) -> BatchOrderDocument:
        with guest.audited(_arrays(guest, batch)):
            guest.need(Action.ORDER)
            orders = BatchOrders(guest.house.pages, guest.house.store, guest.house.bell)
            return BatchOrderDocument.of(orders.give(batch, word, guest.by, guest.caller.sees))

    give.__doc__ = says
    router.add_api_route(
        f"/batches/{{batch}}/{word}",
        give,
        methods=["POST"],
        name=f"{word} batch",
        operation_id=f"{word}_batch",
        responses=refusals(Code.NO_SUCH_BATCH),
    )


def _arrays(guest: Visit, batch: str) -> str:
    """Return the arrays of a batch that a caller sees, for the audit trail; empty if there is none."""
    try:
        rows = rows_seen(guest.house.pages, batch, guest.caller.sees)
    except Refused:
        return ""
    return ",".join(sorted({row.array for row in rows})[:10])


_SAYS: Final[Mapping[Order, str]] = {
    Order.CANCEL: "Cancel every job of a batch that has not ended, and undo what they did.",
    Order.PAUSE: "Stop every job of a batch at its next step boundary.",
    Order.RESUME: "Let paused jobs of a batch go on, and stuck ones try again.",
    Order.UNDO: "Undo every stuck job of a batch.",
}
for _word in ORDERS:
    _order(_word, f"{_SAYS[_word]} The answer counts who took it, and says who refused and why.")
