"""Jobs, batches, volumes and doctor, as a user at a terminal sees them over a real stack."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import BIN, Answer, Home
from vnx_jobs.cli.exits import Exit

pytestmark = pytest.mark.real

Sim = Callable[..., Answer]

MANIFEST = """\
jobs:
  - {operation: create-volume, name: base, size_gb: 1, pool: pool_1, provisioning: thin}
  - {operation: snap-copy, name: "copy-{n}", count: 2, source: base, after: base}
  - {operation: delete-volume, name: copy-2, after: copy-2}
"""


def test_a_batch_runs_and_is_reported_row_by_row(sim: Sim, stack: Home) -> None:
    """A manifest's jobs run in order; the report says of every row which job it became and how that ended."""
    file = stack.write("small.yaml", MANIFEST)
    report = stack.folder / "report.json"
    answer = sim("batch", file, "--wait", "--report", str(report))
    assert answer.status == Exit.WELL, answer
    document = json.loads(report.read_text())
    assert document["well"] is True
    assert document["rows_by_fate"] == {"submitted": 4, "known": 0, "refused": 0, "wrong": 0, "held back": 0}
    assert [(row["row"], row["line"], row["job"]["state"]) for row in document["rows"]] == [
        ("base", 2, "SUCCEEDED"),
        ("copy-1", 3, "SUCCEEDED"),
        ("copy-2", 3, "SUCCEEDED"),
        ("delete copy-2", 4, "SUCCEEDED"),
    ]
    again = sim("batch", file, "--wait", "--json").json
    assert [row["fate"] for row in again["rows"]] == ["known"] * 4
    assert [row["job_id"] for row in again["rows"]] == [row["job_id"] for row in document["rows"]]


def test_volumes_show_what_is_a_snap_copy(sim: Sim) -> None:
    """`volume show` has the metadata key snapcopy, True exactly for a snap copy, with its source."""
    assert "\nsnapcopy:     True\n" in sim("volume", "show", "sim", "copy-1").output
    assert sim("volume", "show", "sim", "copy-1", "--json").json["source"] == "base"
    assert sim("volume", "show", "sim", "base", "--json").json["metadata"] == {"snapcopy": "False"}
    listed = {one["name"]: one["metadata"]["snapcopy"] for one in sim("volumes", "--json").json}
    assert listed == {"base": "False", "copy-1": "True"}


def test_clone_with_snapcopy_is_a_snap_copy(sim: Sim) -> None:
    """`clone snapcopy=true` runs the snap copy's table and makes the same kind of volume."""
    job = sim("submit", "clone", "name=copy-3", "source=base", "snapcopy=true", "--wait", "--json").json
    assert (job["operation"], job["table"], job["state"]) == ("clone", "snap-copy", "SUCCEEDED")
    assert sim("volume", "show", "sim", "copy-3", "--json").json["metadata"] == {"snapcopy": "True"}


def test_a_source_with_copies_is_not_deleted(sim: Sim) -> None:
    """Deleting a source with snap copies is refused with their number and names, at once."""
    answer = sim("submit", "delete-volume", "name=base")
    assert answer.status == Exit.REFUSED
    assert answer.complains("base has 2 snap copies (copy-1, copy-3): delete them first")


def test_a_key_makes_a_request_repeatable(sim: Sim) -> None:
    """The same key with the same request returns the same job; with another request it is refused."""
    words = ("submit", "create-volume", "name=keyed", "size_gb=1", "pool=pool_1", "--key", "k1", "--json")
    first, second = sim(*words).json, sim(*words).json
    assert (first["job"], first["known"], second["known"]) == (second["job"], False, True)
    other = sim("submit", "create-volume", "name=keyed2", "size_gb=1", "pool=pool_1", "--key", "k1")
    assert (other.status, other.complains("the key 'k1' was used for another request")) == (Exit.REFUSED, True)


def test_a_request_is_accepted_though_the_answer_cannot_be_written(sim: Sim, stack: Home) -> None:
    """`submit > /dev/full` ends with status 4, not as a refusal does; its key finds the job that it made."""
    words = ("submit", "create-volume", "name=unsaid", "size_gb=1", "pool=pool_1", "--key", "unsaid", "--json")
    with Path("/dev/full").open("w") as full:
        command = [str(BIN / "vnx-jobs"), *words]
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60, env=stack.environment
        )
    assert (done.returncode, done.stderr.count("\n")) == (Exit.UNSAID, 1)
    again = sim(*words).json
    assert again["known"] is True
    assert sim("watch", again["job"]).status == Exit.WELL


@pytest.mark.parametrize("operation", ["delete-volume name=nowhere", "snap-copy name=x source=nowhere"])
def test_waiting_for_an_unknown_volume_ends_2(sim: Sim, operation: str) -> None:
    """An unknown volume is looked for on the array once; if it is not there, `submit --wait` ends with status 2."""
    answer = sim("submit", *operation.split(), "--wait")
    assert answer.status == Exit.REFUSED
    assert "there is no volume nowhere on sim" in answer.output


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("delete-volume name=x array=nope", "there is no array 'nope' (arrays: sim)"),
        ("create-volume name=x size_gb=1 pool=nope", "sim has no pool 'nope' (pools: pool_1, pool_2)"),
        ("create-volume name=base size_gb=1 pool=pool_1", "a volume base exists on sim already"),
    ],
)
def test_what_cannot_work_is_refused_at_once(sim: Sim, words: str, complaint: str) -> None:
    """An unknown array or pool, or a name in use, is refused in one line before anything is stored."""
    jobs = len(sim("jobs", "--json", "--limit", "0").json)
    answer = sim("submit", *words.split())
    assert answer.status == Exit.REFUSED
    assert answer.complains(complaint)
    assert len(sim("jobs", "--json", "--limit", "0").json) == jobs


BAD = """\
operation,name,size_gb,pool,colour
create-volume,good,1,pool_1,
create-volume,red,1,pool_1,red
create-volume,nil,0,pool_1,
create-volume,twice,1,pool_1,
create-volume,twice,1,pool_1,
"""


def test_a_bad_manifest_submits_nothing(sim: Sim, stack: Home) -> None:
    """Each wrong row is told with file, line and cause; the others are counted; nothing is submitted; status 2."""
    file = stack.write("bad.csv", BAD)
    answer = sim("batch", file)
    assert answer.status == Exit.REFUSED
    lines = answer.complaint.splitlines()
    assert [line.split(": ")[1] for line in lines[:4]] == [f"{file}:{number}" for number in (3, 4, 5, 6)]
    assert "row red: create-volume: there is no field 'colour'" in lines[0]
    assert "row nil: create-volume: size_gb must be" in lines[1]
    assert "2 rows have this name (lines 5, 6)" in lines[2]
    assert lines[4].startswith("error: nothing was submitted: 4 of 5 rows are wrong, 1 are held back")
    assert sim("jobs", "--batch", Path(file).stem).complains("there are no jobs of a batch 'bad'")


def test_partial_submits_the_rest_and_still_ends_2(sim: Sim, stack: Home) -> None:
    """With --partial the good row is submitted, the report says what became of every row, and the status stays 2."""
    answer = sim("batch", stack.write("bad.csv", BAD), "--partial", "--wait", "--json")
    assert answer.status == Exit.REFUSED
    rows = {(row["line"], row["fate"]) for row in answer.json["rows"]}
    assert rows == {(2, "submitted"), (3, "wrong"), (4, "wrong"), (5, "wrong"), (6, "wrong")}
    assert answer.json["rows"][0]["job"]["state"] == "SUCCEEDED"


def test_lists_can_be_narrowed(sim: Sim) -> None:
    """`jobs` takes state, batch, array and limit; as a table or as JSON with the same jobs."""
    failed = sim("jobs", "--state", "failed", "--json").json
    assert {one["state"] for one in failed} == {"FAILED"}
    assert len(sim("jobs", "--limit", "2", "--json").json) == 2
    assert sim("jobs", "--array", "other").complains("there is no array 'other' (arrays: sim)")
    table = sim("jobs", "--state", "FAILED").output.splitlines()
    assert table[0].split() == ["JOB", "STATE", "WHAT", "ARRAY", "PROGRESS"]
    assert [line.split()[0] for line in table[1:]] == [one["job"] for one in failed]


def test_watch_of_jobs_that_are_over_says_how_they_ended(sim: Sim) -> None:
    """`watch` of a failed job ends with the status that its end means, of a whole batch likewise."""
    (failed, *_) = sim("jobs", "--state", "FAILED", "--json").json
    assert sim("watch", failed["job"]).status == Exit.REFUSED
    assert sim("watch", "--batch", "nosuch").complains("there are no jobs of a batch 'nosuch'")
    assert sim("job", "01ARZ3NDEKTSV4RRFFQ69G5FAV").complains("there is no job 01ARZ3NDEKTSV4RRFFQ69G5FAV")


def test_doctor_finds_all_well(stack: Home) -> None:
    """On a running stack every check is ok, but for the warning that a password stands on command lines."""
    answer = stack("doctor", "--json")
    assert answer.status == Exit.WELL
    verdicts = {one["check"]: one["verdict"] for one in answer.json}
    assert verdicts == {
        "python": "ok",
        "settings": "ok",
        "sim naviseccli": "ok",
        "sim login": "warning",
        "sim password file": "ok",
        "sim numbers": "ok",
        "state server": "ok",
        "workers": "ok",
        "heartbeat": "ok",
        "sim answers": "ok",
    }


def test_doctor_says_what_is_wrong(stack: Home) -> None:
    """Each thing that is not right is a line with what to do, and the status is 1."""
    password = stack.folder / "arrays" / "sim.password"
    password.chmod(0o644)
    config = stack.folder / "config.yaml"
    kept = config.read_text()
    config.write_text(kept.replace("/bin/naviseccli", "/bin/nothing").replace("20000-29999", "20000-20009"))
    try:
        answer = stack("doctor", "--json", "--offline")
    finally:
        password.chmod(0o600)
        config.write_text(kept)
    found = {one["check"]: (one["verdict"], one["text"]) for one in answer.json}
    assert answer.status == Exit.FAILED
    assert found["sim password file"][0] == "wrong"
    assert "chmod 600" in found["sim password file"][1]
    assert "install Navisphere Secure CLI" in found["sim naviseccli"][1]
    assert found["sim numbers"] == (
        "warning",
        "20000-20009 are only 10 LUN numbers: each volume and each copy under way needs one",
    )


def test_a_held_array_begins_nothing_until_it_is_resumed(sim: Sim) -> None:
    """Maintenance: jobs are accepted and wait, the listing says who holds the array, and they run when it is over."""
    assert sim("pause", "--array", "sim").output.startswith("sim held: by ")
    job = sim("submit", "create-snapshot", "name=held", "volume=base", "--json").json["job"]
    assert sim("job", job, "--json").json["state"] == "QUEUED"
    assert "sim is held by" in sim("job", job).output
    (shown,) = sim("arrays", "--json").json
    assert (shown["array"], shown["standing"], shown["ready"], shown["under_way"]) == ("sim", "held", 1, 0)
    assert "nothing is begun" in sim("arrays").output
    assert sim("resume", "--array", "sim").output == "sim at work: nobody holds it any more\n"
    assert sim("watch", job).status == Exit.WELL
    assert [one["standing"] for one in sim("arrays", "--json").json] == ["at work"]
    assert sim("resume", "--array", "sim").complains("array sim is not held by anybody")
    assert sim("pause", "--array", "other").complains("there is no array 'other'")
    assert sim("pause").complains("give either a job's ID, or --array NAME")
