"""Jobs by message: a real worker, a real Valkey, and a service that knows only names."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.site import Site
from tests.celery_submit.sender import FIELDS, Sender, until
from tests.state_server import StateServer
from vnx_jobs.model.errors import Refused
from vnx_jobs.model.specs import parse

pytestmark = pytest.mark.real


def named(name: str, **more: Any) -> dict[str, Any]:
    """Return a request for a volume."""
    return {**FIELDS, "name": name, **more}


def message(task: str, args: Any, **more: Any) -> str:
    """Return a message as it stands in the list, by hand."""
    body = base64.b64encode(json.dumps([args, {}, {}]).encode()).decode()
    delivery = {"exchange": "", "routing_key": "vnx.submit"}
    properties = {"delivery_tag": task, "body_encoding": "base64", "delivery_info": delivery, "correlation_id": task}
    headers = {"id": task, "task": "vnx.submit", "lang": "js"}
    told = {"body": body, "content-type": "application/json", "content-encoding": "utf-8", "headers": headers}
    return json.dumps({**told, "properties": properties, **more})


def test_a_job_is_accepted_once(sender: Sender) -> None:
    """A key makes one job however often it is sent, and the record and the audit trail say by whom."""
    first = sender.send(named("once", key="order-1", by="shop"))
    assert first["created"] is True
    assert sender.send(named("once", key="order-1", by="shop")) == {"job": first["job"], "created": False}
    assert sender.send(named("twice", key="order-1"))["refused"]["code"] == "key-conflict"
    assert sender.site.house.reads.job(first["job"]).by == "shop@celery"
    lines = [one for one in sender.site.house.authority.audit.read(who="shop@celery") if one.jobs == (first["job"],)]
    assert [(one.origin, one.what, one.outcome) for one in lines] == [("celery", "vnx.submit", "done")] * 2


def test_the_same_message_twice(sender: Sender) -> None:
    """A message without a key that is delivered twice is one job: its id is the key."""
    first = sender.send(named("dup"), task_id="task-dup")
    assert sender.send_again(named("dup"), task_id="task-dup") == {"job": first["job"], "created": False}
    assert sender.jobs().count("dup") == 1


def test_many(sender: Sender) -> None:
    """Each row is answered in its place, refused or not; sent again they are the same jobs."""
    rows = {"batch": "b", "jobs": [named("row-1"), named("row-2", array="nowhere"), named("row-3")]}
    first, second, third = sender.send(rows, task="vnx.submit_many", task_id="many-1")["answers"]
    assert (first["created"], second["refused"]["code"], third["created"]) == (True, "unknown-array", True)
    again = sender.send_again(rows, task="vnx.submit_many", task_id="many-1")["answers"]
    assert [one.get("job") for one in again] == [first["job"], None, third["job"]]
    assert [one.get("created") for one in again] == [False, None, False]
    whole = sender.send({"jobs": [named("x")] * 1001}, task="vnx.submit_many")
    assert whole["refused"] == {"code": "invalid", "message": "jobs must be a list of 1 to 1000 objects"}


REFUSED: list[tuple[list[Any], str]] = [
    ([], "invalid"),
    ([named("f-1"), 1], "invalid"),
    ([None], "invalid"),
    (["text"], "invalid"),
    ([{}], "invalid"),
    ([named("f-2", array="nowhere")], "unknown-array"),
    ([named("f-3", array=3)], "invalid"),
    ([named("f-4", size_gb="\ud800")], "invalid"),
    ([named("f-5", size_gb=-1)], "invalid"),
    ([named("f-6", after="x")], "invalid"),
    ([named("f-7", after=["nojob"])], "no-such-job"),
    ([named("f-8", hooks=[1])], "invalid"),
    ([named("f-9", hooks=["nohook"])], "unknown-hook"),
    ([named("f-10", key="k" * 201)], "invalid"),
    ([named("f-17", key=0)], "invalid"),
    ([named("f-18", key="")], "invalid"),
    ([named("f-11", by=7)], "invalid"),
    ([named("f-12", by="x\n")], "invalid"),
    ([named("f-13", naviseccli="/bin/sh")], "invalid"),
    ([named("f-14") | {"password_file": "/etc/passwd"}], "invalid"),
    ([named("f-15", command="rm -rf /")], "invalid"),
    ([named("--f-16")], "invalid"),
    ([{"operation": "vnx.step", "array": "box"}], "invalid"),
]


@pytest.mark.parametrize(("args", "code"), REFUSED)
def test_what_is_refused(sender: Sender, args: list[Any], code: str) -> None:
    """A wrong message is answered with a code and a line, is a dead letter with it, and makes no job."""
    before = sender.jobs()
    answer = sender.send(*args)
    assert (list(answer), answer["refused"]["code"]) == (["refused"], code)
    assert sender.jobs() == before
    (letter,) = sender.site.house.dead_letters.find(1)
    assert letter.why == f"{code}: {answer['refused']['message']}"


def test_the_words_of_refusal_are_those_of_all_doors(sender: Sender) -> None:
    """What a spec is refused for is told in the words of the parts themselves."""
    wrong = named("w", size_gb=-1)
    with pytest.raises(Refused) as told:
        parse(dict(wrong))
    assert sender.send(wrong)["refused"] == {"code": str(told.value.code), "message": told.value.message}


GARBAGE: list[str | bytes] = [
    "",
    "no JSON",
    b"\xff\xfe",
    "[]",
    "{}",
    "null",
    json.dumps({"properties": {}}),
    json.dumps({"properties": {"delivery_tag": "g-0", "delivery_info": {}}, "headers": {"task": "vnx.submit"}}),
    message("g-1", [], headers=None),
    message("g-2", [], headers={}),
    message("g-3", [], headers={"id": "g-3", "task": "os.system"}),
    message("g-4", [], headers={"task": "vnx.submit"}),
    message("g-5", [], body="!!!"),
    message("g-6", [], body=base64.b64encode(b"{").decode()),
    message("g-7", [], body=base64.b64encode(b"[1]").decode()),
    message("g-8", [], **{"content-type": "application/x-python-serialize"}),
    message("g-9", [], **{"content-type": "text/plain"}),
    message("g-10", [], headers={"id": "g-10", "task": "vnx.submit", "eta": "never"}),
    message("g-11", [], headers={"id": ["g-11"], "task": "vnx.submit"}),
    message("g-12", [], headers={"id": "g-12", "task": ["vnx.submit"]}),
    message("g-13", None),
    message("g-14", 7),
    "[" * 100_000,
]


def test_garbage(sender: Sender) -> None:
    """What is no message ends no worker: the same one answers the next, no job came of it, each was put aside."""
    house, before = sender.site.house, sender.jobs()
    house.dead_letters.drop()
    for item in GARBAGE:
        sender.push(item)
    assert sender.send(named("after-all"))["created"] is True
    assert len(sender.jobs()) == len(before) + 1
    until(lambda: len(house.dead_letters.find(100)) >= len(GARBAGE), 5)
    letters = [(one.task, one.why) for one in house.dead_letters.find(100)]
    assert len(letters) == len(GARBAGE), letters
    assert sender.site.workers[0].poll() is None
    assert "Traceback" not in sender.site.worker_log(0).read_text()
    assert until(lambda: not sender.redis.exists(f"{sender.prefix}mq:unacked"))


@pytest.fixture
def alone(tmp_path: Path, prefix: str) -> Iterator[tuple[Sender, StateServer]]:
    """Return a service with a state server of its own, and no worker yet."""
    with StateServer(tmp_path) as server:
        site = Site(tmp_path, server.url, prefix)
        yield Sender(site), server
        site.stop()


def test_a_process_dies_in_the_middle(alone: tuple[Sender, StateServer]) -> None:
    """A process of the pool that is killed once the job is stored: the message is run again, and it is the same job."""
    sender, _ = alone
    sender.start(DYING="process")
    answer = sender.send(named("died"))
    assert (answer["created"], sender.jobs()) == (False, ["died"])


def test_a_worker_dies_in_the_middle(alone: tuple[Sender, StateServer]) -> None:
    """The message of a worker that was killed is another's after a minute (which the test lets pass), the same job."""
    sender, _ = alone
    sender.start(DYING="worker")
    result = sender.app.send_task("vnx.submit", args=[named("died")], queue="vnx.submit")
    sender.site.workers[0].wait(30)
    index = f"{sender.prefix}mq:unacked_index"
    (tag,) = sender.redis.zrange(index, 0, -1)
    sender.redis.zincrby(index, -60, str(tag))
    sender.start()
    assert result.get(timeout=40)["created"] is False
    assert sender.jobs() == ["died"]


def test_the_state_server_dies_in_the_middle(alone: tuple[Sender, StateServer]) -> None:
    """The message under way when the state server was killed is answered when it is back; the worker takes the next."""
    sender, server = alone
    assert server._process is not None
    sender.start(DYING=str(server._process.pid))
    task = sender.app.send_task("vnx.submit", args=[named("died")], queue="vnx.submit").id
    server._process.wait(30)
    server.start()
    answer = until(lambda: sender.answer(task))
    (job,) = sender.site.house.store.find()
    assert (answer["result"]["job"], job.name) == (job.id, "died")
    assert sender.send(named("next"))["created"] is True
    assert sender.site.workers[0].poll() is None
