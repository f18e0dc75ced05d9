"""Waiting for many jobs reads those that live together, and every one's end once."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.installation import Installation
from vnx_jobs.cli.waiting import wait
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

MANY = 30


@pytest.fixture
def installation(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Make an installation over an array that was read."""
    made = Installation(valkey_url, prefix, tmp_path)
    made.read_array()
    yield made
    made.close()


class Working:
    """A screen behind which the jobs are worked on, some more at each look."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.ended: list[int] = []
        """How many had ended at each look."""

    def show(self, records: Sequence[Record]) -> None:
        """Look, and let ten more jobs end."""
        self.ended.append(sum(one.state is State.SUCCEEDED for one in records))
        self.installation.run(*[one.id for one in records if one.state is not State.SUCCEEDED][:10])


def test_many_jobs_are_followed_to_their_ends(installation: Installation) -> None:
    """Every job is returned as it ended, in the order asked for, whether it lived or had ended at a look."""
    jobs = [
        installation.submit("create-volume", name=f"v{number}", size_gb=1, pool="pool").job for number in range(MANY)
    ]
    order = jobs[::-1]
    screen = Working(installation)
    records = wait(installation.reads, order, screen)
    assert [(one.id, one.state) for one in records] == [(job, State.SUCCEEDED) for job in order]
    assert screen.ended[0] == 0
    assert screen.ended[-1] == MANY


def test_one_unknown_job_among_many_is_refused(installation: Installation) -> None:
    """An id that is no job's is told, also among many."""
    jobs = [installation.submit("create-volume", name=f"v{n}", size_gb=1, pool="pool").job for n in range(MANY)]
    with pytest.raises(Refused, match="there is no job nobody") as caught:
        wait(installation.reads, [*jobs, "nobody"], Working(installation))
    assert caught.value.code == Code.NO_SUCH_JOB
