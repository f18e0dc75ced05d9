"""`vnx-jobs submit clone-group`: a job for each volume of a group's snapshot, told like a batch."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Answer, run_here
from tests.installation import Installation
from vnx_jobs.adapters.redis.inspection import contents
from vnx_jobs.cli.exits import Exit

Program = Callable[..., Answer]


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Make an installation with a snapshot `frozen` of the group of `gold` and `iron`."""
    made = Installation(valkey_url, prefix, tmp_path)
    made.make("gold", content="ore")
    made.make("iron", content="rust")
    made.do("create-group", name="wide", members="gold,iron")
    made.do("create-group-snapshot", name="frozen", group="wide")
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


CLONES = ("submit", "clone-group", "snapshot=frozen", "names={member}-2")


def test_each_volume_has_its_job(site: Installation, program: Program) -> None:
    """The answer is a table, a volume a line, with the job of each; the jobs make what it says."""
    answer = program(*CLONES, "--key", "nightly")
    assert (answer.status, answer.complaint) == (Exit.WELL, "")
    words = [line.split() for line in answer.output.splitlines()]
    jobs = {line[0]: line[3] for line in words[1:3]}
    assert [line[:3] for line in words[1:3]] == [["gold", "clone", "submitted"], ["iron", "clone", "submitted"]]
    assert "batch clone-group-nightly: 2 submitted" in answer.output
    assert {record.name for record in site.run(*jobs.values())} == {"gold-2", "iron-2"}
    again = program(*CLONES, "--key", "nightly", "--wait", "--json")
    assert again.status == Exit.WELL
    assert [(row["row"], row["job_id"], row["job"]["state"]) for row in again.json["rows"]] == [
        (member, job, "SUCCEEDED") for member, job in jobs.items()
    ]


def test_a_plan_stores_nothing(site: Installation, program: Program) -> None:
    """The plan tells steps, jobs and slots of all volumes, and stores nothing."""
    before, sent = contents(site.server), len(site.vnx.audit)
    answer = program(*CLONES, "--plan")
    assert (answer.status, answer.complaint) == (Exit.WELL, "")
    words = [line.split() for line in answer.output.splitlines()]
    assert "clone-of-group-snapshot: Make a full copy of one volume" in answer.output
    assert ["iron", "clone-of-group-snapshot", "begins", "at", "once"] in words
    assert ["gold", "snapshots", "1", "3", "256"] in words
    assert ["iron", "snapshots", "1", "3", "256"] in words
    assert (contents(site.server), len(site.vnx.audit)) == (before, sent)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("names={member}-2", "snapcopy=true"), "no snap copy is made of a group's snapshot"),
        (("names=clone",), "names must hold {member}"),
        (("names=gold=a",), "names gives no name for the clone of iron"),
        (("names=gold=iron,iron=b",), "clone-group: gold: a volume iron exists on box already"),
    ],
    ids=str,
)
def test_a_mistake_is_told_in_one_line(program: Program, words: tuple[str, ...], complaint: str) -> None:
    """A request with a mistake ends with status 2, says what is wrong, and submits nothing."""
    answer = program("submit", "clone-group", "snapshot=frozen", *words)
    assert (answer.status, answer.output) == (Exit.REFUSED, "")
    assert complaint in answer.complaint


def test_explain_tells_what_each_job_does(program: Program) -> None:
    """`explain clone-group` names its fields and the steps of the job that each volume gets."""
    answer = program("explain", "clone-group")
    assert answer.status == Exit.WELL
    assert "snapshot names [pool] [provisioning] [tiering] [on_limit]" in answer.output
    assert "For each volume of the snapshot, by a job" in answer.output
    assert "copy-onto-target" in answer.output
