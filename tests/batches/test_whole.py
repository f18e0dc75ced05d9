"""A batch that is accepted whole or not at all, whenever whoever submits it dies."""

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NoReturn, TypeVar

import pytest

from tests.batches.manifests import Runner, written
from tests.installation import ARRAY
from vnx_jobs.adapters.redis.gates import RedisGates
from vnx_jobs.adapters.redis.sent import UnderWay
from vnx_jobs.adapters.redis.server import Answer, Server, connect
from vnx_jobs.adapters.redis.store import RedisJobStore
from vnx_jobs.batches.checking import Checked, check
from vnx_jobs.batches.fates import RowFate
from vnx_jobs.batches.whole import submit_whole
from vnx_jobs.model.states import State
from vnx_jobs.ports.gates import SILENCE

T = TypeVar("T")
ROWS = 350
"""Three calls' worth: 300 volumes, 49 more, and the copy of one of them."""
MANY = f"""\
    batch: many
    atomic: yes
    jobs:
      - {{operation: create-volume, name: "vol-{{n:03}}", count: {ROWS - 1}, size_gb: 1, pool: pool}}
      - {{operation: clone, name: copy, source: vol-001}}
    """
OPENED = 5
"""The last call of a submission."""


def whole(runner: Runner, text: str) -> list[RowFate]:
    """Submit a manifest whole."""
    submission = runner.installation.submission
    checked = check(written(runner.folder, text), submission)
    assert checked.manifest.atomic == ("atomic" in text)
    return submit_whole(checked, submission, RedisGates(runner.installation.server), by="test")


def test_all_rows_are_accepted_and_run(runner: Runner) -> None:
    """Each row has its job, and all end as they would have; the same file again finds the same jobs."""
    text = """\
        atomic: true
        batch: web
        jobs:
          - {operation: clone, name: "web-{n}", count: 3, source: gold}
          - {operation: clone, name: second, source: web-1, after: web-1}
        """
    fates = whole(runner, text)
    assert [str(fate.fate) for fate in fates] == ["submitted"] * 4
    ended = runner.installation.run(*(fate.job for fate in fates))
    assert [one.state for one in ended] == [State.SUCCEEDED] * 4
    assert [(str(fate.fate), fate.job) for fate in whole(runner, text)] == [("known", one.id) for one in ended]


def test_one_refused_row_keeps_all_back(runner: Runner) -> None:
    """A limit of the array that only the script counts refuses a row: nothing is left of the others, nothing rings."""
    numbers = 400  # as many LUN numbers as the installation's range has
    text = f"""\
        atomic: true
        jobs:
          - {{operation: create-volume, name: "vol-{{n:03}}", count: {numbers + 1}, size_gb: 1, pool: pool}}
        """
    held_before = runner.installation.held()
    fates = whole(runner, text)
    assert {str(fate.fate) for fate in fates} == {"held back", "refused"}
    assert (runner.stored(), runner.installation.bell.rings) == (0, [])
    assert runner.installation.held() == held_before
    assert "the batch is to be accepted whole" in fates[0].message


def test_a_mistake_keeps_all_back(runner: Runner) -> None:
    """A row that is wrong is told as ever, and nothing is submitted."""
    fates = whole(runner, "atomic: yes\njobs:\n  - {operation: create-volume, name: x, size_gb: 1, pool: none}\n")
    assert ([str(fate.fate) for fate in fates], runner.stored()) == (["wrong"], 0)


class DyingServer(Server):
    """A state server's connection whose process is killed before, or after, one of its calls."""

    def die(self, at: int, *, answered: bool) -> None:
        """Be killed at the call of that number."""
        self.calls, self.at, self.answered = 0, at, answered

    def begin_many(
        self, name: str, calls: Sequence[Sequence[object] | str], *, durable: bool = False
    ) -> UnderWay[list[Answer]]:
        """Run many, or die."""

        def run() -> UnderWay[list[Answer]]:
            under_way = super(DyingServer, self).begin_many(name, calls, durable=durable)
            answers = under_way.answers()
            under_way.answers = lambda: answers  # type: ignore[method-assign]  # they were read here
            return under_way

        return self._mortal(run)

    def call(self, name: str, *arguments: object, durable: bool = False) -> Answer:
        """Run one, or die."""
        return self._mortal(lambda: super(DyingServer, self).call(name, *arguments, durable=durable))

    def _mortal(self, call: Callable[[], T]) -> T:
        self.calls += 1
        if self.calls == self.at and not self.answered:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = call()
        if self.calls == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


def submit_and_die(runner: Runner, checked: Checked, url: str, at: int, *, answered: bool) -> NoReturn:
    """Submit rows, and be killed on the way; in a process of its own."""
    server = DyingServer(connect(url), runner.installation.server.prefix)
    server.die(at, answered=answered)
    store = RedisJobStore(server, finished_days=7, key_days=14, chains={ARRAY: 4})
    try:
        submit_whole(checked, replace(runner.installation.submission, store=store), RedisGates(server), by="test")
    finally:
        os._exit(0)


def killed(runner: Runner, checked: Checked, url: str, at: int, *, answered: bool) -> bool:
    """Submit rows in a process that is killed; False if it came to its end."""
    child = os.fork()
    if child == 0:
        submit_and_die(runner, checked, url, at, answered=answered)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("answered", [False, True])
def test_a_submission_killed_at_each_call(runner: Runner, valkey_url: str, *, answered: bool) -> None:
    """Nothing of it runs unless all was accepted; counting as dead, it leaves nothing; submitted again, all are there.

    The calls: the gate is shut, two parts of the rows and the row that names one of them, the gate is opened.
    """
    installation, seen = runner.installation, []
    checked = check(written(runner.folder, MANY), installation.submission)
    for at in range(1, 6):
        assert killed(runner, checked, valkey_url, at, answered=answered)
        seen.append(runner.stored())
        if answered and at == OPENED:
            break
        assert (installation.store.due(1000), rung_or_ready(runner)) == ((), False)
        installation.clock.advance(SILENCE + 1)
        while runner.stored():
            assert installation.store.due(1000) == ()
    assert seen == ([0, 300, ROWS - 1, ROWS, ROWS] if answered else [0, 0, 300, ROWS - 1, ROWS])
    fates = whole(runner, MANY)
    assert len({fate.job for fate in fates}) == runner.stored() == ROWS
    assert [str(fate.fate) for fate in fates] == ["known" if answered else "submitted"] * ROWS
    assert rung_or_ready(runner)


def rung_or_ready(runner: Runner) -> bool:
    """Say whether any job of the array is under way, or waits for nothing but its turn."""
    standing = runner.installation.store.standing(ARRAY)
    return bool(standing.under_way or standing.ready)
