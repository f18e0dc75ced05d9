"""The pages of reference are those that the code gives, and the example of every command is run."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.backup_host import HOST
from tests.cli.terminal import Answer, run_here
from tests.docs.pages import commands_of
from tests.engine.by_hand import SimulatedInstallation
from tests.hooks.receiver import Receiver
from tests.installation import Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.cli.pages.commands import every_command, example_of
from vnx_jobs.cli.pages.every import pages
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.orders import Orders
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

ROOT = Path(__file__).parents[2]
EXAMPLES = {words: example_of(command) for words, command in every_command()}
OF_THE_TOUR = {"up", "down", "doctor", "reconcile"}
"""They need a whole stack: the tour runs them, word by word."""
LONG = {"demo", "torture", "serve"}
"""Tests of their own run them for other figures; here their words are read."""
STUCK = ("undo", "abandon")
"""They are about a job that is stuck."""
EARLY = ("backups rebuild", "arrays", "volumes", "sources", "volume show", "explain", "completion")
SUBMITTING = ("submit", "batch", "batches list", "batches show", "batches report", "jobs", "job", "watch")
ORDERING = ("batches pause", "batches resume", "batches undo", "batches cancel", "pause", "resume", "cancel", "retry")
BACKUPS = (
    "backup",
    "backups list",
    "backups show",
    "backups pin",
    "backups unpin",
    "backups retention",
    "backups verify",
)
MORE_BACKUPS = ("drill", "backups volumes", "backups prune", "restore")
SCHEDULES = tuple(f"schedules {word}" for word in ("add", "list", "show", "pause", "resume", "run", "apply", "remove"))
HOOKS = tuple(f"hooks {word}" for word in ("add", "list", "show", "key", "test", "again", "remove"))
OTHERS = ("tokens add", "tokens list", "tokens revoke", "dead list", "dead show", "dead drop", "audit")
SCENARIO = (*EARLY, *SUBMITTING, *ORDERING, *BACKUPS, *MORE_BACKUPS, *SCHEDULES, *HOOKS, *OTHERS)
NEW = "{operation: create-volume, name: %s, size_gb: 1, pool: pool}"
MANIFEST = "batch: web\njobs:\n" + "".join(f"  - {NEW % name}\n" for name in ("web-11", "web-12"))
POLICY = "schedules:\n  weekly:\n    cron: '0 2 * * Sun'\n    jobs: [{operation: reconcile, array: box}]\n"


def test_the_pages_are_those_of_the_code() -> None:
    """Each page of reference is what `python -m vnx_jobs.cli.pages docs` writes."""
    for name, text in pages().items():
        assert (ROOT / "docs" / name).read_text() == text, f"{name}: python -m vnx_jobs.cli.pages docs"


def test_every_example_is_run_somewhere() -> None:
    """Each command has an example of itself, which the tour, a test of its own or one of this file runs."""
    for words, example in EXAMPLES.items():
        assert shlex.split(example)[: len(words.split()) + 1] == ["vnx-jobs", *words.split()]
    assert {*SCENARIO, *STUCK, *OF_THE_TOUR, *LONG} == EXAMPLES.keys()
    tour = commands_of((ROOT / "docs" / "tour.md").read_text()).splitlines()
    assert {EXAMPLES[words] for words in OF_THE_TOUR} <= set(tour)


@pytest.mark.parametrize("words", sorted(LONG))
def test_the_words_of_a_long_example_are_right(words: str) -> None:
    """The example's options are such that the command takes."""
    (command,) = [one for name, one in every_command() if name == words]
    context = command.make_context(words, shlex.split(EXAMPLES[words])[2:])
    assert isinstance(context, click.Context)


class Terminal:
    """Types examples over an installation, and lets its jobs end after each."""

    def __init__(self, site: Installation, capsys: pytest.CaptureFixture[str]) -> None:
        self.site = site
        self.capsys = capsys
        self.stands_for: dict[str, str] = {"vnx-1": "box", "pool_1": "pool"}

    def type(self, words: str) -> Answer:
        """Type the example of a command; it has to end well."""
        line = EXAMPLES[words]
        for name, value in self.stands_for.items():
            line = line.replace(name, value)
        answer = run_here(shlex.split(line)[1:], self.capsys)
        assert answer.status == 0, (line, answer)
        return answer

    def work(self) -> None:
        """Let all jobs end."""
        self.site.run(*(one.id for one in self.site.store.find() if one.state not in ENDED))


@pytest.fixture
def house(valkey_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Write the settings that the program is to have, and open its parts."""
    about = {"spa": "192.0.2.1", "user": "admin", "password_file": str(tmp_path / "password"), "numbers": "500-899"}
    repository = {"tool": "files", "path": str(tmp_path)}
    host = {"arrays": {"box": "vault"}, "simulated": {"box": str(tmp_path)}}
    (tmp_path / "config.yaml").write_text(
        f"installation: t\nprefix: '{prefix}'\nredis_url: {valkey_url}\narrays: {{box: {about}}}\n"
        f"repositories: {{nightly: {repository}}}\nbackup_hosts: {{vault: {host}}}\n"
        "callbacks: {allow_http: true, allow_networks: [127.0.0.0/8]}\n"
    )
    monkeypatch.setenv("VNX_JOBS_HOME", str(tmp_path))
    monkeypatch.setenv("VNX_JOBS_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "web.yaml").write_text(MANIFEST)
    (tmp_path / "schedules.yaml").write_text(POLICY)
    opened = House(load())
    yield opened
    opened.close()


def test_the_examples_work(
    house: House, valkey_url: str, prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run in an order in which they make sense, the examples end well, and what they are about is there in the end."""
    site = Installation(valkey_url, prefix, tmp_path)
    MemoryArray(site.vnx).create_storage_group(HOST)
    site.make("db-01", content="ore")
    site.make("db-02", content="tin")
    terminal = Terminal(site, capsys)
    try:
        with Receiver() as receiver:
            terminal.stands_for["https://portal.example.org/vnx-jobs"] = receiver.url
            terminal.stands_for["$LETTER"] = house.dead_letters.put("no list of arguments", "task-1", '["?"]')
            for words in SCENARIO:
                if words == "cancel":
                    terminal.stands_for["$JOB"] = site.submit("create-volume", name="late", size_gb=1, pool="pool").job
                terminal.type(words)
                if words == "submit":
                    terminal.stands_for["$JOB"] = site.store.find()[0].id
                if words in {"submit", "batch", "cancel", "retry", "schedules run"} or words in {
                    *BACKUPS,
                    *MORE_BACKUPS,
                }:
                    terminal.work()
                if words == "backup":
                    terminal.stands_for["$ARCHIVE"] = site.catalogue.find(None, "db-01")[0].archive
            assert len(receiver.heard) == 1
        shown = site.array_shows()
        assert shown["db-01-back"] == "2 GB full: ore"
        assert {"web-01", "web-11", "web-12", "late"} <= shown.keys()
        assert {one.state for one in site.store.find()} <= {State.SUCCEEDED, State.CANCELLED, State.FAILED}
    finally:
        site.close()


@pytest.mark.parametrize(("words", "becomes"), [("undo", State.CANCELLED), ("abandon", State.ABANDONED)])
def test_the_examples_about_a_stuck_job_work(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, becomes: State
) -> None:
    """A stuck job is undone, once the array refuses nothing more; or is given up."""
    site = SimulatedInstallation(house.url, house.settings.prefix, tmp_path)
    try:
        site.type("lun -create -capacity 2 -sq gb -poolName pool -l 1 -name gold -type Thin")
        site.read_array()
        job = site.submit("clone", name="new", source="gold").job
        site.until(lambda: "session-over" in site.record(job).condition)
        site.runner.refused.add("migrate -cancel")
        Orders(site.store, site.bell, site.submission).give(job, Order.CANCEL, "ann")
        site.run(job)
        assert site.record(job).state is State.STUCK
        site.runner.refused.clear()
        terminal = Terminal(site, capsys)
        terminal.stands_for["$JOB"] = job
        terminal.type(words)
        site.until(lambda: site.record(job).state is becomes)
    finally:
        site.close()
