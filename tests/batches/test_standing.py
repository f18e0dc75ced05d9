"""How batches stand, orders to all of their jobs, and the report of each row."""

import pytest

from tests.batches.manifests import Runner
from tests.installation import ARRAY
from vnx_jobs.adapters.redis.pages import RedisPages
from vnx_jobs.batches.ordering import BatchOrders
from vnx_jobs.batches.reporting import report
from vnx_jobs.batches.standing import rows_seen, standing_of
from vnx_jobs.model.errors import Refused
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.orders import Orders
from vnx_jobs.ports.pages import Brief

WEB = """\
    batch: web
    jobs:
      - {operation: create-volume, name: "web-{n}", count: 3, size_gb: 1, pool: pool}
      - {operation: clone, name: second, source: web-1, after: web-1}
    """
NOW = 1_000_000


def told(runner: Runner) -> BatchOrders:
    """Return what orders batches of an installation."""
    installation = runner.installation
    return BatchOrders(RedisPages(installation.server), installation.store, installation.bell)


def row(number: int, state: State, *, ended: int = 0, percent: int | None = None, eta: int = 0) -> Brief:
    """Return a row of ten steps that was submitted at the beginning."""
    return Brief(f"j{number}", ARRAY, f"r{number}", state, NOW, ended, 0, 10, percent, eta)


def ended(count: int, state: State = State.SUCCEEDED) -> list[Brief]:
    """Return rows that ended a second after each other."""
    return [row(number, state, ended=NOW + 1000 * number) for number in range(1, count + 1)]


QUEUED = [row(number, State.QUEUED) for number in range(10, 17)]


@pytest.mark.parametrize(
    ("rows", "halted", "seconds", "percent", "basis"),
    [
        (ended(3), {}, 0, 100, "all rows are over"),
        (ended(3) + QUEUED, {}, 14, 30, "measured: 3 rows ended in 6 s"),
        (ended(2) + QUEUED, {}, None, 22, "unknown: fewer than 3 rows have ended"),
        (ended(3, State.CANCELLED) + QUEUED, {}, None, 30, "unknown: fewer than 3"),
        ([*ended(3), row(9, State.PAUSED)], {}, None, 75, "unknown: 1 rows are paused"),
        ([*ended(3), row(9, State.STUCK)], {}, 0, 100, "all rows are over"),
        (ended(3) + QUEUED, {ARRAY: "box is away: silent"}, None, 30, "unknown: box is away: silent"),
        ([row(1, State.WAITING, percent=50, eta=NOW + 66_000)], {}, 60, 5, "the array tells of each"),
        ([*ended(3), row(9, State.WAITING, percent=50, eta=NOW + 66_000)], {}, 60, 76, "measured: 3 rows"),
    ],
)
def test_percent_and_time_left(
    rows: list[Brief], halted: dict[str, str], seconds: int | None, percent: int, basis: str
) -> None:
    """Time left is what was measured, or what the array tells; where neither says anything it is unknown, and why."""
    standing = standing_of("web", rows, NOW + 6000, halted)
    assert (standing.left.seconds, standing.percent) == (seconds, percent)
    assert standing.left.basis.startswith(basis)


def test_a_batch_from_submission_to_its_end(runner: Runner) -> None:
    """Its rows are counted by state, and are all over in the end; a batch that there is not is refused."""
    runner.submit(WEB)
    pages = RedisPages(runner.installation.server)
    first = standing_of("web", pages.rows("web"), NOW)
    assert (first.rows, first.over, first.percent, first.is_over) == (4, 0, 0, False)
    runner.installation.run(*(one.job for one in pages.rows("web")))
    last = standing_of("web", pages.rows("web"), NOW)
    assert (dict(last.states), last.percent, last.left.seconds) == ({State.SUCCEEDED: 4}, 100, 0)
    with pytest.raises(Refused, match="there are no jobs of a batch 'nest'"):
        rows_seen(pages, "nest", lambda _: True)
    with pytest.raises(Refused, match="there are no jobs of a batch 'web'"):
        rows_seen(pages, "web", lambda array: array != ARRAY)


def test_pause_resume_and_cancel_reach_every_job(runner: Runner) -> None:
    """Each order takes hold of every job that it is for; given again it changes nothing, and is refused by nobody."""
    fates = runner.submit(WEB)
    orders = told(runner)

    def give(order: Order) -> tuple[dict[State, int], int, dict[State, int]]:
        said = orders.give("web", order, "test")
        assert (said.refused, said.rows) == ((), 4)
        return dict(said.taken), said.already, dict(said.left)

    assert give(Order.PAUSE) == ({State.PAUSED: 4}, 0, {})
    assert give(Order.PAUSE) == ({}, 4, {})
    assert give(Order.UNDO) == ({}, 0, {State.PAUSED: 4})
    assert give(Order.RESUME) == ({State.WAITING: 4}, 0, {})
    assert give(Order.RESUME) == ({}, 4, {})
    runner.installation.run(fates[0].job)
    cancelled = give(Order.CANCEL)
    assert cancelled[1:] == (0, {State.SUCCEEDED: 3})
    runner.installation.run(*(fate.job for fate in fates))
    assert give(Order.CANCEL)[:2] == ({}, 0)
    assert {one.state for one in runner.installation.store.find(batch="web")} == {State.SUCCEEDED, State.CANCELLED}


def test_a_retried_row_counts_by_its_new_attempt(runner: Runner) -> None:
    """`retry` of a row's job is that row's attempt: counted once, known to the same file, and not made twice."""
    first = runner.submit(WEB)[0].job
    installation = runner.installation
    installation.store.order(first, Order.CANCEL, "test")
    orders = Orders(installation.store, installation.bell, installation.submission)
    again = orders.retry(first, "test").job
    with pytest.raises(Refused, match=f"tried again already: row web-1 of web is job {again}, which is QUEUED"):
        orders.retry(first, "test")
    rows = RedisPages(installation.server).rows("web")
    assert ([one.row for one in rows], rows[0].job) == (["web-1", "web-2", "web-3", "second"], again)
    ended = installation.run(*(one.job for one in rows))
    assert [one.state for one in ended] == [*[State.SUCCEEDED] * 3, State.CANCELLED]
    fates = runner.submit(WEB)
    assert [str(one.fate) for one in fates] == [*["known"] * 3, "submitted"]
    assert (fates[0].job, runner.stored()) == (again, 6)


def test_the_report_says_cause_and_remedy(runner: Runner) -> None:
    """Each row stands in it once, in the file's order, with why it ended so and what can be done about it."""
    fates = runner.submit(WEB + "  - {operation: clone, name: lost, source: nowhere}\n")
    orders = told(runner)
    runner.installation.store.order(fates[0].job, Order.CANCEL, "admin")
    runner.installation.run(*(fate.job for fate in fates))
    rows = list(report(orders.pages, "web"))
    assert [(one.row, str(one.state), one.code) for one in rows] == [
        ("web-1", "CANCELLED", "cancelled"),
        ("web-2", "SUCCEEDED", ""),
        ("web-3", "SUCCEEDED", ""),
        ("second", "CANCELLED", "predecessor-failed"),
        ("lost", "FAILED", "no-such-volume"),
    ]
    assert [one.cause for one in rows] == [
        *("cancelled by admin", "", "", "web-1 had to succeed first and ended CANCELLED"),
        "there is no volume nowhere on box",
    ]
    again = "submit the manifest again: only what has not succeeded runs"
    assert [one.remedy for one in rows] == [
        *(again, "", "", f"mend the row that it comes after; then {again}"),
        f"name a volume that there is; then {again}",
    ]
