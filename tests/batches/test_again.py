"""The same manifest again: new attempts at what did not succeed, and variables."""

import pytest

from tests.batches.manifests import Runner, written
from vnx_jobs.batches.manifest import read
from vnx_jobs.model.errors import Refused
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State

TWO = """\
    batch: two
    jobs:
      - {operation: create-volume, name: base, size_gb: 2, pool: pool}
      - {operation: clone, name: copy, source: base, after: base}
    """


def test_only_what_has_not_succeeded_runs_again(runner: Runner) -> None:
    """A row whose job was cancelled gets a new job, again and again; one that SUCCEEDED or waits keeps its own."""
    base, copy = (fate.job for fate in runner.submit(TWO))
    runner.installation.store.order(copy, Order.CANCEL, "test")
    ended = runner.installation.run(base, copy)
    assert [one.state for one in ended] == [State.SUCCEEDED, State.CANCELLED]
    again = runner.submit(TWO)
    assert [str(one.fate) for one in again] == ["known", "submitted"]
    assert [one.job for one in runner.submit(TWO)] == [base, again[1].job]
    (second,) = runner.installation.run(again[1].job)
    assert (second.state, second.key, runner.stored()) == (State.SUCCEEDED, "two/copy", 3)
    assert runner.fates(TWO) == {"base": "known", "copy": "known"}
    assert runner.installation.array_shows() == {"gold": "2 GB full: ore", "base": "2 GB full: ", "copy": "2 GB full: "}


def test_a_row_that_was_mended_runs_again(runner: Runner) -> None:
    """A row that failed may say something else when its file comes again; one that SUCCEEDED may not."""
    first = [fate.job for fate in runner.submit(TWO)]
    runner.installation.store.order(first[1], Order.CANCEL, "test")
    runner.installation.run(*first)
    mended = TWO.replace("source: base", "source: gold")
    again = runner.submit(mended)
    assert [str(one.fate) for one in again] == ["known", "submitted"]
    (copy,) = runner.installation.run(again[1].job)
    assert (copy.state, copy.spec["source"]) == (State.SUCCEEDED, "gold")
    assert runner.fates(TWO)["copy"] == "wrong"


def test_a_row_after_one_that_runs_again_waits_for_its_new_attempt(runner: Runner) -> None:
    """If both rows were cancelled, the second one's new job comes after the first one's new job."""
    first = [fate.job for fate in runner.submit(TWO)]
    runner.installation.store.order(first[0], Order.CANCEL, "test")
    assert [one.state for one in runner.installation.run(*first)] == [State.CANCELLED] * 2
    again = [fate.job for fate in runner.submit(TWO)]
    records = runner.installation.run(*again)
    assert [one.state for one in records] == [State.SUCCEEDED] * 2
    assert (set(first) & set(again), records[1].after) == (set(), (again[0],))


def test_variables_are_filled_in_and_the_submitter_has_the_last_word(runner: Runner) -> None:
    """`{name}` stands for what `vars` says unless the submitter says otherwise; values are not looked at again."""
    text = """\
        batch: "{env}-web"
        vars: {env: test, size: "2"}
        jobs:
          - {operation: create-volume, name: "{env}-{n:02}", count: 2, size_gb: "{size}", pool: pool}
        """
    plain = written(runner.folder, text)
    assert (plain.batch, [row.name for row in plain.rows]) == ("test-web", ["test-01", "test-02"])
    live = read(plain.file, array="box", variables={"env": "live"})
    assert (live.batch, [(row.name, row.fields["size_gb"]) for row in live.rows]) == (
        "live-web",
        [("live-01", "2"), ("live-02", "2")],
    )
    with pytest.raises(Refused, match="nothing in it uses the variable 'envy'"):
        read(plain.file, array="box", variables={"envy": "live"})


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            "jobs.yaml",
            "jobs:\n  - {operation: create-volume, name: fine, size_gb: 2, pool: pool}\n  - {name: '{lost}'}\n",
        ),
        ("jobs.csv", "operation,name\ncreate-volume,fine\ncreate-volume,{lost}\n"),
        ("jobs.jsonl", '{"name": "fine"}\n\n{"name": "{lost}"}\n'),
    ],
)
def test_an_unknown_variable_is_a_mistake_of_its_line(runner: Runner, file: str, text: str) -> None:
    """In each form a variable that nobody explains is told with the line of its row, and nothing is submitted."""
    (problem,) = written(runner.folder, text, file).problems
    assert (problem.line, problem.text.partition(" (")[0]) == (3, "there is no variable 'lost'")
    assert "submitted" not in runner.fates(text, file=file).values()
