"""`--plan`: what it writes for people and programs, and that it ends as the submission would, storing nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Answer, run_here
from tests.installation import Installation
from vnx_jobs.adapters.redis.inspection import contents
from vnx_jobs.cli.exits import Exit
from vnx_jobs.operations import OPERATIONS

Program = Callable[..., Answer]


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Make an installation with a volume `gold`."""
    made = Installation(valkey_url, prefix, tmp_path)
    made.make("gold", content="ore")
    yield made
    made.close()


@pytest.fixture
def program(
    site: Installation,
    valkey_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Program:
    """Return what runs the program over the installation's state server."""
    array = f"{{spa: 192.0.2.1, user: admin, password_file: {tmp_path / 'password'}, numbers: 500-899}}"
    lines = f"installation: t\nprefix: '{site.settings.prefix}'\nredis_url: {valkey_url}\narrays: {{box: {array}}}\n"
    (tmp_path / "config.yaml").write_text(lines)
    monkeypatch.setenv("VNX_JOBS_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.chdir(tmp_path)
    return lambda *words: run_here(words, capsys)


def test_a_plan_tells_everything_in_words(site: Installation, program: Program) -> None:
    """Steps in sentences with the point of no return, commands, claims, slots, pool and time; nothing is stored."""
    before, sent = contents(site.server), len(site.vnx.audit)
    answer = program("submit", "clone", "name=twin", "source=gold", "--plan")
    assert (answer.status, answer.complaint) == (Exit.WELL, "")
    for step in OPERATIONS["clone"].steps:
        assert f"{step.name}: {step.says}\n" in answer.output
    assert answer.output.index("--- no way back") > answer.output.index("copy-onto-target")
    assert "it begins at once\n" in answer.output
    assert (
        "array commands: 6 changing, 0 reading; lists read once for all jobs that wait for one: luns, sessions\n"
        in (answer.output)
    )
    words = [line.split() for line in answer.output.splitlines()]
    assert ["numbers", "box", "number", "0", "of", "400", "free"] in words
    assert ["pin", "gold", "shared", "free"] in words
    assert ["name", "twin", "alone", "free"] in words
    assert ["migrations", "box", "permit", "0", "of", "8", "free"] in words
    assert ["gold", "snapshots", "0", "1", "256"] in words
    assert ["pool", "0", "10000", "2", "2", "10000"] in words
    assert "published rate of a copy (high 44 MB/s)" in answer.output
    assert answer.output.endswith("nothing was stored, and no array command was sent\n")
    assert (contents(site.server), len(site.vnx.audit)) == (before, sent)


def test_a_plan_tells_programs_the_same(site: Installation, program: Program) -> None:
    """JSON has stable keys, and names who holds what the job would wait for."""
    holder = site.submit("clone", name="twin", source="gold").job
    told = program("submit", "delete-volume", "name=gold", "--plan", "--json").json
    (job,) = told["jobs"]
    assert told["commands"] == {"changing": 1, "reading": 0, "lists": ["luns"]}
    assert (job["begins_at_once"], job["planned_later"], job["no_way_back_after"]) == (False, False, None)
    closed = {claim["kind"]: claim["held_by"] for claim in job["claims"] if not claim["free"]}
    assert closed["volume"] == closed["pin"] == [f"clone of twin (job {holder})"]
    assert f"waits for volume gold, held by clone of twin (job {holder})" in job["waits_for"]
    assert (told["stored"], told["known"], told["slots"], told["pools"]) == (False, False, [], [])


REFUSED = [
    ["create-volume", "name=gold", "size_gb=1", "pool=pool"],
    ["create-volume", "name=new", "size_gb=1", "pool=nope"],
    ["create-volume", "name=new", "size_gb=0", "pool=pool"],
    ["snap-copy", "name=copy", "source=gold", "--array", "nope"],
    ["delete-volume", "name=gold"],
    ["snap-copy", "name=copy", "source=gold", "--key", "taken"],
]


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_a_refusal_is_the_same_as_without_plan(site: Installation, program: Program, words: list[str]) -> None:
    """The plan of a request that would be refused is its refusal: the same line, the same status."""
    site.submit("snap-copy", name="old", source="gold", key="taken")
    before = contents(site.server)
    foretold = program("submit", *words, "--plan")
    assert contents(site.server) == before
    answer = program("submit", *words)
    assert (foretold.status, foretold.output, foretold.complaint) == (answer.status, "", answer.complaint)
    assert answer.status == Exit.REFUSED


def test_a_request_known_by_its_key(site: Installation, program: Program) -> None:
    """The plan of a request that is known says which job it is."""
    job = site.submit("snap-copy", name="old", source="gold", key="monday").job
    words = ("submit", "snap-copy", "name=old", "source=gold", "--key", "monday", "--plan")
    assert program(*words).output == f"{job} QUEUED (known by its key): nothing would be done\n"
    assert program(*words, "--json").json == {"stored": False, "known": True, "job": job, "state": "QUEUED"}


@pytest.mark.parametrize("words", [("submit", "delete-volume", "name=gold"), ("batch", "jobs.yaml")])
def test_a_plan_cannot_be_waited_for(program: Program, words: tuple[str, ...]) -> None:
    """`--plan --wait` is a mistake, told in one line."""
    Path("jobs.yaml").write_text("jobs: [{operation: delete-volume, name: gold}]")
    answer = program(*words, "--plan", "--wait")
    assert answer.status == Exit.REFUSED
    assert answer.complains("--plan stores nothing, so there is nothing to --wait for")


def test_an_array_that_is_held_is_told(site: Installation, program: Program) -> None:
    """A job of an array that is held for maintenance would not begin: the plan says who holds it."""
    site.store.hold("box", "ann")
    answer = program("submit", "snap-copy", "name=copy", "source=gold", "--plan")
    assert "box is held by ann: nothing is begun\n" in answer.output
    assert "it begins when box is no longer held (by ann)\n" in answer.output
    assert "begins at once" not in answer.output


def test_a_volume_that_no_list_showed_yet_is_waited_for(program: Program) -> None:
    """A plan that hangs on a name which nothing is known of says for what it waits, in a sentence."""
    answer = program("submit", "snap-copy", "name=copy", "source=later", "--plan")
    assert "it waits for a list that shows volume later\n" in answer.output


BATCH = """\
jobs:
  - {operation: create-volume, name: base, size_gb: 8, pool: pool}
  - {operation: snap-copy, name: "copy-{n}", count: 3, source: base}
  - {operation: delete-volume, name: copy-1, after: copy-1}
  - {operation: clone, name: twin, source: gold, pool: other, provisioning: thick}
"""


def test_a_plan_of_a_batch(site: Installation, program: Program) -> None:
    """Each table stands there once, each row with what it waits for, and all that the rows take together."""
    Path("jobs.yaml").write_text(BATCH)
    before = contents(site.server)
    answer = program("batch", "jobs.yaml", "--plan", "--report", "plan.json")
    assert (answer.status, answer.complaint) == (Exit.WELL, "")
    assert answer.output.count("snap-copy: Make a snap copy of a volume") == 1
    assert "array commands: 18 changing, 0 reading;" in answer.output  # 1 + 3 x 3 + 2 + 6
    words = [line.split() for line in answer.output.splitlines()]
    assert ["base", "create-volume", "begins", "at", "once"] in words
    assert "delete copy-1  delete-snap-copy  waits for row copy-1 to succeed\n" in answer.output
    assert "copy-2         snap-copy         waits for row base, which is to make volume base\n" in answer.output
    assert ["base", "snap", "copies", "0", "3", "255"] in words
    assert ["gold", "mount", "points", "0", "1", "255"] in words
    told = program("batch", "jobs.yaml", "--plan", "--json").json
    assert [one["fate"] for one in told["rows"]] == ["would be submitted"] * 6
    assert {(use["pool"], use["thick_gb"], use["fits"]) for use in told["pools"]} == {
        ("pool", 8, True),
        ("other", 2, True),
    }
    assert Path("plan.json").read_text().count('"fate": "would be submitted"') == 6
    assert contents(site.server) == before


def test_a_plan_of_a_batch_that_was_submitted(site: Installation, program: Program) -> None:
    """Rows that have their jobs already are known; the plan has no job, and ends well."""
    Path("jobs.yaml").write_text(BATCH)
    assert program("batch", "jobs.yaml").status == Exit.WELL
    before = contents(site.server)
    answer = program("batch", "jobs.yaml", "--plan", "--json")
    assert (answer.status, [one["fate"] for one in answer.json["rows"]]) == (Exit.WELL, ["known"] * 6)
    assert (answer.json["jobs"], answer.json["commands"]["changing"]) == ([], 0)
    assert contents(site.server) == before


WRONG = "jobs: [{operation: create-volume, name: a, size_gb: 0, pool: pool}, {operation: delete-volume, name: gold}]"
MANY = "jobs: [{operation: snap-copy, name: 'c{n}', count: 257, source: gold}]"


@pytest.mark.parametrize("text", [WRONG, MANY], ids=["a wrong row", "a limit"])
def test_a_batch_that_is_refused_is_told_as_without_plan(site: Installation, program: Program, text: str) -> None:
    """Each row that would be refused or is wrong has the same line as without `--plan`, and the status is the same."""
    Path("jobs.yaml").write_text(text)
    foretold = program("batch", "jobs.yaml", "--plan")
    assert site.store.find() == []
    answer = program("batch", "jobs.yaml")
    assert foretold.status == answer.status == Exit.REFUSED
    assert foretold.complaint.replace("would have", "have") == answer.complaint
