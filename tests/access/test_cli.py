"""Tokens and the audit trail from the command line."""

import getpass
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.cli.terminal import Answer, run_here
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.digest import digest_of
from vnx_jobs.model.errors import Refused
from vnx_jobs.model.names import new_job_id
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

Program: TypeAlias = Callable[..., Answer]
WHO = f"{getpass.getuser()}@{socket.gethostname()}"


@pytest.fixture
def program(
    valkey_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Program:
    """Return what runs the program over a state server and two arrays that nobody has read."""
    (tmp_path / "password").write_text("hidden word")
    array = f"{{spa: 127.0.0.1, user: a, password_file: {tmp_path}/password, numbers: 100-200}}"
    text = (
        f"prefix: '{prefix}'\naccess: {{audit_file: {tmp_path}/audit.jsonl}}\narrays: {{box: {array}, far: {array}}}\n"
        "callbacks: {allow_networks: [192.0.2.0/24]}\n"
    )
    (tmp_path / "config.yaml").write_text(text)
    monkeypatch.setenv("VNX_JOBS_HOME", str(tmp_path))
    monkeypatch.setenv("VNX_JOBS_REDIS_URL", valkey_url)
    monkeypatch.delenv("VNX_JOBS_CONFIG", raising=False)
    return lambda *words: run_here(words, capsys)


@pytest.fixture
def house(program: Program) -> Iterator[House]:
    """Open the parts of the same installation."""
    del program
    made = House(load())
    yield made
    made.close()


def test_a_token_from_its_making_to_its_end(program: Program, house: House) -> None:
    """A token's secret is shown once, lets its bearer in, is listed without it, and is worth nothing once revoked."""
    made = program("tokens", "add", "crm", "--role", "operator", "--array", "box", "--days", "30", "--json").json
    caller = house.authority.identify(made["secret"], "here")
    assert (caller.name, str(caller.role), caller.arrays) == ("crm", "operator", frozenset({"box"}))
    listed = program("tokens", "list")
    assert made["token"] in listed.output
    assert "valid until" in listed.output
    assert made["secret"] not in listed.output
    (one,) = program("tokens", "list", "--json").json
    assert one == {name: value for name, value in made.items() if name != "secret"}
    assert program("tokens", "revoke", "crm").output == f"token {made['token']} for crm is revoked\n"
    with pytest.raises(Refused, match="was revoked"):
        house.authority.identify(made["secret"], "here")
    assert program("tokens", "revoke", "crm").output == "crm was not valid any more\n"
    assert "revoked" in program("tokens", "list").output


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("tokens", "add", "crm", "--role", "king"), "king"),
        (("tokens", "add", "crm", "--role", "viewer", "--array", "bx"), "there is no array 'bx'"),
        (("tokens", "add", "a b", "--role", "viewer"), "name 'a b'"),
        (("tokens", "revoke", "nobody"), "there is no token 'nobody'"),
        (("audit", "--since", "yesterday"), "is no time"),
        (("dead", "show", "1-1"), "no dead letter '1-1'"),
        (("dead", "drop", "1-1"), "no dead letter '1-1'"),
        (("dead", "drop"), "either a LETTER"),
    ],
)
def test_mistakes_are_one_line(program: Program, words: tuple[str, ...], text: str) -> None:
    """What makes no sense ends with status 2 and one line."""
    answer = program(*words)
    assert answer.status == 2
    assert answer.complains(text), answer.complaint


def test_the_local_command_line_is_audited(program: Program, tmp_path: Path) -> None:
    """Submits, orders, holds and schedules leave a line each with person, job and outcome; what only looks does not."""
    job = program("submit", "create-volume", "--array", "box", "name=a", "size_gb=1", "pool=p", "--json").json["job"]
    assert program("cancel", job).status == 0
    assert program("cancel", job).status == 2
    program("pause", "--array", "far")
    cron = ("--cron", "0 1 * * *", "--array", "box")
    assert program("schedules", "add", "n", "create-snapshot", *cron, "volume=a", "name=a-{due}").status == 0
    program("schedules", "remove", "n")
    (tmp_path / "rows.csv").write_text("operation,array,name,size_gb,pool\ncreate-volume,box,b,1,p\n")
    assert program("batch", str(tmp_path / "rows.csv")).status == 0
    (tmp_path / "wrong.csv").write_text("operation,array,name,size_gb,pool\ncreate-volume,box,b,1,p\n")
    assert program("batch", str(tmp_path / "wrong.csv")).status == 2
    program("jobs")
    lines = program("audit", "--json").json
    told = [(one["what"].split(" rows")[0].split(" wrong")[0], one["array"], one["outcome"]) for one in lines]
    assert told == [
        ("submit create-volume", "box", "done"),
        ("cancel", "box", "done"),
        ("cancel", "box", "order-refused"),
        ("hold", "far", "done"),
        ("schedules add n", "box", "done"),
        ("schedules remove n", "box", "done"),
        ("batch", "box", "done"),
        ("batch", "box", "invalid"),
    ]
    assert {(one["who"], one["origin"]) for one in lines} == {(WHO, "local")}
    assert [one["jobs"] for one in lines[:4]] == [[job], [job], [job], []]
    assert [one["count"] for one in lines[-2:]] == [1, 0]
    assert program("audit", "--array", "far", "--since", "1h").output.count("hold") == 1
    assert program("audit", "--who", "nobody").output == "nothing was done\n"
    text = (tmp_path / "audit.jsonl").read_text()
    assert text.count("\n") == len(lines)


def test_pins_and_hooks_are_audited(program: Program, house: House) -> None:
    """Each pin, its end, and whatever is done to a hook has a line; the key of the hook stands in none."""
    label = Label("box", "gold", "60:06", "", new_job_id(), 1_700_000_000_000, 1 << 30, digest_of([]))
    backup = Backup.of(label, added=1, seconds=1, tool="borg 1.2.4", repository="main")
    house.catalogue.enter(backup)
    assert program("backups", "pin", backup.archive).status == 0
    assert program("backups", "unpin", backup.archive).status == 0
    assert program("backups", "pin", "none").status == 2
    assert program("hooks", "add", "crm", "https://192.0.2.1/x").status == 0
    key = program("hooks", "key", "crm").output.strip()
    assert program("hooks", "again", "crm").status == 0
    assert program("hooks", "remove", "crm").status == 0
    assert program("hooks", "remove", "crm").status == 2
    trail = program("audit", "--json")
    assert [(one["what"], one["array"], one["outcome"]) for one in trail.json] == [
        (f"backups pin {backup.archive}", "box", "done"),
        (f"backups unpin {backup.archive}", "box", "done"),
        ("hooks add crm", None, "done"),
        ("hooks key crm", None, "done"),
        ("hooks again crm", None, "done"),
        ("hooks remove crm", None, "done"),
        ("hooks remove crm", None, "unknown-hook"),
    ]
    assert key not in trail.output


def test_nothing_secret_is_audited(program: Program, house: House, tmp_path: Path) -> None:
    """Neither the trail, its file nor the state server holds a token's secret or an array's password."""
    secret = program("tokens", "add", "crm", "--role", "admin", "--json").json["secret"]
    kept = program("audit", "--json").output + (tmp_path / "audit.jsonl").read_text()
    kept += str(house.server.hash("tokens")) + str(house.server.hash("revoked"))
    assert "tokens add crm" in kept
    assert secret.removeprefix("vnxj_") not in kept
    assert "hidden word" not in kept
