"""The statuses that the program leaves with: one place, which `--help` and the README repeat."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from vnx_jobs.documents.meanings import exit_status
from vnx_jobs.model.errors import JobError
from vnx_jobs.model.states import State

if TYPE_CHECKING:
    from .documents import Job


class Exit(IntEnum):
    """What a script may rely on."""

    WELL = 0
    FAILED = 1
    REFUSED = 2
    NO_STACK = 3
    UNSAID = 4
    INTERRUPTED = 130


MEANINGS: Final = {
    Exit.WELL: "all is well",
    Exit.FAILED: "a job ended otherwise than SUCCEEDED, doctor or demo failed, or reconcile or backups found something",
    Exit.REFUSED: "bad input, or a request that was refused",
    Exit.NO_STACK: "the state server, the stack or the service is not there",
    Exit.UNSAID: "the output could not be written (disk full?); a request may have been accepted all the same",
    Exit.INTERRUPTED: "interrupted",
}


def of_error(error: JobError) -> Exit:
    """Return the status that an error means."""
    return Exit(exit_status(error.code))


def of_jobs(records: Iterable["Job"]) -> Exit:
    """Return the status that jobs which are over mean: the best of all only if every one succeeded."""
    ended = [record for record in records if record.state is not State.SUCCEEDED]
    if not ended:
        return Exit.WELL
    return Exit.REFUSED if all(_was_refused(record) for record in ended) else Exit.FAILED


def _was_refused(record: "Job") -> bool:
    """Whether a job was refused after all: it could only be judged once the array had been read."""
    return record.state is State.FAILED and not record.admitted
