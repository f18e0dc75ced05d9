"""Shell completion: a real bash is offered words, fields and what the records know."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from tests.cli.terminal import BIN, run_here
from tests.installation import Installation
from vnx_jobs.cli.completion import VARIABLE
from vnx_jobs.cli.program import program
from vnx_jobs.model.specs import OPERATIONS, SEVERAL

BASH = """
source <("$PROGRAM" completion bash)
complete -p vnx-jobs
offered() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _vnx_jobs_completion vnx-jobs 2>/dev/null
    echo "${COMPREPLY[*]}"
}
offered vnx-jobs vol
offered vnx-jobs submit snap-
offered vnx-jobs submit snap-copy source=gold ''
"""


def test_a_real_bash_completes_words(tmp_path: Path) -> None:
    """Sourced, it offers commands, operations, and the fields that are not given yet."""
    environment = {**os.environ, "PROGRAM": str(BIN / "vnx-jobs"), "VNX_JOBS_HOME": str(tmp_path)}
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-u", "-c", BASH],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment,
    )
    assert (done.returncode, done.stderr) == (0, "")
    registered, *offered = done.stdout.splitlines()
    assert registered == "complete -o nosort -F _vnx_jobs_completion vnx-jobs"
    assert offered == ["volumes volume", "snap-copy", "array= name= snapshot= on_limit="]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_is_printed_asks_the_program(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed for each shell is about vnx-jobs, and asks it in that shell's way."""
    answer = run_here(["completion", shell], capsys)
    assert answer.status == 0
    assert f"{VARIABLE}={shell}_complete" in answer.output
    assert "vnx-jobs" in answer.output


def offered(*words: str) -> list[str]:
    """Return what is offered for the last word."""
    return [
        str(one.value)
        for one in ShellComplete(program, {}, "vnx-jobs", VARIABLE).get_completions(list(words[:-1]), words[-1])
    ]


def test_operations_are_offered_wherever_one_is_named() -> None:
    """`submit`, `explain` and `schedules add` offer every operation."""
    every = [*OPERATIONS, *SEVERAL]
    assert offered("submit", "") == offered("explain", "") == offered("schedules", "add", "nightly", "") == every
    assert offered("submit", "delete-v") == ["delete-volume"]


def test_fields_are_offered_until_they_are_given() -> None:
    """After an operation its fields are offered, each once, and of an operation that nobody knows none."""
    assert offered("submit", "extend-volume", "") == ["array=", "name=", "size_gb="]
    assert offered("submit", "extend-volume", "name=gold", "") == ["array=", "size_gb="]
    assert offered("submit", "explode", "") == []


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """Make an installation with two volumes, and let the program mean it."""
    made = Installation(valkey_url, prefix, tmp_path)
    made.make("gold")
    made.make("iron")
    write_settings(tmp_path, valkey_url, made.settings.prefix, monkeypatch)
    yield made
    made.close()


def write_settings(folder: Path, url: str, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the settings of an installation with one array, and let the program read them."""
    array = f"{{spa: 192.0.2.1, user: admin, password_file: {folder / 'password'}, numbers: 500-899}}"
    lines = f"installation: t\nprefix: '{prefix}'\nredis_url: {url}\narrays: {{box: {array}}}\n"
    (folder / "config.yaml").write_text(lines)
    monkeypatch.setenv("VNX_JOBS_CONFIG", str(folder / "config.yaml"))


def test_what_the_records_know_is_offered(site: Installation) -> None:
    """Jobs, arrays and volumes are offered where one is to be named."""
    jobs = {site.submit("create-snapshot", volume="gold", name=f"s{number}").job for number in range(3)}
    assert jobs <= set(offered("job", "")) == set(offered("cancel", ""))
    (one,) = offered("watch", min(jobs)[:-1] + min(jobs)[-1])
    assert one == min(jobs)
    assert offered("jobs", "--array", "") == offered("volumes", "") == ["box"]
    assert offered("volume", "show", "box", "") == ["gold", "iron"]
    assert offered("volume", "show", "box", "i") == ["iron"]


def test_without_records_nothing_is_offered_and_nothing_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A state server that takes connections and never answers keeps nobody waiting; nor does one that is not there."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        for url in (f"redis://127.0.0.1:{mute.getsockname()[1]}/0", "redis://127.0.0.1:1/0"):
            write_settings(tmp_path, url, "t:", monkeypatch)
            assert offered("job", "") == []
    assert capsys.readouterr().err == ""
