"""The client: typed calls with keys, patience, waiting and listening, over HTTP or straight to the state server."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby, islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, overload

from vnx_jobs.documents.answers import AcceptedDocument
from vnx_jobs.documents.batches import StandingDocument
from vnx_jobs.documents.jobs import EventDocument, JobDocument, OrderDocument, RetriedDocument, SubmittedDocument
from vnx_jobs.documents.plans import JobPlanDocument, KnownPlanDocument
from vnx_jobs.model.errors import Code
from vnx_jobs.model.event import place_of
from vnx_jobs.model.names import name_problem
from vnx_jobs.model.orders import Order

from .again import Outage, Patience, may_pass
from .asking import Ask, Asked, ask, new_key
from .batching import Batching
from .errors import ClientError, Refused, UnreachableError
from .manifests import MAX_NAME
from .over_http import HttpDoor
from .waiting import Waiting, until_batch_over

if TYPE_CHECKING:  # a client over HTTP has none
    from vnx_jobs.settings import Settings

_AT_ONCE: Final = 500
"""Jobs that one request submits."""
OLDEST: Final = "0-0"
"""Before the oldest event that is kept: for `events(after=...)`."""


class Client(Batching):
    """Submits jobs, waits for them, listens to them, gives them orders, and looks at all there is.

    The same over HTTP and straight to the state server (`direct`). Every call raises ClientError: Refused with what
    every door says, UnreachableError if there is no answer. What may be repeated is repeated while nobody answers, for
    `patience` seconds and the last attempt's own. Over HTTP it is for any number of threads, straight for one.
    """

    def __init__(
        self, address: str, token: str | None = None, *, ca_file: Path | None = None, patience: float = 15.0
    ) -> None:
        """Speak to the service at an address (http or https) with a token; nothing is sent yet.

        `ca_file` holds certificates, as PEM, that the service is verified by. Raises Refused(invalid) for what is no
        address or no token.
        """
        super().__init__(HttpDoor(address, token, ca_file), Patience(patience))

    @classmethod
    def direct(cls, settings: "Settings | None" = None, *, home: Path | None = None, patience: float = 15.0) -> Self:
        """Speak straight to the state server: by settings, else by those that the command line would find.

        `home` stands for `$VNX_JOBS_HOME`. It may do everything. Raises Refused(invalid) for settings with mistakes,
        UnreachableError if there is no state server.
        """
        from .direct import HouseDoor  # noqa: PLC0415 -- a client over HTTP needs none of the parts
        from .local import house_of  # noqa: PLC0415 -- as above

        client = cls.__new__(cls)
        Batching.__init__(client, HouseDoor(house_of(settings, home)), Patience(patience))
        return client

    def __repr__(self) -> str:
        return f"<Client of {self._door.name}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._door.close()

    def submit(
        self, spec: Asked, *, key: str = "", after: Collection[str] = (), hooks: Collection[str] = ()
    ) -> SubmittedDocument:
        """Submit a job. Its key makes it repeatable; one is made if none is given, so that no answer is lost.

        `after` are jobs that must have succeeded before it, `hooks` receivers that are called back when it has ended.
        """
        asked = ask(spec, key=key, after=after, hooks=hooks)
        asked = asked if asked.key else ask(asked, key=new_key())
        with _keyed(asked.key):
            return self._again(lambda: self._door.submit(asked))

    def submit_many(
        self, specs: Iterable[Asked], *, key: str = "", batch: str = "", hooks: Collection[str] = ()
    ) -> list[AcceptedDocument | Refused]:
        """Submit many jobs, each for itself: what became of each, in their order.

        They are taken from `specs` and sent 500 at a time. Each has a key: `key` (else the batch's name, else one that
        nobody has) and its place. So the same call with the same key, or batch, finds the same jobs, and submits those
        that are missing; an UnreachableError tells the key. `batch` is the batch that they are jobs of.
        """
        if batch and (problem := name_problem(batch, MAX_NAME)):
            raise Refused(Code.INVALID, f"batch {problem}")
        stem = key or batch or new_key()
        numbered = enumerate(specs)
        answers: list[AcceptedDocument | Refused] = []
        with _keyed(stem):
            while part := list(islice(numbered, _AT_ONCE)):
                asked = [_row(spec, f"{stem}/{place + 1}", hooks) for place, spec in part]
                answers += self._part(asked, batch, part[0][0])
        return answers

    def _part(self, asked: Sequence[Ask | Refused], batch: str, first: int) -> list[AcceptedDocument | Refused]:
        """Submit some of many: runs of those that nothing is wrong with yet."""
        answers: list[AcceptedDocument | Refused] = []
        for wrong, run in groupby(enumerate(asked, start=first), key=lambda one: isinstance(one[1], Refused)):
            rows = list(run)
            if wrong:
                answers += [one for _, one in rows if isinstance(one, Refused)]
            else:
                answers += self._sent([one for _, one in rows if isinstance(one, Ask)], batch, rows[0][0])
        return answers

    def _sent(self, rows: Sequence[Ask], batch: str, first: int) -> list[AcceptedDocument | Refused]:
        """Send some of many, in halves if they are too large for one request."""
        try:
            return self._again(lambda: self._door.submit_many(rows, batch, first))
        except Refused as refused:
            if refused.code != Code.TOO_LARGE or len(rows) == 1:
                raise
        half = len(rows) // 2
        return [*self._sent(rows[:half], batch, first), *self._sent(rows[half:], batch, first + half)]

    def plan(self, spec: Asked, *, key: str = "", after: Collection[str] = ()) -> JobPlanDocument | KnownPlanDocument:
        """Say what a job would do, hold, wait for and cost; `known` if its key stands for one. Nothing is stored."""
        asked = ask(spec, key=key, after=after)
        return self._again(lambda: self._door.plan(asked))

    @overload
    def wait(  # type: ignore[overload-overlap]  # a text is one id, and no list of letters
        self,
        jobs: str | JobDocument | AcceptedDocument,
        timeout: float | None = None,
        on_progress: Callable[[JobDocument], None] | None = None,
    ) -> JobDocument: ...

    @overload
    def wait(
        self,
        jobs: Iterable[str | JobDocument | AcceptedDocument],
        timeout: float | None = None,
        on_progress: Callable[[JobDocument], None] | None = None,
    ) -> list[JobDocument]: ...

    def wait(
        self,
        jobs: str | JobDocument | AcceptedDocument | Iterable[str | JobDocument | AcceptedDocument],
        timeout: float | None = None,
        on_progress: Callable[[JobDocument], None] | None = None,
    ) -> JobDocument | list[JobDocument]:
        """Return a job, or several in their order, when all are over: ended, or STUCK until a person acts.

        `on_progress` is called with each job at first, and whenever its state, step or percentage has changed; what it
        raises ends the waiting. Raises WaitTimeoutError after `timeout` seconds.
        """
        waiting = Waiting(self._door, self._again, on_progress)
        if isinstance(jobs, str | JobDocument | AcceptedDocument):
            return waiting.until_over([_id(jobs)], timeout)[0]
        return waiting.until_over([_id(one) for one in jobs], timeout)

    def wait_batch(
        self, batch: str, timeout: float | None = None, on_progress: Callable[[StandingDocument], None] | None = None
    ) -> StandingDocument:
        """Return how a batch stands when all of its jobs are over, however many they are.

        `on_progress` is called whenever their states, or how far it is, have changed. Raises WaitTimeoutError after
        `timeout` seconds.
        """
        return until_batch_over(lambda: self.batch(batch), timeout, on_progress)

    def events(self, *, job: str = "", batch: str = "", after: str = "") -> Iterator[EventDocument]:
        """Listen to a job, to the jobs of a batch, or to all: from now on, or after the event of an id.

        It ends when the job, or all of the batch, has ended; listening to all never ends. A lost connection is made
        again, and no event is missed or told twice. `after=OLDEST` begins with the oldest that is kept. Raises
        EventsLostError if some that were asked for are kept no more.
        """
        if job and batch:
            raise Refused(Code.INVALID, "listen to a job or to a batch, not to both")
        if after:
            _need_place(after)
        outage = Outage(self._again.seconds)
        while True:
            try:
                with closing(self._door.listen(job, batch, after)) as heard:  # type: ignore[type-var]
                    for one in heard:
                        outage.over()
                        after = one.id or after
                        if one.event is not None:
                            yield one.event
                        if one.over:
                            return
                cut = UnreachableError(f"{self._door.name} ends every stream")
            except ClientError as error:
                if not may_pass(error):
                    raise
                outage.wait(error)
            else:
                outage.wait(cut)

    def cancel(self, job: str) -> OrderDocument:
        """Cancel a job and undo what it did. Refused once it can only go forward. Orders are sent once."""
        return self._order(job, Order.CANCEL)

    def pause(self, job: str) -> OrderDocument:
        """Stop a job at its next step boundary. It keeps its claims, and its place in the queues."""
        return self._order(job, Order.PAUSE)

    def resume(self, job: str) -> OrderDocument:
        """Let a paused job go on, or a stuck one try again."""
        return self._order(job, Order.RESUME)

    def undo(self, job: str) -> OrderDocument:
        """Undo a stuck job: what it left on the array is removed."""
        return self._order(job, Order.UNDO)

    def abandon(self, job: str) -> OrderDocument:
        """Give a stuck job up: its claims are freed, what it left stays."""
        return self._order(job, Order.ABANDON)

    def _order(self, job: str, order: Order) -> OrderDocument:
        return self._again(lambda: self._door.order(job, order), repeatable=False)

    def retry(self, job: str) -> RetriedDocument:
        """Submit what a job that did not succeed was asked for, as a new job that names the old one. Sent once."""
        return self._again(lambda: self._door.retry(job), repeatable=False)


def _id(job: str | JobDocument | AcceptedDocument) -> str:
    return job if isinstance(job, str) else job.job


def _need_place(event: str) -> None:
    try:
        place_of(event)
    except ValueError as error:
        raise Refused(Code.INVALID, f"after: {error}") from None


def _row(spec: Asked, key: str, hooks: Collection[str]) -> Ask | Refused:
    try:
        return ask(spec, key=key, hooks=hooks)
    except Refused as refused:
        return refused


@contextmanager
def _keyed(key: str) -> Iterator[None]:
    """Let who gets no answer know by what key he finds what came of his request."""
    try:
        yield
    except UnreachableError as error:
        error.key = key
        raise
