"""The preview of each operation beside what it then does: its commands in the array's audit, its claims."""

import pytest

from tests.crash.left import stop_half_way
from tests.crash.tables import MATRIX, Row
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.redis.inspection import contents
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.preview import Rehearsal, preview
from vnx_jobs.submission import Request


def _stored(installation: Installation) -> tuple[object, ...]:
    """Return all that the state server holds, with how many changes and events there were."""
    client, prefix = installation.server.client, installation.server.prefix
    counts = [client.get(f"{prefix}{name}") for name in ("commits", "seq", "now")]
    return contents(installation.server), counts, client.xlen(f"{prefix}events")


def _shared(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the watch will have read for all jobs; all else that the audit shows is a job's own."""
    read: list[str] = []
    beat = installation.beat

    def watched() -> None:
        sent = len(installation.vnx.audit)
        beat()
        read.extend(command.verb for command in installation.vnx.audit[sent:])

    monkeypatch.setattr(installation, "beat", watched)
    return read


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.operation)
def test_a_preview_says_what_then_happens(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, row: Row
) -> None:
    """A job sends as many commands of each kind as its preview says, and asks for its claims; the preview: nothing."""
    for number in row.stopped:
        stop_half_way(installation, number)
    shared = _shared(installation, monkeypatch)
    before, world, sent = _stored(installation), installation.vnx.world, len(installation.vnx.audit)
    rehearsal = Rehearsal(installation.submission)
    request = Request(parse({"array": ARRAY, **row.request}), job=new_job_id())
    answer = rehearsal.submit(request)
    plan = preview(rehearsal)
    assert (_stored(installation), installation.vnx.world) == (before, world)
    assert len(installation.vnx.audit) == sent
    asked = installation.record(installation.submission.submit(request).job)
    (record,) = installation.run(asked.id)
    (job,) = plan.jobs
    assert (answer.state, answer.why) == (State.QUEUED, "")
    assert (job.table.name, job.table.names) == (record.operation, tuple(dict.fromkeys(record.steps)))
    audit = installation.vnx.audit[sent:]
    assert plan.commands.changing == sum(command.change for command in audit)
    assert plan.commands.reading == sum(not command.change for command in audit) - len(shared)
    assert set(plan.commands.lists) == {verb.replace("_", "-") for verb in shared}
    assert [(str(claim.kind), claim.key) for claim in job.claims] == [(kind, key) for kind, key, _ in asked.claims]
