"""What a client does with whole batches, straight: by the parts that every door calls."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vnx_jobs.batches.checking import Checked, check
from vnx_jobs.batches.fates import Fate, RowFate
from vnx_jobs.batches.group_clones import group_clones
from vnx_jobs.batches.manifest import Manifest as Rows
from vnx_jobs.batches.manifest import understand
from vnx_jobs.batches.ordering import BatchOrders
from vnx_jobs.batches.reporting import report
from vnx_jobs.batches.standing import newest, rows_seen, standing_of
from vnx_jobs.batches.submitting import complaint, submit
from vnx_jobs.batches.whole import submit_whole
from vnx_jobs.documents.asked import arrays_of, need_key, texts
from vnx_jobs.documents.batches import (
    BatchOrderDocument,
    BatchReportDocument,
    ReportDocument,
    RowReportDocument,
    StandingDocument,
)
from vnx_jobs.documents.plans import BatchPlanDocument
from vnx_jobs.model import errors as told
from vnx_jobs.model.errors import Code
from vnx_jobs.model.orders import Order
from vnx_jobs.model.specs import SEVERAL, parse_several
from vnx_jobs.ports.pages import Brief
from vnx_jobs.preview import Rehearsal, preview

from .direct_managing import HouseManaging
from .local import Entry, alike, audited, refused, translated
from .manifests import Manifest

(_WORD,) = SEVERAL


class HouseBatches(HouseManaging):
    """The part of a client's way straight to the state server that is about batches."""

    def submit_batch(self, manifest: Manifest, *, partial: bool, atomic: bool) -> ReportDocument:
        """Submit the rows of a manifest."""
        with translated():
            rows = self._read(manifest)
            atomic = atomic or rows.atomic
            if atomic and partial:
                raise told.Refused(Code.INVALID, "a batch is accepted whole (atomic) or in part (partial), not both")
            with audited(self._house, "client submit batch", arrays_of([one.fields for one in rows.rows])) as entry:
                return self._submitted(rows, entry, partial=partial, atomic=atomic)

    def clone_group(self, fields: Mapping[str, Any], key: str) -> ReportDocument:
        """Clone all volumes of a group's snapshot."""
        with translated(), audited(self._house, "client clone group", arrays_of([fields])) as entry:
            given = {"operation": _WORD, **fields}
            hooks = texts(given, "hooks")
            spec = parse_several(given)
            self._house.settings.array(spec.array)
            rows = replace(group_clones(spec, self._house.submission, need_key(key)), hooks=hooks)
            return self._submitted(rows, entry, partial=False, atomic=False)

    def _read(self, manifest: Manifest) -> Rows:
        """Read a manifest as a service does. Raises the parts' Refused."""
        arrays = self._house.settings.arrays
        meant = manifest.array or (next(iter(arrays)) if len(arrays) == 1 else None)
        if meant is not None:
            self._house.settings.array(meant)
        rows = understand(
            Path(f"body.{manifest.form}"),
            manifest.text,
            meant,
            batch=manifest.batch,
            variables=manifest.variables,
        )
        return replace(rows, hooks=tuple(dict.fromkeys((*rows.hooks, *manifest.hooks))))

    def _checked(self, rows: Rows) -> Checked:
        named = (row.fields.get("array") for row in rows.rows)
        for name in dict.fromkeys(one for one in named if isinstance(one, str)):
            self._house.settings.array(name)
        return check(rows, self._house.submission)

    def _submitted(self, rows: Rows, entry: Entry, *, partial: bool, atomic: bool) -> ReportDocument:
        """Submit rows, and return what became of them."""
        checked = self._checked(rows)
        with self._house.hooks.telling(rows.batch, rows.hooks):
            if atomic:
                fates = submit_whole(checked, self._house.submission, self._house.gates, by=self._by)
            else:
                fates = submit(checked, self._house.submission, partial=partial, by=self._by)
        entry.jobs = tuple(fate.job for fate in fates if fate.fate is Fate.SUBMITTED)
        return _answered(rows, fates, atomic=atomic)

    def plan_batch(self, manifest: Manifest, *, partial: bool) -> BatchPlanDocument:
        """Say what the rows of a manifest would do."""
        with translated():
            rows = self._read(manifest)
            checked = self._checked(rows)
            self._house.hooks.need(rows.hooks)
            rehearsal = Rehearsal(self._house.submission)
            fates = submit(checked, rehearsal, partial=partial, by="")
            return alike(BatchPlanDocument.of_rows(preview(rehearsal), rows.batch, str(rows.file), fates))

    def batches(self, limit: int) -> Sequence[StandingDocument]:
        """List batches."""
        with translated():
            return [self._standing(batch, rows) for batch, rows in newest(self._house.pages, _all, limit)]

    def batch(self, batch: str) -> StandingDocument:
        """Say how a batch stands."""
        with translated():
            return self._standing(batch, rows_seen(self._house.pages, batch, _all))

    def _standing(self, batch: str, rows: Sequence[Brief]) -> StandingDocument:
        standing = standing_of(batch, rows, round(time.time() * 1000), self._house.reads.halted())
        return alike(StandingDocument.told_of(standing))

    def batch_report(self, batch: str) -> BatchReportDocument:
        """Say of each row how it stands."""
        with translated():
            rows = tuple(map(RowReportDocument.of, report(self._house.pages, batch)))
            return BatchReportDocument(batch=batch, rows=rows)

    def order_batch(self, batch: str, order: Order) -> BatchOrderDocument:
        """Give an order to all jobs of a batch."""
        with translated(), audited(self._house, f"client {order} batch", self._arrays(batch)):
            orders = BatchOrders(self._house.pages, self._house.store, self._house.bell)
            return BatchOrderDocument.of(orders.give(batch, order, self._by))

    def _arrays(self, batch: str) -> str:
        """Return the arrays of a batch, for the audit trail."""
        rows = self._house.pages.rows(batch) if batch else ()
        return ",".join(sorted({row.array for row in rows})[:10])


def _all(array: str) -> bool:
    """Say that whoever reads the state server sees every array."""
    del array
    return True


def _answered(rows: Rows, fates: Sequence[RowFate], *, atomic: bool) -> ReportDocument:
    """Return what became of rows. Raises the client's Refused, with the same as its report, if that is nothing."""
    found = alike(ReportDocument.of(rows.batch, str(rows.file), fates, {}))
    if (all if atomic else any)(fate.has_job for fate in fates):
        return found
    error = refused(told.Refused(Code.INVALID, complaint(fates)))
    error.report = found.told()
    raise error
