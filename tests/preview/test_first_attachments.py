"""Previews of attachments to hosts that the array does not know yet."""

from typing import Any, Final

from tests.installation import ARRAY, Installation
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.preview import Rehearsal
from vnx_jobs.submission import Request

WWNS: Final = "20:00:00:00:C9:12:34:56:10:00:00:00:C9:12:34:56"


def _first(volume: str, **fields: Any) -> Request:
    """Return the request for an attachment to a new host."""
    asked = {"operation": "attach-volume", "array": ARRAY, "volumes": [volume], "host": "node", "mode": "rw"}
    return Request(parse(asked | {"initiators": [WWNS]} | fields), job=new_job_id())


def test_while_no_port_is_known(installation: Installation) -> None:
    """Before any list of ports the plan shows the table that the job gets when there is one."""
    request = _first("gold", ports=["A-0", "B-1"])
    rehearsal = Rehearsal(installation.submission)
    rehearsal.submit(request)
    foretold = rehearsal.jobs[request.job]
    assert foretold.table.name == "register-and-attach"
    assert [step.name for step in foretold.steps].count("register-initiator") == 2
    installation.submission.submit(request)
    (record,) = installation.run(request.job)
    assert (record.state, record.operation, record.steps) == (
        State.SUCCEEDED,
        "register-and-attach",
        (*(step.name for step in foretold.steps),),
    )


def test_two_of_one_host_in_one_batch(installation: Installation) -> None:
    """Of two first attachments to one host, the plan registers its initiators once, as the jobs do."""
    installation.make("iron")
    installation.read_ports()
    requests = [_first("gold"), _first("iron")]
    rehearsal = Rehearsal(installation.submission)
    rehearsal.submit_many(requests)
    installation.submission.submit_many(requests)
    records = installation.run(*(request.job for request in requests))
    assert [one.state for one in records] == [State.SUCCEEDED, State.SUCCEEDED]
    assert [one.operation for one in records] == ["register-and-attach", "attach-volume"]
    foretold = [rehearsal.jobs[request.job] for request in requests]
    assert [one.table.name for one in foretold] == [one.operation for one in records]
    assert [[step.name for step in one.steps] for one in foretold] == [list(one.steps) for one in records]
