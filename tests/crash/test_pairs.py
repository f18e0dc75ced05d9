"""The crash matrix in pairs: two things happen to one job, at two of its commands or twice at the same one.

Every run plays a selection that has every ordered pair of fates and every pair of commands of every operation;
`make acceptance` plays every pair of fates at every pair of commands.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest

from tests.crash.fates import REFUSAL, SILENT, SURVIVED, UNREAD
from tests.crash.play import is_gone, is_stuck, is_whole, plan, played, sent, submitted, was_sent_once_more
from tests.crash.tables import LOOKS, MATRIX, Row, row_of
from tests.installation import Installation

pytestmark = pytest.mark.slow

FATES: Final = SURVIVED | {"refused": REFUSAL}
FATE_PAIRS: Final = [(first, second) for first in SURVIVED for second in FATES]
"""What is refused for good ends the job: it comes second."""


def _command_pairs(row: Row) -> list[tuple[str, str]]:
    """Return every pair of a row's commands in which the first is not behind the second, also twice the same."""
    return list(itertools.combinations_with_replacement(row.commands, 2))


CASES: Final = [(row, commands) for row in MATRIX for commands in _command_pairs(row)]
SELECTED: Final = [
    (*CASES[number % len(CASES)], FATE_PAIRS[number % len(FATE_PAIRS)]) for number in range(2 * len(FATE_PAIRS))
]
"""Each ordered pair of fates twice, at other commands; each pair of commands half a dozen times."""


def _is_judged_by_old_lists(commands: tuple[str, str], fates: tuple[str, str]) -> bool:
    """Say whether a copy is started at the second attempt and nobody knows: see the test that fails."""
    one, other = fates
    return commands == ("migrate", "migrate") and one in {"killed before", *SILENT} and FATES[other].lands


def _play(installation: Installation, row: Row, commands: tuple[str, str], fates: tuple[str, str]) -> None:
    """Play one row with two fates, and judge its end."""
    (first, second), (one, other) = commands, fates
    if _is_judged_by_old_lists(commands, fates):
        return
    never_sent_again = first == second and SURVIVED[one].lands
    plan(installation, first, FATES[one])
    if not never_sent_again:
        plan(installation, second, FATES[other])
    record = played(installation, row)
    if other != "refused" or never_sent_again:
        is_whole(installation, row, record)
        again = [verb for verb, fate in zip(commands, fates, strict=True) if not FATES[fate].lands]
        was_sent_once_more(installation, row, Counter([] if never_sent_again else again))
    elif row.commands.index(second) < row.no_way_back:
        is_gone(installation, record)
    else:
        is_stuck(installation, record, row.kept_forward(second))
        assert installation.array_shows() == row.stands_stuck(second)


GROUPS: Final = [pytest.param(row, one, id=f"{row.operation}-{one}") for row in MATRIX for one in SURVIVED]


def test_the_selection_leaves_nothing_out() -> None:
    """Every ordered pair of fates is selected, and every pair of commands of every operation."""
    assert {(row.operation, commands) for row, commands, _ in SELECTED} == {
        (row.operation, commands) for row in MATRIX for commands in _command_pairs(row)
    }
    assert {fates for _, _, fates in SELECTED} == set(FATE_PAIRS)


@pytest.mark.parametrize(("row", "one"), GROUPS)
def test_two_misfortunes(fresh: Iterator[Installation], row: Row, one: str) -> None:
    """After any two misfortunes the job ends whole, and each command was done once; or nothing of it is left."""
    for chosen, commands, fates in SELECTED:
        if chosen is row and fates[0] == one:
            _play(next(fresh), row, commands, fates)


@pytest.mark.full
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("row", "one"), GROUPS)
def test_any_two_misfortunes(fresh: Iterator[Installation], row: Row, one: str) -> None:
    """The same for every pair of fates at every pair of commands."""
    for commands in _command_pairs(row):
        for other in FATES:
            _play(next(fresh), row, commands, (one, other))


@pytest.mark.parametrize(
    ("row", "command", "read"),
    [
        pytest.param(row, command, read, id=f"{row.operation}-{command}-{read}")
        for row in MATRIX
        for command in row.commands
        for read in LOOKS[command.split(maxsplit=1)[0]]
    ],
)
def test_a_look_that_is_not_answered(fresh: Iterator[Installation], row: Row, command: str, read: str) -> None:
    """When nobody knows what became of a command, and the look at it goes wrong too, it is looked at once more."""
    for fate, effect in zip(UNREAD.values(), itertools.cycle(["done", "not done"]), strict=False):
        installation = next(fresh)
        plan(installation, command, SURVIVED[f"time out, {effect}"])
        plan(installation, read, fate)
        is_whole(installation, row, played(installation, row))
        was_sent_once_more(installation, row, Counter([command] if effect == "not done" else []))


def test_a_copy_that_starts_at_the_second_attempt(installation: Installation) -> None:
    """A migration that was not started, was started again and got no answer, is looked for in lists that are newer."""
    row = row_of("clone")
    plan(installation, "migrate", SURVIVED["time out, not done"])
    plan(installation, "migrate", SURVIVED["time out, done"])
    job = submitted(installation, row)
    installation.until(lambda: installation.ended(job) or sent(installation).count("migrate") > 2)
    is_whole(installation, row, installation.record(job))
