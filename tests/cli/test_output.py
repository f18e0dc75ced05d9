"""`--output`: one answer as a table, a wide table, JSON, YAML or CSV, by every command that shows something."""

import csv
import io
import os
import pty
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from tests.cli.commands import every_command
from tests.cli.terminal import BIN, Answer, run_here
from tests.installation import Installation
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.cli.output import Column, Form, show_list
from vnx_jobs.cli.screen import Fit
from vnx_jobs.documents.findings import CheckDocument
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.model.authority import Caller, Role
from vnx_jobs.model.errors import Verdict
from vnx_jobs.model.states import State
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

Program = Callable[..., Answer]
LONG = "volume-with-a-name-of-exactly-48-characters-00001"


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Make an installation with a volume, a snap copy of it, a job that is done, and one that waits for a long name."""
    made = Installation(valkey_url, prefix, tmp_path)
    made.make("gold")
    copy = made.submit("snap-copy", name="gold-1", source="gold")
    made.run(copy.job)
    made.submit("create-volume", name=LONG, size_gb=1, pool="pool")
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


def rows(text: str) -> list[dict[str, str]]:
    """Return the lines of a CSV text, by its header."""
    return list(csv.DictReader(io.StringIO(text)))


ADVICE = "the password stands on every command line, where other users of this host can read it: use security_file"
LISTS = ("jobs", "volumes", "sources", "arrays", "backups list", "schedules list", "hooks list", "tokens list", "audit")


@pytest.mark.parametrize("words", LISTS)
def test_a_list_is_the_same_in_every_form(program: Program, words: str) -> None:
    """JSON and YAML hold the same documents, CSV a line each; no line of the table is longer than 80, but by a name."""
    as_json = program(*words.split(), "-o", "json").json
    assert yaml.safe_load(program(*words.split(), "-o", "yaml").output) == as_json
    assert program(*words.split(), "--json").json == as_json
    told = rows(program(*words.split(), "--output", "csv").output)
    assert len(told) == len(as_json)
    table = program(*words.split()).output.splitlines()
    assert max(len(line) for line in table if LONG not in line) <= 80
    wide = program(*words.split(), "-o", "wide").output.splitlines()
    assert len(table) == len(wide) == len(as_json) + 1 or (not as_json and len(table) == 1)


def test_csv_has_flat_columns_and_a_header_although_nothing_is_listed(program: Program) -> None:
    """A document within another has its columns; a list is JSON in its cell; no job: the header alone."""
    (source,) = [one for one in rows(program("sources", "-o", "csv").output) if one["name"] == "gold"]
    assert (source["copies.used"], source["copies.limit"], source["snap_copies"]) == ("1", "255", '["gold-1"]')
    nothing = program("jobs", "--state", "STUCK", "-o", "csv").output.splitlines()
    assert nothing == [",".join(JobDocument.model_fields)]


def test_one_thing_is_the_same_in_every_form(program: Program) -> None:
    """A single thing is one document, and one line of CSV."""
    job = program("jobs", "--state", "SUCCEEDED", "--json").json[0]["job"]
    as_json = program("job", job, "-o", "json").json
    assert yaml.safe_load(program("job", job, "-o", "yaml").output) == as_json
    (line,) = rows(program("job", job, "-o", "csv").output)
    assert (line["job"], line["state"], line["steps"]) == (job, "SUCCEEDED", str(as_json["steps"]))
    assert (
        yaml.safe_load(program("explain", "clone", "-o", "yaml").output) == program("explain", "clone", "--json").json
    )


def test_a_long_text_is_cut_in_the_table_alone(program: Program, site: Installation) -> None:
    """The table cuts why a job failed so that its line fits, and keeps its id whole; the wide table has all of it."""
    asked = site.submit("delete-volume", name="nobody-knows-this-volume")
    site.run(asked.job)
    error = program("job", asked.job, "--json").json["error"]
    (line,) = [one for one in program("jobs").output.splitlines() if one.startswith(asked.job)]
    assert (len(line) <= 80, line.endswith("…"), error in line) == (True, True, False)
    (line,) = [one for one in program("jobs", "-o", "wide").output.splitlines() if one.startswith(asked.job)]
    assert line.endswith(error)


def _no_document(_: str) -> CheckDocument:
    raise AssertionError


def test_advice_goes_on_below(capsys: pytest.CaptureFixture[str]) -> None:
    """A finding of `doctor` that is too long for its line loses no word: it goes on below, under its first word."""
    columns: tuple[Column[str], ...] = (Column("check", lambda _: "settings"), Column("finding", str, fit=Fit.CARRIED))
    show_list(Form.TABLE, [ADVICE], columns, CheckDocument, _no_document, empty="")
    lines = capsys.readouterr().out.splitlines()
    start = lines[0].index("FINDING")
    assert (len(lines), max(map(len, lines)) <= 80) == (3, True)
    assert " ".join(line[start:].strip() for line in lines[1:]) == ADVICE
    assert lines[2][:start].strip() == ""


def test_a_job_names_the_receivers_that_are_called_back(site: Installation) -> None:
    """A job's document has the hooks of its request."""
    (record, *_) = site.store.find()
    assert JobDocument.of(replace(record, hooks=("portal",))).told()["hooks"] == ["portal"]


def test_json_and_another_form_contradict(program: Program) -> None:
    """`--json` is `--output json`: with another form it is refused, and a form that nobody knows too."""
    assert program("jobs", "--json", "-o", "csv").complains("--json and --output csv contradict each other")
    assert program("jobs", "-o", "xml").complains("'xml' is not one of")


def commands() -> dict[str, click.Command]:
    """Return every command with options about its answer, by its words."""
    return {words: one for words, one in every_command().items() if any(p.name == "as_json" for p in one.params)}


def test_every_command_that_can_write_json_knows_every_form() -> None:
    """There is no command that writes JSON and no YAML, or has names of its own for that."""
    found = commands()
    assert len(found) >= 30
    for command in found.values():
        (option,) = [one for one in command.params if "--output" in one.opts]
        choice: Any = option.type
        assert (set(option.opts), list(choice.choices)) == ({"-o", "--output"}, list(map(str, Form)))


SHOWS = re.compile(r"^(?:.* )?(?:list|show)$|s$|^(?:job|audit|doctor|explain|reconcile)$")


def test_every_command_that_shows_something_has_the_option() -> None:
    """All lists, and whatever shows one thing, are there for programs too."""
    shows = {words for words in every_command() if SHOWS.search(words)}
    assert {"jobs", "job", "volumes", "sources", "backups volumes", "dead show", "hooks show"} <= shows
    assert shows <= commands().keys()


def seen(words: list[str], environment: dict[str, str]) -> str:
    """Return what the program writes to a terminal of 100 columns."""
    parent, child = pty.openpty()
    with subprocess.Popen(
        [BIN / "vnx-jobs", *words], stdin=child, stdout=child, stderr=child, env={**environment, "COLUMNS": "100"}
    ) as process:
        os.close(child)
        said = b""
        while True:
            try:
                part = os.read(parent, 4096)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            said += part
        assert process.wait(60) == 0
    os.close(parent)
    return said.decode()


def test_what_others_sent_moves_no_cursor_and_begins_no_line(program: Program) -> None:
    """A name of an array with a line's end in it is one line of the audit trail's table, which says who by message."""
    with closing(House(load())) as house:
        caller = Caller("root@vm@celery", Role.OPERATOR, None, "celery")
        house.authority.wrote(caller, "vnx.submit", array="\x1b[31mbox\n2026 forged", outcome="invalid")
    table = program("audit").output.splitlines()
    assert len(table) == 2
    assert "root@vm@celery" in table[1]
    assert "?[31mbox?2026 forged" in table[1]


@pytest.mark.usefixtures("program")
def test_a_reader_that_goes_is_no_failure() -> None:
    """`vnx-jobs ... | head -1` ends well, whether it wrote before or after its reader went, and says nothing."""
    command = f"{BIN / 'vnx-jobs'} --help | head -1; {BIN / 'vnx-jobs'} jobs -o json | head -1; echo ${{PIPESTATUS[0]}}"
    told = subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True, check=True)
    assert (told.stdout.splitlines()[-1], told.stderr) == ("0", "")


def test_an_empty_key_is_none(program: Program) -> None:
    """A key of a variable that is not set is refused: each repetition would be another job."""
    fields = ("create-volume", "name=new", "size_gb=1", "pool=pool")
    answer = program("submit", *fields, "--key", "")
    assert answer == Answer(2, "", "error: key must be a text of at most 200 printable ASCII characters\n")
    assert program("watch", "01M81T7EGS6CRASFKY2FJ3K6N0", "--batch", "b").status == 2


@pytest.mark.usefixtures("program")
def test_colours_are_for_terminals_that_want_them() -> None:
    """On a terminal the states have colours; with NO_COLOR, or in a pipe, there are none."""
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    coloured = "\x1b[32mSUCCEEDED"
    assert coloured in seen(["jobs"], environment)
    plain = seen(["jobs"], {**environment, "NO_COLOR": "1"})
    assert ("SUCCEEDED" in plain, "\x1b[32m" in plain) == (True, False)
    piped = subprocess.run([BIN / "vnx-jobs", "jobs"], capture_output=True, text=True, check=True, env=environment)
    assert ("SUCCEEDED" in piped.stdout, "\x1b" in piped.stdout) == (True, False)


def test_who_waited_for_a_stuck_job_is_told_what_can_be_done(site: Installation, program: Program) -> None:
    """A clone whose snapshot the array does not let go is past its point of no return: it cannot be undone any more."""
    site.vnx.plan("destroy_snapshot", refused(Verdict.REFUSED, "it is in use"))
    job = site.submit("clone", name="twin", source="gold").job
    assert site.run(job)[0].state is State.STUCK
    answer = program("watch", job)
    assert answer.status == 1
    assert answer.complaint.splitlines()[-1] == (
        f"job {job} is stuck: `vnx-jobs job {job}` says what it left; "
        f"go on with `vnx-jobs resume {job}` or `vnx-jobs abandon {job}`"
    )
