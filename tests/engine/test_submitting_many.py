"""What becomes of many requests submitted in one call: the same as if they were submitted one after the other."""

from typing import Any

import pytest

from tests.installation import ARRAY, Installation
from vnx_jobs import submission
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.model.errors import Code, Refused, Verdict
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted
from vnx_jobs.submission import Request


def asked(operation: str, key: str = "", **fields: Any) -> Request:
    """Return a request for the array of every test here."""
    return Request(parse({"operation": operation, "array": ARRAY, **fields}), key=key)


def base(name: str = "base") -> Request:
    """Return a request for an empty volume."""
    return asked("create-volume", name=name, size_gb=1, pool="pool")


def test_members_of_one_call_see_what_those_before_them_are_to_make(installation: Installation) -> None:
    """A copy of a volume that the same call creates waits for that job alone, without a list, and is made."""
    requests = [
        base(),
        asked("snap-copy", name="copy", source="base"),
        asked("create-snapshot", name="s", volume="copy"),
    ]
    first, copy, snapshot = installation.submission.submit_many(requests)
    assert isinstance(first, Accepted)
    assert isinstance(copy, Accepted)
    assert isinstance(snapshot, Accepted)
    assert copy.why == f"waits for job {first.job}, which is to make volume base"
    assert snapshot.why == f"waits for job {copy.job}, which is to make volume copy"
    assert installation.store.parked(ARRAY) == {}
    made, copied, taken = installation.run(first.job, copy.job, snapshot.job)
    assert (made.state, copied.state) == (State.SUCCEEDED, State.SUCCEEDED)
    assert (taken.state, taken.operation) == (State.SUCCEEDED, "create-snapshot-of-snap-copy")


def test_two_members_of_one_call_for_one_name(installation: Installation) -> None:
    """The second is refused and names the first; the others are accepted, and answers stand in their places."""
    answers = installation.submission.submit_many([base("a"), base("a"), base("b")])
    first, second, third = answers
    assert isinstance(first, Accepted)
    assert isinstance(second, Refused)
    assert isinstance(third, Accepted)
    assert (second.code, first.job in second.message) == (Code.NAME_IN_USE, True)
    assert [one.name for one in installation.store.find(newest=False)] == ["a", "b"]


def test_a_member_may_have_the_name_that_one_before_it_was_refused(installation: Installation) -> None:
    """A request that was refused at a limit is to make nothing: the next one for the same name is accepted."""
    full = [asked("snap-copy", name=f"c{n}", source="gold") for n in range(255)]
    answers = installation.submission.submit_many([*full, asked("snap-copy", name="late", source="gold"), base("late")])
    assert isinstance(answers[255], Refused)
    assert answers[255].code == Code.COPIES_LIMIT
    assert isinstance(answers[256], Accepted)
    assert len(installation.store.find()) == 256


def test_a_key_twice_in_one_call_is_one_job(installation: Installation) -> None:
    """The same request under the same key is the same job within one call as over two, another one is refused."""
    copy = asked("snap-copy", key="k", name="copy", source="gold")
    first, again, other = installation.submission.submit_many(
        [copy, copy, asked("snap-copy", "k", name="x", source="gold")]
    )
    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    assert isinstance(other, Refused)
    assert ((first.known, again.known), again.job) == ((False, True), first.job)
    assert (other.code, other.details["job"]) == (Code.KEY_CONFLICT, first.job)
    assert len(installation.store.find()) == 1


def test_a_known_job_that_failed_makes_nothing(installation: Installation) -> None:
    """A member that is known by its key, and whose job failed, does not keep its name from the next member."""
    installation.vnx.plan("create_lun", refused(Verdict.REFUSED, "no room"))
    request = asked("create-volume", key="k", name="a", size_gb=1, pool="pool")
    installation.run(installation.submission.submit(request).job)
    known, fresh = installation.submission.submit_many([request, base("a")])
    assert isinstance(known, Accepted)
    assert isinstance(fresh, Accepted)
    assert ((known.known, known.state), fresh.known) == ((True, State.FAILED), False)
    assert installation.run(fresh.job)[0].state is State.SUCCEEDED


@pytest.mark.slow
def test_more_than_one_part_is_stored_whole_and_in_order(installation: Installation) -> None:
    """1,100 requests, sent in parts: all are stored, first come first served, and submitted again they are the same."""
    requests = [
        asked("create-snapshot", key=f"k{n}", name=f"s{n}", volume="gold" if n < 200 else f"ghost{n}")
        for n in range(1_100)
    ]
    answers = installation.submission.submit_many(requests)
    jobs = [answer.job for answer in answers if isinstance(answer, Accepted)]
    assert [installation.record(job).name for job in jobs[::50]] == [f"s{n}" for n in range(0, 1_100, 50)]
    assert len(installation.store.find()) == len(jobs) == 1_100
    again = installation.submission.submit_many(requests)
    assert [answer.job for answer in again if isinstance(answer, Accepted) and answer.known] == jobs


def test_a_call_of_several_rounds(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 10 requests that are planned three at a time all are answered, and the last find what the first makes."""
    monkeypatch.setattr(submission, "_ROUND", 3)
    many = [asked("create-snapshot", name=f"s{n}", volume=f"ghost{n}") for n in range(7)]
    copy, again = asked("snap-copy", name="copy", source="base"), base("base")
    answers = installation.submission.submit_many([base(), *many, copy, again])
    made, copied, twice = answers[0], answers[-2], answers[-1]
    assert isinstance(made, Accepted)
    assert isinstance(copied, Accepted)
    assert isinstance(twice, Refused)
    assert copied.why == f"waits for job {made.job}, which is to make volume base"
    assert made.job in twice.message
    assert {one.name for one in installation.store.find()} == {"base", *(f"s{n}" for n in range(7)), "copy"}
