"""The command line from another machine: the same answers, refusals and exit statuses as beside the state server."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.served import served
from tests.api.site import ApiSite
from tests.cli.commands import every_command
from tests.cli.far import Machines, machines
from tests.cli.terminal import Answer, run_here
from tests.client.ground import PATIENCE, working
from tests.state_server import free_port
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.cli.dispatch import ANYWHERE, BESIDE, REMOTE
from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.program import program
from vnx_jobs.cli.remote import service


@pytest.fixture
def two(valkey_url: str, prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Machines]:
    """Give the program beside an installation and elsewhere."""
    with machines(valkey_url, prefix, tmp_path, capsys) as made:
        yield made


def test_every_command_stands_in_one_list() -> None:
    """Of each command it is said whether a service is asked, or why not: none is forgotten, none goes elsewhere."""
    lists = [REMOTE.keys(), ANYWHERE, BESIDE.keys()]
    assert set().union(*lists) == every_command().keys()
    assert sum(map(len, lists)) == len(every_command())


def test_what_is_shown_is_the_same_from_both_machines(two: Machines) -> None:
    """Each command that shows something writes the same to the letter beside the state server and over HTTP."""
    job = next(one.id for one in two.site.house.store.find() if one.name == "gold-1")
    archive = two.site.house.catalogue.find("box")[0].archive
    policy = two.folder / "nights.yaml"
    policy.write_text("schedules: {new: {cron: 0 1 * * *, jobs: {operation: delete-volume, array: box, name: gold}}}\n")
    shown: list[tuple[str, ...]] = [
        ("jobs",),
        ("jobs", "--state", "SUCCEEDED"),
        ("jobs", "--batch", "web-batch", "--limit", "1"),
        ("job", job),
        ("arrays",),
        ("volumes", "box"),
        ("sources", "box"),
        ("volume", "show", "box", "gold-1"),
        ("batches", "list"),
        ("batches", "show", "web-batch"),
        ("batches", "report", "web-batch"),
        ("backups", "list"),
        ("backups", "show", archive),
        ("backups", "volumes"),
        ("backups", "retention", "--last", "1"),
        ("schedules", "list"),
        ("schedules", "show", "web-nightly"),
        ("schedules", "apply", str(policy), "--plan"),
        ("submit", "clone", "source=gold", "name=again", "array=box", "--plan"),
    ]
    for words in shown:
        for form in ("json", "wide"):
            near, far = two.near(*words, "-o", form), two.far(*words, "-o", form)
            assert (near.status, near.complaint) == (Exit.WELL, ""), (words, near)
            if words == ("job", job) and form in {"wide", "table"}:  # the names of its steps are in no document
                near = type(near)(near.status, _without_steps(near.output), near.complaint)
            assert far == near, (words, form)


def _without_steps(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("steps:"))


def test_a_job_is_submitted_once_and_followed_to_its_end(two: Machines) -> None:
    """Submitted with a key twice it is one job, which ends; it is told as beside the state server."""
    words = ("submit", "create-volume", "array=box", "name=new", "size_gb=1", "pool=pool", "--key", "order-1")
    first = two.far(*words)
    (job,) = [one.id for one in two.site.house.store.find() if one.name == "new"]
    assert first == Answer(Exit.WELL, f"{job} QUEUED\n", "")
    with working(two.site.world):
        over = two.far(*words, "--wait", "--json")
    assert (over.status, over.json["job"], over.json["state"], over.json["known"]) == (
        Exit.WELL,
        job,
        "SUCCEEDED",
        True,
    )
    assert two.site.world.array_shows()["new"] == "1 GB full: "
    assert two.site.house.reads.job(job).by == "admin@http"
    assert two.far("watch", job, "--json").json == [two.near("job", job, "--json").json]


def test_a_manifest_is_told_to_hooks_from_both_machines(two: Machines) -> None:
    """`--hook` names them beside the state server and over HTTP; one that there is none of is refused the same way."""
    two.site.house.hooks.add("crm", "https://8.8.8.8/told", "test")
    file = two.folder / "list.csv"
    file.write_text("operation,array,name,size_gb,pool\ncreate-volume,box,web-9,1,pool\n")
    strange = ("batch", str(file), "--array", "box", "--hook", "nobody")
    assert two.far(*strange) == two.near(*strange)
    report = two.far("batch", str(file), "--array", "box", "--hook", "crm", "--json")
    assert report.status == Exit.WELL, report
    name = f"{two.site.settings.prefix}telling:{report.json['batch']}"
    assert two.site.house.server.client.hget(name, "hooks") == '["crm"]'


def test_whoever_waits_lives_through_an_outage(
    valkey_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the service is away the program says so once and goes on; when it is there again, the job ends well."""
    monkeypatch.setattr(service, "_PATIENCE", 0.2)
    site = ApiSite(valkey_url, prefix, tmp_path)
    over = threading.Event()

    def come_back(door: socket.socket) -> None:
        end = time.monotonic() + 1
        while time.monotonic() < end:
            door.accept()[0].close()
        with served(site, door), working(site.world):
            over.wait(PATIENCE)

    try:
        job = site.world.submit("create-volume", name="new", size_gb=1, pool="pool").job
        with socket.create_server(("127.0.0.1", 0)) as door:
            file = tmp_path / "token"
            file.write_text(site.secret("viewer"))
            thread = threading.Thread(target=come_back, args=(door,), daemon=True)
            thread.start()
            address = f"http://127.0.0.1:{door.getsockname()[1]}"
            answer = run_here(["--url", address, "--token-file", str(file), "watch", job, "--json"], capsys)
            over.set()
            thread.join(PATIENCE)
    finally:
        site.close()
    assert (answer.status, [one["state"] for one in answer.json]) == (Exit.WELL, ["SUCCEEDED"])
    assert answer.complaint.count("still trying") == 1


def test_a_job_that_ends_otherwise_is_the_exit_status(two: Machines) -> None:
    """Waited for, a job that failed is status 1, and one that was refused only when the array had been read is 2."""
    two.site.world.vnx.plan("create_lun bad", refused())
    with working(two.site.world):
        failed = two.far("submit", "create-volume", "array=box", "name=bad", "size_gb=1", "pool=pool", "--wait")
        late = two.far("submit", "delete-volume", "array=box", "name=nowhere", "--wait")
    assert (failed.status, late.status) == (Exit.FAILED, Exit.REFUSED)
    assert "there is no volume nowhere" in late.output


MANIFEST = """\
defaults: {operation: create-volume, size_gb: 1, pool: pool, array: box}
jobs:
  - {name: "row-{n}", count: 2}
  - {name: third}
"""


def test_a_manifest_is_the_same_batch_by_either_way(two: Machines) -> None:
    """The file has the same name and the same jobs, whoever submits it first; its report is the same to the letter."""
    file = two.folder / "rows.yaml"
    file.write_text(MANIFEST)
    report = two.folder / "report.json"
    first = two.far("batch", str(file), "--json")
    assert (first.status, first.json["rows_by_fate"]["submitted"], first.json["file"]) == (Exit.WELL, 3, str(file))
    again = two.near("batch", str(file), "--json")
    assert again.json["rows_by_fate"]["known"] == 3
    assert [row["job_id"] for row in again.json["rows"]] == [row["job_id"] for row in first.json["rows"]]
    assert two.far("batch", str(file), "--json") == again
    assert two.far("batch", str(file), "--plan").output == two.near("batch", str(file), "--plan").output
    with working(two.site.world):
        over = two.far("batch", str(file), "--wait", "--report", str(report))
    assert (over.status, json.loads(report.read_text())["jobs_by_state"]) == (Exit.WELL, {"SUCCEEDED": 3})
    assert json.loads(report.read_text())["rows"] == two.near("batch", str(file), "--wait", "--json").json["rows"]
    assert {"row-1", "row-2", "third"} <= two.site.world.array_shows().keys()


def test_a_file_from_another_system_is_the_same_batch(two: Machines) -> None:
    """A file whose lines end as on Windows bears the same name by either way."""
    file = two.folder / "rows.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + MANIFEST.replace("\n", "\r\n").encode())
    first, again = (machine("batch", str(file), "--json").json for machine in (two.far, two.near))
    assert (first["batch"], again["rows_by_fate"]["known"]) == (again["batch"], 3)


@pytest.mark.parametrize("more", [(), ("--partial",), ("--atomic",), ("--plan",)])
def test_wrong_rows_are_told_by_their_lines(two: Machines, more: tuple[str, ...]) -> None:
    """A mistake in a manifest is told with file and line as beside the state server, with the same status."""
    file = two.folder / "rows.yaml"
    file.write_text(MANIFEST + "  - {name: fourth, size_gb: none}\n")
    far, near = two.far("batch", str(file), *more), two.near("batch", str(file), *more)
    found_again = near.complaint.replace("3 known", "3 submitted")  # the rows that were right
    assert (far.status, far.complaint) == (near.status, found_again)
    assert f"{file}:5: row fourth: " in far.complaint
    assert len(two.site.house.store.find()) == 5 + (3 if more == ("--partial",) else 0)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("rows.yaml", "jobs: [", "rows.yaml:2: this is not YAML"),
        ("rows.txt", "", "the ending '.txt' is unknown"),
        ("rows.csv", "name\nx\n", "rows.csv:"),
        ("rows.yaml", "batch: '/'\njobs: [{operation: delete-volume, name: a}]", "rows.yaml: batch "),
    ],
)
def test_a_file_that_is_no_manifest_is_told_by_its_name(two: Machines, name: str, text: str, says: str) -> None:
    """What is wrong with a file as a whole is told with its name, in the words that are used beside the service."""
    file = two.folder / name
    file.write_text(text)
    far = two.far("batch", str(file), "--array", "box")
    assert far == two.near("batch", str(file), "--array", "box")
    assert (far.status, says in far.complaint) == (Exit.REFUSED, True), far


def test_refusals_are_the_same_from_both_machines(two: Machines) -> None:
    """A refusal is the same line with the same status, whichever way the request went."""
    job = next(one.id for one in two.site.house.store.find() if one.name == "gold-1")
    for words in [
        ("submit", "create-volume", "array=box", "name=gold", "size_gb=1", "pool=pool"),
        ("submit", "explode", "array=box"),
        ("submit", "delete-volume", "name=gold"),
        ("cancel", job),
        ("undo", job),
        ("jobs", "--batch", "none"),
        ("batches", "show", "none"),
        ("batches", "cancel", "none"),
        ("volume", "show", "box", "none"),
        ("restore", "none", "--as", "new", "--pool", "pool", "--host", "vault"),
        ("jobs", "--limit", "-1"),
        ("jobs", "--array", "nowhere"),
        *(
            ("backups", *words, "--array", "nowhere")
            for words in (["list"], ["volumes"], ["retention", "--last", "1"], ["pin"])
        ),
        ("backups", "retention"),
        ("backups", "retention", "--last", "1", "--zone", "Mars"),
        ("backups", "volumes", "--unproved", "1e9"),
        ("pause",),
    ]:
        far, near = two.far(*words), two.near(*words)
        assert far == near, words
        assert far.status == Exit.REFUSED
        assert far.complaint.count("\n") == 1


@pytest.mark.parametrize("words", sorted(BESIDE))
def test_what_no_service_does_is_refused_in_one_line(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that is given beside the state server alone says so before it does anything, there or here."""
    monkeypatch.setenv("VNX_JOBS_HOME", str(tmp_path))
    answer = run_here(["--url", "http://127.0.0.1:9", *words.split(), "some", "--words"], capsys)
    assert answer.status == Exit.REFUSED
    assert answer.complains(f"`vnx-jobs {words}` does not go over HTTP: ")
    assert list(tmp_path.iterdir()) == []


def test_what_the_program_knows_itself_needs_no_service(capsys: pytest.CaptureFixture[str]) -> None:
    """`explain` and `completion` say the same wherever they are asked, and ask nobody."""
    for words in (["explain", "clone"], ["completion", "bash"]):
        far = run_here(["--url", "http://127.0.0.1:9", *words], capsys)
        assert far == run_here(words, capsys)
        assert far.status == Exit.WELL


def test_where_no_service_is_the_status_is_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody at the address is status 3 in one line; of a job that may have been accepted the key is told."""
    monkeypatch.setattr(service, "_PATIENCE", 0.2)
    address = f"http://127.0.0.1:{free_port()}"
    looked = run_here(["--url", address, "jobs"], capsys)
    assert (looked.status, looked.complains(f"{address} does not answer: ")) == (Exit.NO_STACK, True)
    words = ["submit", "delete-volume", "name=a", "array=box"]
    asked = run_here(["--url", address, *words], capsys)
    assert (asked.status, asked.complains("the same command finds it with --key ")) == (Exit.NO_STACK, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--url", "nowhere", "jobs"], "the address of a service is http(s)://HOST[:PORT]"),
        (["--url", "http://u:secret@127.0.0.1:9", "jobs"], "the address of a service is http(s)://HOST[:PORT]"),
        (["--url", "http://127.0.0.1:9", "--token-file", "none.token", "jobs"], "none.token: No such file"),
        (["--url", "https://127.0.0.1:9", "--ca-file", "none.pem", "jobs"], "none.pem cannot be used: No such file"),
        (["--token-file", "a.token", "jobs"], "--token-file is for a service: name it by --url"),
    ],
)
def test_a_mistake_about_the_service_is_one_line(
    words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong address or file is refused with status 2, and nothing of a secret is told."""
    monkeypatch.setenv("VNX_JOBS_HOME", str(tmp_path))
    answer = run_here(words, capsys)
    assert (answer.status, answer.complains(says)) == (Exit.REFUSED, True), answer
    assert "secret" not in answer.complaint


def test_the_token_stands_in_no_answer(two: Machines) -> None:
    """Neither an answer nor a refusal holds the token, which comes from a file alone."""
    for words in (("jobs", "-o", "json"), ("tokens", "list"), ("cancel", "none")):
        answer = two.far(*words)
        assert two.site.secret("admin") not in answer.output + answer.complaint
    assert not any(name == "--token" for one in program.params for name in one.opts)


@pytest.mark.parametrize(("given", "loaded"), [([], []), (["--url", "nowhere"], ["httpx"])])
def test_only_who_names_a_service_loads_what_speaks_http(given: list[str], loaded: list[str]) -> None:
    """Without an address the program starts as fast as before: neither httpx nor the client is loaded."""
    code = (
        "import sys\n"
        "from vnx_jobs.cli.program import run\n"
        f"run([*{given!r}, 'job', 'x'])\n"
        "print(sorted({'httpx'} & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.splitlines()[-1] == str(loaded)
