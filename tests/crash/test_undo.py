"""The crash matrix, backwards: whatever happens to a command that undoes, the job still leaves nothing of its own."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from tests.crash.fates import NOT_HERE, REFUSAL, SURVIVED, UNREAD, Fate
from tests.crash.play import is_gone, is_stuck, is_whole, place_of, plan, submitted
from tests.crash.tables import FAULTED, TAKEN_BACK, UNDONE, Row, row_of
from tests.installation import Installation
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State

pytestmark = pytest.mark.slow

READING: Final = {"lun", "snapshot", "storage_group", "group"}


@dataclass(frozen=True)
class Undo:
    """A way in which a job is turned back at a command, and what it sends then."""

    row: Row
    way: str
    """refused: for good. cancelled: after the command was carried out and its answer lost. faulted: the session."""
    at: str
    commands: tuple[str, ...]

    @property
    def places(self) -> list[int]:
        """Return the places of its commands."""
        return list(range(len(self.commands)))

    @property
    def destroyed(self) -> bool:
        """Whether what cannot be taken back was done already, such as a destruction: then the job goes forward."""
        return self.way == "cancelled" and self.at.startswith(
            ("destroy", "remove", "expand", "restore", "cancel", "unmap")
        )

    def __str__(self) -> str:
        return f"{self.row.operation}-{self.way}-{self.at}"


UNDOS: Final = [
    Undo(row_of(operation), way, at, commands)
    for way, table in (("refused", UNDONE), ("cancelled", TAKEN_BACK), ("faulted", FAULTED))
    for (operation, at), commands in table.items()
]


def _fates(verb: str) -> Mapping[str, Fate]:
    return UNREAD if verb in READING else SURVIVED


def _turn_back(installation: Installation, undo: Undo) -> str:
    """Bring a job to where it is turned back; return it."""
    if undo.at == "migrate":
        installation.vnx.seconds_per_gb = 1000.0  # a copy that came to its end could not be cancelled
    if undo.way != "faulted":
        plan(installation, undo.at, REFUSAL if undo.way == "refused" else SURVIVED["time out, done"])
    job = submitted(installation, undo.row)
    if undo.way == "cancelled":
        installation.until(lambda: installation.record(job).unsure)
        installation.store.order(job, Order.CANCEL, "ann")
    if undo.way == "faulted":
        installation.until(lambda: "session-over" in installation.record(job).condition)
        installation.vnx.stop_session(int(installation.record(job).facts["number"]), "FAULTED")
    return job


def _ends_undone(installation: Installation, undo: Undo, job: str, error: str = "") -> None:
    (record,) = installation.run(job)
    if undo.destroyed:
        is_whole(installation, undo.row, record)
        return
    is_gone(installation, record, State.CANCELLED if undo.way == "cancelled" else State.FAILED)
    errors = {"refused": NOT_HERE, "cancelled": "cancelled by ann", "faulted": "the migration session is FAULTED"}
    assert record.error.startswith(error or errors[undo.way])


@pytest.mark.parametrize("undo", UNDOS, ids=str)
def test_an_undo(installation: Installation, undo: Undo) -> None:
    """A job that is turned back sends what its row says, in that order, and nothing of it is left."""
    job = _turn_back(installation, undo)
    before = len(installation.vnx.audit)
    _ends_undone(installation, undo, job)
    audit = [command for command in installation.vnx.audit[before:] if command.verb not in {"luns", "sessions"}]
    undoing = [one.verb for one in audit[place_of(audit, undo.at) + 1 if undo.way == "refused" else 0 :]]
    assert tuple(undoing[: len(undo.commands)]) == undo.commands
    assert undo.destroyed or len(undoing) == len(undo.commands)


def _is_sent_again(undo: Undo, place: int, fate: str) -> bool:
    """Say whether a command of an undo is sent again after a fate: not if it was done and is looked at first."""
    looked_at = place > 0 and undo.commands[place - 1] in READING
    verb = undo.commands[place]
    return verb in READING or not (looked_at and SURVIVED[fate].lands)


def _plan(installation: Installation, undo: Undo, place: int, fate: Fate, struck: int = 0) -> None:
    """Plan a fate at a command; `struck` commands of that verb are met by fates that were planned before."""
    verb = undo.commands[place]
    plan(installation, verb, fate, skip=undo.commands[:place].count(verb) - struck)


def _play(installation: Installation, undo: Undo, places: tuple[int, int], one: str, other: str) -> None:
    """Play an undo with two fates at its commands, and judge its end."""
    job = _turn_back(installation, undo)
    first, second = places
    _plan(installation, undo, first, _fates(undo.commands[first])[one])
    again = _is_sent_again(undo, first, one)
    if first != second or again:
        struck = first != second and undo.commands[first] == undo.commands[second] and not again
        _plan(installation, undo, second, _fates(undo.commands[second])[other], int(struck))
    _ends_undone(installation, undo, job)


SINGLES: Final = [
    pytest.param(undo, place, id=f"{undo}-{place}-{undo.commands[place]}") for undo in UNDOS for place in undo.places
]


@pytest.mark.parametrize(("undo", "place"), SINGLES)
def test_a_disturbed_undo_still_leaves_nothing(fresh: Iterator[Installation], undo: Undo, place: int) -> None:
    """Whatever happens to one command of an undo, the job ends with nothing of its own left."""
    for fate in _fates(undo.commands[place]).values():
        installation = next(fresh)
        job = _turn_back(installation, undo)
        _plan(installation, undo, place, fate)
        _ends_undone(installation, undo, job)


@pytest.mark.parametrize(("undo", "place"), SINGLES)
def test_an_undo_that_is_refused_leaves_a_stuck_job(installation: Installation, undo: Undo, place: int) -> None:
    """When the array will not take back what was done, the job is STUCK, names it, keeps its claims, and can resume."""
    job = _turn_back(installation, undo)
    _plan(installation, undo, place, REFUSAL)
    (record,) = installation.run(job)
    stuck_at = next((verb for verb in undo.commands[place:] if verb not in READING), undo.commands[place])
    is_stuck(installation, record, undo.row.kept_back(stuck_at))
    assert NOT_HERE in record.why
    installation.bell.ring(installation.store.order(job, Order.RESUME, "ann").rings)
    _ends_undone(installation, undo, job, error="undoing ")


PLACES: Final = [(undo, places) for undo in UNDOS for places in itertools.combinations_with_replacement(undo.places, 2)]
DISTINCT: Final = list({(undo.way, undo.commands): undo for undo in UNDOS if undo.commands}.values())
"""One undo of each kind: operations that share steps share them backwards too."""


def _selected() -> list[tuple[Undo, tuple[int, int], str, str]]:
    """Return a selection: every pair of places of every undo twice, with other fates each time."""
    fates = itertools.cycle(itertools.product(SURVIVED, SURVIVED))
    reads = itertools.cycle(itertools.product(UNREAD, UNREAD))
    chosen = []
    for undo, (first, second) in PLACES * 2:
        changing, reading = next(fates), next(reads)
        one = (reading if undo.commands[first] in READING else changing)[0]
        other = (reading if undo.commands[second] in READING else changing)[1]
        chosen.append((undo, (first, second), one, other))
    return chosen


@pytest.mark.parametrize("undo", UNDOS, ids=str)
def test_an_undo_disturbed_twice(fresh: Iterator[Installation], undo: Undo) -> None:
    """Whatever happens to two commands of an undo, or twice to one, the job ends with nothing of its own left."""
    for chosen, places, one, other in _selected():
        if chosen is undo:
            _play(next(fresh), undo, places, one, other)


@pytest.mark.full
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("undo", DISTINCT, ids=str)
def test_an_undo_disturbed_twice_in_every_way(fresh: Iterator[Installation], undo: Undo) -> None:
    """The same for every pair of fates at every pair of commands, for each way in which commands are undone."""
    for first, second in itertools.combinations_with_replacement(undo.places, 2):
        for one in _fates(undo.commands[first]):
            for other in _fates(undo.commands[second]):
                _play(next(fresh), undo, (first, second), one, other)
