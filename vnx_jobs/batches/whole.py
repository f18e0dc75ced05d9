"""Submitting a manifest whole or not at all: its jobs stand behind a gate until every row has one."""

import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from vnx_jobs.model.errors import Code, Refused, StateServerError
from vnx_jobs.ports.gates import SILENCE, Gate, Gates
from vnx_jobs.submission import Submission

from .checking import Checked
from .fates import Fate, RowFate
from .submitting import submit

_PATIENCE: Final = 30.0
"""Seconds to wait for another submission of the same batch: twice as long as a dead one counts as alive."""
_LOOK: Final = 0.25


def submit_whole(
    checked: Checked, submission: Submission, gates: Gates, *, by: str, seconds: float = SILENCE
) -> list[RowFate]:
    """Submit the rows of a manifest, all or none, and say what became of each, in the order of their lines.

    Nothing runs before each row has a job. If one is refused, or this process dies, nothing is left of the others;
    rows that an earlier submission made keep their jobs. Who is silent for some `seconds` counts as dead: until then
    another submission of the same batch waits. Raises Refused(key-conflict) if that takes too long, and
    StateServerError: nothing is accepted then.
    """
    if checked.problems:
        return submit(checked, submission, partial=False, by=by)
    gate = Gate(checked.manifest.batch, secrets.token_hex(8), seconds)
    _shut(gates, gate)
    try:
        fates = submit(checked, replace(submission, gate=gate), partial=False, by=by)
        lost = [fate for fate in fates if not fate.has_job]
        rings = None if lost else gates.open(gate, {one.spec.array for one in checked.sound})
    except BaseException:
        with suppress(StateServerError):  # then the sweep does it
            gates.take_back(gate)
        raise
    if rings is not None:
        submission.bell.ring(rings)
        return fates
    gates.take_back(gate)
    if not lost:
        raise StateServerError(f"batch {gate.batch} was too long under way, and is taken back: submit it again")
    return _none(fates, lost[0])


def _shut(gates: Gates, gate: Gate) -> None:
    limit = time.monotonic() + _PATIENCE
    while (wait := gates.shut(gate)) > 0:
        if time.monotonic() > limit:
            raise Refused(Code.KEY_CONFLICT, f"batch {gate.batch} is being submitted by somebody else: try again")
        time.sleep(min(wait, _LOOK))


def _none(fates: Sequence[RowFate], refused: RowFate) -> list[RowFate]:
    """Tell that nothing new was accepted, because of one row."""
    why = f"row {refused.row} was refused, and the batch is to be accepted whole"
    return [
        replace(fate, fate=Fate.HELD_BACK, job="", message=why) if fate.fate is Fate.SUBMITTED else fate
        for fate in fates
    ]
