"""What a client does with whole batches: submits them, looks at them, and tells all jobs of one what to do."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from vnx_jobs.documents.batches import BatchOrderDocument, BatchReportDocument, ReportDocument, StandingDocument
from vnx_jobs.documents.plans import BatchPlanDocument
from vnx_jobs.model.errors import Code
from vnx_jobs.model.orders import Order

from .errors import Refused
from .managing import Managing
from .manifests import Form, manifest

_MOST: Final = 100
"""Batches that are listed at most."""


class Batching(Managing):
    """The part of a client that is about batches. The same manifest again finds the jobs that live or SUCCEEDED."""

    def submit_batch(  # noqa: PLR0913 -- what a text, and what its sender, says
        self,
        text: str,
        form: Form = "yaml",
        *,
        batch: str = "",
        array: str | None = None,
        variables: Mapping[str, str] | None = None,
        hooks: Collection[str] = (),
        partial: bool = False,
        atomic: bool = False,
    ) -> ReportDocument:
        """Submit the rows of a manifest: YAML, JSON lines or CSV. Return what became of each, in their order.

        All of them are judged first, and with one wrong nothing is submitted, unless `partial`. `atomic` accepts all or
        none, and lets none run before. `variables` stand before those of the text. `batch` and `array` are meant where
        it names none, `hooks` are told when all has ended. Raises Refused if no row has a job: its `report` says
        what is wrong with which.
        """
        given = manifest(text, form, batch=batch, array=array, variables=variables, hooks=hooks)
        return self._again(lambda: self._door.submit_batch(given, partial=partial, atomic=atomic))

    def plan_batch(  # noqa: PLR0913 -- as above
        self,
        text: str,
        form: Form = "yaml",
        *,
        batch: str = "",
        array: str | None = None,
        variables: Mapping[str, str] | None = None,
        hooks: Collection[str] = (),
        partial: bool = False,
    ) -> BatchPlanDocument:
        """Say what the rows of a manifest would do, hold, wait for and cost. Nothing is stored."""
        given = manifest(text, form, batch=batch, array=array, variables=variables, hooks=hooks)
        return self._again(lambda: self._door.plan_batch(given, partial=partial))

    def batches(self, limit: int = 20) -> Sequence[StandingDocument]:
        """List batches with how they stand, the one submitted to last first; 100 at most."""
        if not 1 <= limit <= _MOST:
            raise Refused(Code.INVALID, f"limit must be 1 to {_MOST}")
        return self._again(lambda: self._door.batches(limit))

    def batch_report(self, batch: str) -> BatchReportDocument:
        """Say of each row of a batch how it stands, why, and what can be done about it."""
        return self._again(lambda: self._door.batch_report(batch))

    def cancel_batch(self, batch: str) -> BatchOrderDocument:
        """Cancel every job of a batch that has not ended, and undo what they did. Orders are sent once.

        As with every order to a batch, the answer counts the jobs that took it, and says which refused it and why; the
        same order again goes to those that are left.
        """
        return self._order_all(batch, Order.CANCEL)

    def pause_batch(self, batch: str) -> BatchOrderDocument:
        """Stop every job of a batch at its next step boundary."""
        return self._order_all(batch, Order.PAUSE)

    def resume_batch(self, batch: str) -> BatchOrderDocument:
        """Let paused jobs of a batch go on, and stuck ones try again."""
        return self._order_all(batch, Order.RESUME)

    def undo_batch(self, batch: str) -> BatchOrderDocument:
        """Undo every stuck job of a batch."""
        return self._order_all(batch, Order.UNDO)

    def _order_all(self, batch: str, order: Order) -> BatchOrderDocument:
        return self._again(lambda: self._door.order_batch(batch, order), repeatable=False)
