"""What a preview answers, beside what submission answers to the same requests a moment later."""

import re
from collections.abc import Sequence
from typing import Any, Final

import pytest

from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.redis.inspection import contents
from vnx_jobs.model.errors import Code, Refused, StateServerError
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted
from vnx_jobs.preview import Rehearsal, preview
from vnx_jobs.submission import Request

_ID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
Asked = dict[str, Any]

COPY: Final[Asked] = {"operation": "snap-copy", "source": "gold"}
MAKE: Final[Asked] = {"operation": "create-volume", "size_gb": 1, "pool": "pool"}


def _requests(asked: Sequence[Asked]) -> list[Request]:
    """Make requests; `key` is the request's, `after` the places of those before it."""
    made: list[Request] = []
    for one in asked:
        fields = {"array": ARRAY, **one}
        key, after = fields.pop("key", ""), tuple(made[place].job for place in fields.pop("after", ()))
        made.append(Request(parse(fields), key=key, after=after, job=new_job_id()))
    return made


def _told(answers: Sequence[Accepted | Refused]) -> list[tuple[str, ...]]:
    """Return what is told of each request, without the ids of jobs."""
    return [
        (str(one.code), _ID.sub("ID", one.message))
        if isinstance(one, Refused)
        else (str(one.state), _ID.sub("ID", one.why), str(one.known))
        for one in answers
    ]


SAME: Final[dict[str, list[Asked]]] = {
    "nothing in the way": [COPY | {"name": "copy"}],
    "a full clone": [{"operation": "clone", "name": "twin", "source": "gold"}],
    "an unknown array": [COPY | {"name": "copy", "array": "nope"}],
    "an unknown pool": [MAKE | {"name": "new", "pool": "nope"}],
    "a name in use": [MAKE | {"name": "gold"}],
    "a name that is being made": [COPY | {"name": "copy"}, COPY | {"name": "copy"}],
    "an unknown source": [COPY | {"name": "copy", "source": "nowhere"}],
    "an unknown snapshot": [{"operation": "snap-copy", "name": "copy", "snapshot": "nowhere"}],
    "a source that is being made": [MAKE | {"name": "base"}, COPY | {"name": "copy", "source": "base"}],
    "a predecessor": [MAKE | {"name": "base"}, COPY | {"name": "copy", "after": (0,)}],
    "more copies than there may be": [COPY | {"name": f"copy-{number}"} for number in range(257)],
    "more copies than there may be, that wait": [
        COPY | {"name": f"copy-{number}", "on_limit": "wait"} for number in range(257)
    ],
    "more numbers than there are": [MAKE | {"name": f"new-{number}"} for number in range(401)],
    "a source that has copies": [COPY | {"name": "copy"}, {"operation": "delete-volume", "name": "gold"}],
    "a deletion while a clone runs": [
        {"operation": "clone", "name": "twin", "source": "gold"},
        {"operation": "delete-volume", "name": "gold"},
    ],
    "a copy behind a deletion": [{"operation": "delete-volume", "name": "gold"}, COPY | {"name": "copy"}],
    "a key known": [MAKE | {"name": "new", "key": "known"}],
    "a key for another request": [MAKE | {"name": "other", "key": "known"}],
}


@pytest.mark.parametrize("asked", SAME.values(), ids=SAME.keys())
def test_a_preview_answers_as_submission_does(installation: Installation, asked: list[Asked]) -> None:
    """State and reason, or code and line, are those that submission gives; and the preview stored nothing."""
    installation.submit("create-volume", key="known", name="new", size_gb=1, pool="pool")
    requests = _requests(asked)
    before = contents(installation.server)
    foretold = Rehearsal(installation.submission).submit_many(requests)
    assert contents(installation.server) == before
    assert _told(foretold) == _told(installation.submission.submit_many(requests))


@pytest.mark.parametrize("asked", [SAME["more copies than there may be"], SAME["a predecessor"]], ids=["many", "two"])
def test_one_after_the_other_is_as_all_at_once(installation: Installation, asked: list[Asked]) -> None:
    """A rehearsal that is asked request by request remembers those before, as the state server does."""
    requests = _requests(asked)
    rehearsal = Rehearsal(installation.submission)
    singly = [answer for request in requests for answer in rehearsal.submit_many([request])]
    assert _told(singly) == _told(installation.submission.submit_many(requests))


def test_a_refusal_has_the_same_details(installation: Installation) -> None:
    """What programs read of a refusal is the same too: the copies in the way, by name."""
    requests = _requests(SAME["a source that has copies"])
    _, foretold = Rehearsal(installation.submission).submit_many(requests)
    _, answer = installation.submission.submit_many(requests)
    assert isinstance(foretold, Refused)
    assert isinstance(answer, Refused)
    assert (foretold.code, foretold.details) == (answer.code, answer.details)
    assert (answer.code, answer.details["copies"]) == (Code.HAS_COPIES, ["copy"])


def test_who_stands_in_the_way_is_named(installation: Installation) -> None:
    """A preview of a job that would wait names the job that holds what it needs, as the waiting job then does."""
    holder = installation.submit("clone", name="twin", source="gold").job
    rehearsal = Rehearsal(installation.submission)
    rehearsal.submit(*_requests([{"operation": "delete-volume", "name": "gold"}]))
    plan = preview(rehearsal)
    (foretold,) = plan.jobs
    closed = {claim.kind: (claim.thing, claim.held_by) for claim in plan.tells.claims(foretold) if not claim.free}
    assert set(closed.values()) == {("gold", (f"clone of twin (job {holder})",))}
    job = installation.submit("delete-volume", name="gold").job
    waits = [one.key for one in installation.store.blockers(job)]
    assert {"volume", "pin"} <= closed.keys()
    assert [seen.claim.key for seen in foretold.seen if not seen.open] == waits
    assert installation.record(job).why == foretold.why


def test_how_many_stand_before_it(installation: Installation) -> None:
    """Of several deletions that wait for one clone, a preview of the last says how many are before it."""
    installation.submit("clone", name="twin", source="gold")
    installation.submit("delete-volume", name="gold")
    rehearsal = Rehearsal(installation.submission)
    rehearsal.submit_many(_requests([{"operation": "delete-volume", "name": "gold"}] * 2))
    plan = preview(rehearsal)
    waiting = [{claim.kind: claim.waiting for claim in plan.tells.claims(job)} for job in plan.jobs]
    assert [(one["volume"], one["pin"]) for one in waiting] == [(1, 1), (2, 2)]


def test_a_permit_in_use_is_told(installation: Installation) -> None:
    """A clone's preview says how many of the array's migrations run now."""
    installation.vnx.seconds_per_gb = 1000.0
    job = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: "session-over" in installation.record(job).condition)
    rehearsal = Rehearsal(installation.submission)
    rehearsal.submit(*_requests([{"operation": "clone", "name": "second", "source": "gold"}]))
    plan = preview(rehearsal)
    permit = plan.tells.claims(plan.jobs[0])[-1]
    assert (permit.mode, permit.kind, permit.used, permit.limit, permit.free) == ("permit", "migrations", 1, 8, True)


@pytest.fixture
def frozen(installation: Installation) -> Installation:
    """Freeze the array, as after a loss of the state server's last changes."""
    server = installation.server
    server.client.hset(f"{server.prefix}frozen", ARRAY, 2**52)
    return installation


def test_a_state_server_that_takes_nothing_is_told_so(frozen: Installation) -> None:
    """While nothing is accepted, the preview ends with the same line as submission."""
    requests = _requests([COPY | {"name": "copy"}])
    with pytest.raises(StateServerError) as foretold:
        Rehearsal(frozen.submission).submit_many(requests)
    assert foretold.value.message == (
        "the state server lost its last changes: box is read anew before anything goes on; try again in a moment"
    )


LATER: Final[dict[str, list[Asked]]] = {
    "a copy of a volume that is made": [
        MAKE | {"name": "base"},
        COPY | {"name": "copy", "source": "base", "after": (0,)},
    ],
    "a copy of a snapshot that is made": [
        {"operation": "create-snapshot", "name": "image", "volume": "gold"},
        {"operation": "clone", "name": "twin", "snapshot": "image", "after": (0,)},
    ],
    "the deletion of a copy that is made": [
        COPY | {"name": "copy"},
        {"operation": "delete-volume", "name": "copy", "after": (0,)},
    ],
    "a name that comes free": [
        {"operation": "delete-volume", "name": "gold"},
        MAKE | {"name": "gold", "after": (0,)},
        COPY | {"name": "copy", "after": (1,)},
    ],
    "a copy under another name": [
        {"operation": "rename-volume", "name": "gold", "new_name": "silver"},
        COPY | {"name": "copy", "source": "silver", "after": (0,)},
    ],
    "a clone of a copy that is promoted": [
        COPY | {"name": "copy"},
        {"operation": "promote-volume", "name": "copy", "after": (0,)},
        {"operation": "clone", "name": "twin", "source": "copy", "after": (1,)},
    ],
    "a larger volume": [
        {"operation": "extend-volume", "name": "gold", "size_gb": 5},
        {"operation": "clone", "name": "twin", "source": "gold", "after": (0,)},
    ],
}


@pytest.mark.parametrize("asked", LATER.values(), ids=LATER.keys())
def test_what_is_planned_later_is_foreseen(installation: Installation, asked: list[Asked]) -> None:
    """What a job does that waits for others, and on how much storage, is what it is when they are over."""
    requests = _requests(asked)
    rehearsal = Rehearsal(installation.submission)
    rehearsal.submit_many(requests)
    installation.submission.submit_many(requests)
    for record in installation.run(*(request.job for request in requests)):
        foretold = rehearsal.jobs[record.id]
        assert (record.state, record.operation, record.steps) == (
            State.SUCCEEDED,
            foretold.table.name,
            foretold.table.names,
        )
        assert foretold.claims
        sizes = {name: record.facts.get(name) for name in ("size_gb", "pool", "provisioning")}
        assert sizes == {name: foretold.facts.get(name) for name in sizes}
