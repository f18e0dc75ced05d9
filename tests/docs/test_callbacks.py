"""docs/callbacks.md is true: its commands are run, and its verifiers verify what is sent, and nothing else."""

import base64
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.cli.terminal import run_here
from tests.docs.pages import commands_of
from tests.hooks.receiver import Heard, Receiver
from vnx_jobs.hooks.envelope import BATCH_ENDED, JOB_ENDED, TEST
from vnx_jobs.hooks.signing import signed
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

PAGE = (Path(__file__).parents[2] / "docs" / "callbacks.md").read_text()
NODE = Path("/usr/bin/node")
MANIFEST = "jobs:\n  - {operation: create-volume, name: web-02, size_gb: 5, pool: pool_1}\n"
Question: TypeAlias = tuple[str, dict[str, str], bytes]
"""A key, and the headers and body of a message."""


@pytest.fixture
def home(valkey_url: str, prefix: str, tmp_path: Path) -> dict[str, str]:
    """Return the environment of an installation that may call loopback."""
    (tmp_path / "password").write_text("x")
    array = f"{{spa: 127.0.0.1, user: a, password_file: {tmp_path}/password, numbers: 100-200}}"
    callbacks = "callbacks: {allow_http: true, allow_networks: [127.0.0.0/8]}"
    (tmp_path / "config.yaml").write_text(f"prefix: '{prefix}'\narrays: {{box: {array}}}\n{callbacks}\n")
    (tmp_path / "volumes.yaml").write_text(MANIFEST)
    given = {name: value for name, value in os.environ.items() if not name.startswith("VNX_")}
    return {**given, "VNX_JOBS_HOME": str(tmp_path), "VNX_JOBS_REDIS_URL": valkey_url}


def test_the_types_of_the_page() -> None:
    """The page names every type of event, and no other."""
    assert re.findall(r"^\| `(vnx-jobs\.[a-z.]+)`", PAGE, re.MULTILINE) == [JOB_ENDED, BATCH_ENDED, TEST]


def test_every_command_of_the_page_works(
    home: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's commands, run in their order, all end well; the receiver heard the test message alone."""
    for name in ("VNX_JOBS_HOME", "VNX_JOBS_REDIS_URL"):
        monkeypatch.setenv(name, home[name])
    monkeypatch.delenv("VNX_JOBS_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    said = {}
    with Receiver() as receiver:
        for line in commands_of(PAGE.replace('"$RECEIVER"', receiver.url)).splitlines():
            program, *words = shlex.split(line)
            assert program == "vnx-jobs"
            answer = run_here(words, capsys)
            assert answer.status == 0, (line, answer)
            said[" ".join(words[:2])] = answer
    assert [one.event["type"] for one in receiver.heard] == [TEST]
    key = said["hooks key"].output.strip()
    assert receiver.heard[0].is_signed_with(key)
    assert said["hooks add"].output.endswith(f"{key}\n")
    assert said["hooks show"].json["messages"] == []
    assert key not in said["hooks show"].output + said["hooks list"].output
    house = House(load(home))
    try:
        assert house.hooks.find() == ()
        told = {record.name: record.hooks for record in house.store.find()}
        assert told == {"web-01": ("provisioning",), "web-02": ()}
    finally:
        house.close()


def heard(home: dict[str, str]) -> tuple[str, Heard]:
    """Return a message that a receiver heard, and its key."""
    house = House(load(home))
    try:
        with Receiver() as receiver:
            key = house.hooks.add("crm", receiver.url, "admin")
            assert house.hooks.test("crm").well
    finally:
        house.close()
    return key, receiver.heard[0]


def in_python(questions: Sequence[Question]) -> list[bool]:
    """Verify as the page does in Python."""
    names: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], names)  # noqa: S102 -- it is the page's
    return [names["verified"](key, headers, body) for key, headers, body in questions]


def in_node(questions: Sequence[Question]) -> list[bool]:
    """Verify as the page does in Node."""
    code = re.findall(r"```javascript\n(.*?)```", PAGE, re.DOTALL)[0]
    asked = json.dumps([(key, headers, body.decode()) for key, headers, body in questions])
    ask = f"const told = {asked}.map(([key, headers, body]) => verified(key, headers, Buffer.from(body)));"
    words = [str(NODE), "-e", f"{code}\n{ask}\nconsole.log(JSON.stringify(told));"]
    answers: list[bool] = json.loads(subprocess.run(words, check=True, capture_output=True, timeout=60).stdout)
    return answers


@pytest.mark.parametrize(
    "verify",
    [in_python, pytest.param(in_node, marks=pytest.mark.skipif(not NODE.exists(), reason="no Node on this machine"))],
)
def test_the_verifiers_of_the_page(home: dict[str, str], verify: Callable[[Sequence[Question]], list[bool]]) -> None:
    """What was sent is verified; with another key, body, id or time, without a signature, or old, it is not."""
    key, message = heard(home)
    headers, body = message.headers, message.body
    old = signed(base64.b64decode(key.removeprefix("whsec_")), headers["webhook-id"], 1600000000, body)
    questions = [
        (key, headers, body),
        (key, {**headers, "webhook-signature": "v1,AAAA " + headers["webhook-signature"]}, body),
        ("whsec_" + "A" * 44, headers, body),
        (key, headers, body + b" "),
        (key, {**headers, "webhook-id": "job_B_crm"}, body),
        (key, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, body),
        (key, {**headers, "webhook-signature": "v1,"}, body),
        (key, dict(old), body),
    ]
    assert verify(questions) == [True, True, False, False, False, False, False, False]
