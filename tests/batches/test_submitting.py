"""What becomes of a manifest's rows: all right and submitted in order, or told one by one why not."""

import pytest

from tests.batches.manifests import Runner
from vnx_jobs.model.states import State

CHAIN = """\
    jobs:
      - {operation: clone, name: copy, source: base, after: base}
      - {operation: create-volume, name: base, size_gb: 2, pool: pool}
      - {operation: delete-volume, name: copy, after: copy}
    """


def test_rows_run_in_the_order_they_name(runner: Runner) -> None:
    """Each row runs after the rows it names, wherever they stand; in the end the array shows what is left."""
    jobs = [fate.job for fate in runner.submit(CHAIN)]
    assert [one.state for one in runner.installation.run(*jobs)] == [State.SUCCEEDED] * 3
    assert runner.installation.array_shows() == {"gold": "2 GB full: ore", "base": "2 GB full: "}


def test_the_same_file_again_submits_nothing_twice(runner: Runner) -> None:
    """Submitted again, a file's rows are the same jobs, before they ended and after."""
    first = [fate.job for fate in runner.submit(CHAIN)]
    again = runner.submit(CHAIN)
    assert ([fate.job for fate in again], {str(fate.fate) for fate in again}) == (first, {"known"})
    runner.installation.run(*first)
    assert [fate.job for fate in runner.submit(CHAIN)] == first
    assert runner.stored() == 3


def test_a_submission_cut_in_the_middle_is_completed(runner: Runner) -> None:
    """If only some rows reached the server, the file submitted again adds the rest, after the jobs that there are."""
    named = "batch: cut\n" + CHAIN.replace("    jobs", "jobs").replace("      -", "  -").replace("    ", "")
    first = runner.submit("batch: cut\njobs:\n  - {operation: create-volume, name: base, size_gb: 2, pool: pool}\n")
    runner.installation.run(first[0].job)
    fates = runner.submit(named)
    assert {one.row: str(one.fate) for one in fates} == {
        "copy": "submitted",
        "base": "known",
        "delete copy": "submitted",
    }
    assert [one.state for one in runner.installation.run(*(one.job for one in fates))] == [State.SUCCEEDED] * 3


def test_a_row_waits_for_the_row_that_makes_what_it_names(runner: Runner) -> None:
    """A copy of a volume that another row creates needs no `after`, even if it stands before that row."""
    text = """\
        jobs:
          - {operation: snap-copy, name: copy, source: base}
          - {operation: create-volume, name: base, size_gb: 2, pool: pool}
        """
    jobs = [fate.job for fate in runner.submit(text)]
    assert [one.state for one in runner.installation.run(*jobs)] == [State.SUCCEEDED] * 2


def test_what_comes_after_a_failure_is_cancelled(runner: Runner) -> None:
    """A row whose predecessor did not succeed is cancelled, and says which row that was."""
    text = """\
        jobs:
          - {operation: delete-volume, name: nowhere}
          - {operation: create-volume, name: base, size_gb: 2, pool: pool, after: delete nowhere}
        """
    first, second = runner.installation.run(*(fate.job for fate in runner.submit(text)))
    assert (first.state, first.code) == (State.FAILED, "no-such-volume")
    assert (second.state, second.code) == (State.CANCELLED, "predecessor-failed")
    assert "delete nowhere had to succeed first" in second.error


WRONG_ROWS = {
    "unknown array": ("{operation: delete-volume, name: x, array: nope}", "there is no array 'nope' (arrays: box)"),
    "unknown pool": (
        "{operation: create-volume, name: x, size_gb: 1, pool: nope}",
        "box has no pool 'nope' (pools: other, pool)",
    ),
    "unknown pool, after another row": (
        "{operation: create-volume, name: x, size_gb: 1, pool: nope, after: good}",
        "box has no pool 'nope'",
    ),
    "unknown operation": ("{operation: explode, name: x}", "unknown operation 'explode'"),
    "a list for an operation": ("{operation: [clone], name: x}", "unknown operation ['clone']"),
    "no operation": ("{name: x}", "operation is missing; there are "),
    "unknown column": ("{operation: delete-volume, name: x, colour: red}", "there is no field 'colour'"),
    "leading dash": ("{operation: delete-volume, name: -x}", "name begins with a dash"),
    "newline": ('{operation: delete-volume, name: "x\\ny"}', "no control characters"),
    "size 0": ("{operation: create-volume, name: x, size_gb: 0, pool: pool}", "size_gb must be greater than"),
    "negative size": ("{operation: create-volume, name: x, size_gb: -1, pool: pool}", "size_gb must be greater than"),
    "size in words": ("{operation: create-volume, name: x, size_gb: big, pool: pool}", "must be a whole number"),
    "missing size": ("{operation: create-volume, name: x, pool: pool}", "size_gb is missing"),
    "name in use": ("{operation: create-volume, name: gold, size_gb: 1, pool: pool}", "a volume gold exists on box"),
    "same name as another row": (
        "{operation: delete-volume, name: y, row: good}",
        "2 rows have this name (lines 2, 3)",
    ),
    "same object as another row": (
        "{operation: create-volume, name: good, row: twin, size_gb: 1, pool: pool}",
        "row good (line 2) makes good too",
    ),
    "after no row": ("{operation: delete-volume, name: x, after: nothing}", "after names 'nothing'"),
    "after itself": ("{operation: delete-volume, name: x, row: x, after: x}", "it comes after itself"),
    "bad snapcopy": ("{operation: clone, name: x, source: gold, snapcopy: yes}", "snapcopy must be True, true, False"),
}


@pytest.mark.parametrize(("row", "complaint"), WRONG_ROWS.values(), ids=WRONG_ROWS.keys())
def test_one_wrong_row_stops_all(runner: Runner, row: str, complaint: str) -> None:
    """A wrong row is told with its line and cause, the other rows are told to be held back, and nothing is stored."""
    good = "{operation: create-volume, name: good, size_gb: 1, pool: pool}"
    fine = "{operation: create-volume, name: fine, size_gb: 1, pool: pool}"
    fates = runner.submit(f"jobs:\n  - {good}\n  - {row}\n  - {fine}\n")
    (wrong,) = [fate for fate in fates if fate.fate == "wrong" and fate.line == 3]
    assert complaint in wrong.message
    assert "\n" not in wrong.message
    assert {fate.row: str(fate.fate) for fate in fates}["fine"] == "held back"
    assert runner.stored() == 0


def test_partial_submits_what_no_wrong_row_touches(runner: Runner) -> None:
    """With --partial the wrong row and all that come after it are left out, and each says why."""
    text = """\
        jobs:
          - {operation: create-volume, name: wrong, size_gb: 0, pool: pool}
          - {operation: snap-copy, name: copy, source: wrong, after: wrong}
          - {operation: delete-volume, name: copy, after: copy}
          - {operation: create-volume, name: fine, size_gb: 1, pool: pool}
        """
    assert runner.fates(text, partial=True) == {
        "wrong": "wrong",
        "copy": "held back",
        "delete copy": "held back",
        "fine": "submitted",
    }
    assert runner.stored() == 1


def test_a_circle_is_found(runner: Runner) -> None:
    """Rows that wait for each other are wrong, all of them; a row that only waits for the circle is held back."""
    text = """\
        jobs:
          - {operation: delete-volume, name: a, row: a, after: b}
          - {operation: delete-volume, name: b, row: b, after: a}
          - {operation: delete-volume, name: c, row: c, after: a}
        """
    assert runner.fates(text) == {"a": "wrong", "b": "wrong", "c": "held back"}


def test_a_limit_is_told_for_the_rows_beyond_it(runner: Runner) -> None:
    """Of 257 snap copies of one source 255 are submitted, and two are refused with the numbers."""
    text = "jobs: [{operation: snap-copy, name: 'c{n}', count: 257, source: gold}]"
    fates = runner.submit(text)
    refused = [fate for fate in fates if fate.fate == "refused"]
    assert len(refused) == 2
    assert runner.stored() == 255
    assert "255 of 255 snap copies of gold" in refused[0].message


def test_a_changed_row_of_a_named_batch_is_refused(runner: Runner) -> None:
    """A batch's name and a row's name stand for one request: another one under them is told, not swallowed."""
    text = "batch: monday\njobs: [{operation: create-volume, name: base, size_gb: %d, pool: pool}]"
    runner.submit(text % 1)
    (fate,) = runner.submit(text % 2)
    assert fate.fate == "wrong"
    assert "row base of batch monday was another request before" in fate.message
    assert runner.stored() == 1


def test_a_row_after_one_waits_for_another_that_makes_its_source(runner: Runner) -> None:
    """A row whose predecessor has ended still waits for the unfinished job that is to make what it names."""
    text = """\
        jobs:
          - {operation: clone, name: slow, source: gold}
          - {operation: create-volume, name: quick, size_gb: 1, pool: pool}
          - {operation: snap-copy, name: copy, source: slow, after: quick}
        """
    jobs = [fate.job for fate in runner.submit(text)]
    assert [(one.state, one.error) for one in runner.installation.run(*jobs)] == [(State.SUCCEEDED, "")] * 3


def test_a_delete_does_not_wait_for_the_row_that_makes_the_name_again(runner: Runner) -> None:
    """Deleting a volume that is not there fails, although a row after it is to make one of that name."""
    text = """\
        jobs:
          - {operation: delete-volume, name: nowhere}
          - {operation: create-volume, name: nowhere, size_gb: 1, pool: pool, after: delete nowhere}
        """
    first, second = runner.installation.run(*(fate.job for fate in runner.submit(text)))
    assert (first.state, first.code, second.state) == (State.FAILED, "no-such-volume", State.CANCELLED)
