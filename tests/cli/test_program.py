"""The program without a stack: help, explanations, and one line for each mistake."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from pydantic import SecretStr

from tests.cli.terminal import BIN, Answer
from vnx_jobs.cli import checks, doctor, program
from vnx_jobs.cli.exits import MEANINGS, Exit
from vnx_jobs.cli.explain import SAME, VARIANTS
from vnx_jobs.hooks.signing import Secret
from vnx_jobs.model.errors import Refused
from vnx_jobs.model.specs import OPERATIONS as ASKED
from vnx_jobs.operations import OPERATIONS
from vnx_jobs.settings import ArraySettings, Settings

Here = Callable[..., Answer]


def test_help_names_every_command_and_exit_status(here: Here) -> None:
    """`--help` lists the commands that there are, and what each exit status means."""
    answer = here("--help")
    assert answer.status == Exit.WELL
    for name, (_, says) in program._COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(says[:40])}", answer.output, re.MULTILINE)
    for status, meaning in MEANINGS.items():
        assert re.search(rf"^  {int(status)} +{re.escape(meaning[:40])}", answer.output, re.MULTILINE)


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    """The sentence in the list of commands is the first of the command's own help."""
    context = click.Context(program.program)
    for name, (_, says) in program._COMMANDS.items():
        command = program.program.get_command(context, name)
        assert command is not None
        assert (command.help or "").splitlines()[0] == says


@pytest.mark.parametrize("words", [["--help"], ["explain", "clone"]])
def test_reading_commands_load_neither_storops_nor_celery(words: list[str]) -> None:
    """What only reads starts fast: it does not import storops, celery or kombu."""
    code = (
        "import sys\n"
        "from vnx_jobs.cli.program import run\n"
        f"run({words!r})\n"
        "print(sorted({'storops', 'celery', 'kombu'} & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["explode"], "no such command 'explode' (see `vnx-jobs --help`)"),
        (["submit"], "missing argument 'OPERATION' (see `vnx-jobs submit --help`)"),
        (["submit", "explode", "array=a"], "unknown operation 'explode'; there are "),
        (["submit", "delete-volume", "name"], "'name' is not of the form NAME=VALUE"),
        (["submit", "delete-volume", "name=a", "name=b"], "name is given twice"),
        (["submit", "delete-volume", "operation=clone"], "operation is given twice"),
        (["submit", "delete-volume", "name=a"], "no array is configured"),
        (["submit", "delete-volume", "name=a", "array=b", "--array", "c"], "name two arrays"),
        (["submit", "delete-volume", "array=a", "name=-x"], "name begins with a dash"),
        (["submit", "delete-volume", "array=a", "name=x\ny"], "no control characters"),
        (["submit", "create-volume", "array=a", "name=x", "pool=p", "size_gb=0"], "size_gb must be greater than"),
        (["submit", "create-volume", "array=a", "name=x", "pool=p", "size_gb=-1"], "size_gb must be greater than"),
        (["submit", "create-volume", "array=a", "name=x", "pool=p", "size_gb=ten"], "must be a whole number"),
        (["submit", "clone", "array=a", "name=x", "source=y", "snapcopy=yes"], "must be True, true, False or false"),
        (["jobs", "--state", "asleep"], "'asleep' is not one of"),
        (["jobs", "--limit", "9" * 20], "is not in the range 0<=x<=1000000"),
        (["explain", "explode"], "there is no operation 'explode' (there are "),
        (["batch", "nowhere.yaml"], "nowhere.yaml cannot be read: No such file or directory"),
        (["up", "--workers", "0"], "0 is not in the range x>=1"),
        (["up", "--simulated-array", "a/../b"], "array name 'a/../b' must be up to 64 letters, digits and _ . -"),
        (["up", "--simulated-array", ""], "array name '' must be"),
        (["submit", "delete-volume", "name=\udcff"], "'name=\\udcff' is not UTF-8 text"),
        (["job", "\udcff"], "'\\udcff' is not UTF-8 text"),
        (["cancel", "\udcff"], "'\\udcff' is not UTF-8 text"),
        (["jobs", "--batch", "\udcff"], "'\\udcff' is not UTF-8 text"),
        (["batch", "a.yaml", "--report", "nowhere/r.json"], "there is no folder nowhere for the report; nothing was"),
    ],
)
def test_a_users_mistake_is_one_line_and_status_2(here: Here, words: list[str], complaint: str) -> None:
    """Bad input ends with status 2 and one line that says what is wrong; there is never a traceback."""
    answer = here(*words)
    assert answer.status == Exit.REFUSED
    assert answer.complains(complaint)


@pytest.mark.parametrize("words", [["jobs"], ["job", "x"], ["watch"], ["jobs", "--json"]])
def test_without_a_stack_the_status_is_3(here: Here, words: list[str]) -> None:
    """Where no stack runs, commands that need one end with status 3 and say how to start it."""
    answer = here(*words)
    assert answer.status == Exit.NO_STACK
    assert answer.complains("start it with `vnx-jobs up`")


def test_settings_with_mistakes_are_refused_in_one_line(here: Here, tmp_path: Path) -> None:
    """A mistake in config.yaml is named with the file and the field, and nothing else happens."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.yaml").write_text("arrays: {vnx: {spa: 10.0.0.1, numbers: 5-1}}\n")
    answer = here("jobs")
    assert answer.status == Exit.REFUSED
    assert answer.complains("config.yaml: arrays.vnx: numbers must be FIRST-LAST")


def test_an_arrays_name_is_part_of_keys_and_folders(here: Here, tmp_path: Path) -> None:
    """An array whose name holds what divides keys is refused with its name."""
    (tmp_path / "home").mkdir()
    array = "{spa: 192.0.2.1, numbers: 1-2, security_file: /s}"
    (tmp_path / "home" / "config.yaml").write_text(f"arrays: {{'x:y': {array}}}\n")
    answer = here("jobs")
    assert answer.status == Exit.REFUSED
    assert answer.complains("config.yaml: array name 'x:y' must be up to 64 letters")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"- arrays\n", b"5\n"])
def test_settings_that_are_no_mapping_are_refused_in_one_line(here: Here, tmp_path: Path, content: bytes) -> None:
    """A config.yaml that is no text, a list or a number is refused with its name."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.yaml").write_bytes(content)
    answer = here("jobs")
    assert answer.status == Exit.REFUSED
    assert answer.complains("config.yaml cannot be read: ")


def test_a_password_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are no text are no password; nothing of them is shown."""
    file = tmp_path / "password"
    file.write_bytes(b"\xffsecret\n")
    about = ArraySettings(spa="192.0.2.1", user="admin", password_file=file, numbers=(1, 2))
    with pytest.raises(Refused, match="has no readable first line"):
        about.password()


def test_doctor_looks_at_the_secret_of_hooks(tmp_path: Path) -> None:
    """A secret that others may read, that is missing, or not that of a hook, is wrong; without hooks none is needed."""
    secret = Secret(tmp_path / "hooks.secret")
    assert list(checks.hooks_secret(secret, {})) == []
    (missing,) = checks.hooks_secret(secret, {"portal": "x"})
    assert (missing.verdict, "cannot be read" in missing.text) == (checks.Verdict.WRONG, True)
    secret.make()
    assert [one.verdict for one in checks.hooks_secret(secret, {"portal": secret.mark()})] == [checks.Verdict.OK]
    (other,) = checks.hooks_secret(secret, {"portal": secret.mark(), "old": "of another file"})
    assert (other.verdict, "the secret that old was registered with" in other.text) == (checks.Verdict.WRONG, True)
    secret.file.chmod(0o644)
    (open_one,) = checks.hooks_secret(secret, {})
    assert (open_one.verdict, "chmod 600" in open_one.text) == (checks.Verdict.WRONG, True)


def test_doctor_looks_twice_before_it_says_that_a_role_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch that is between two leases for a moment is no finding; a role that nobody takes is one."""
    looks = iter([True, False, True])
    monkeypatch.setattr(doctor, "role_held", lambda _, role: role != "nobody" and next(looks))
    monkeypatch.setattr(doctor, "_PING", 0.2)
    settings = Settings(redis_url=SecretStr("redis://127.0.0.1:1/0"))
    assert doctor._roles_held(settings, ["sweep", "watch:sim"])
    assert not doctor._roles_held(settings, ["nobody"])


def test_down_without_a_stack_is_well(here: Here) -> None:
    """`down` may be called at any time."""
    answer = here("down")
    assert (answer.status, answer.output.startswith("no stack runs in ")) == (Exit.WELL, True)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_explain_says_every_sentence_of_the_table(here: Here, name: str) -> None:
    """`explain` prints what each step says, how it is undone, and where the point of no return is."""
    table = OPERATIONS[name]
    answer = here("explain", name)
    assert answer.status == Exit.WELL
    for step in table.steps:
        assert f"{step.name}: {step.says}\n     undo: {step.undo_says}\n" in answer.output
    assert ("no way back" in answer.output) == (table.no_way_back < len(table.steps))
    document = here("explain", name, "--json").json
    assert [step["name"] for step in document["steps"]] == [step.name for step in table.steps]


def test_every_table_can_be_found_from_what_users_ask_for() -> None:
    """Each operation that users can name, and each closer table of it, is one that `explain` knows."""
    variants = {name for closer in VARIANTS.values() for _, name in closer}
    assert {SAME.get(word, word) for word in ASKED} | variants == set(OPERATIONS)


def test_an_interrupt_is_status_130(tmp_path: Path) -> None:
    """A key pressed to interrupt ends the program with status 130 and one line."""
    code = "import sys; from vnx_jobs.cli import program, explain\ndef stop(*_): raise KeyboardInterrupt\n"
    code += "explain.explanation = stop; sys.exit(program.run(['explain', 'clone']))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path
    )
    assert done.returncode == Exit.INTERRUPTED
    assert done.stderr.split() == ["error:", "interrupted"]


def test_an_interrupt_while_the_program_is_loaded_is_status_130(tmp_path: Path) -> None:
    """Also before its modules are loaded an interrupt is one line, not a traceback."""
    code = "import sys; from vnx_jobs import cli\nclass Key:\n    def find_spec(self, name, *_):\n"
    code += "        if name == 'vnx_jobs.cli.program': raise KeyboardInterrupt\n"
    code += "sys.meta_path.insert(0, Key()); cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (Exit.INTERRUPTED, "error: interrupted\n")


def test_a_closed_output_is_no_traceback() -> None:
    """`vnx-jobs ... >&-` does what it was told, and shows nothing."""
    command = f"{BIN / 'vnx-jobs'} explain clone >&-"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (Exit.WELL, "")


@pytest.mark.parametrize("words", ["explain clone", "explain clone --json", "--help"])
def test_an_output_that_cannot_be_written_is_status_4(words: str) -> None:
    """`vnx-jobs ... > /dev/full` says so in one line, and is told from a request that was refused."""
    command = f"{BIN / 'vnx-jobs'} {words} > /dev/full"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == "error: the output cannot be written: No space left on device\n"
    assert done.returncode == Exit.UNSAID


def test_a_reader_that_leaves_early_is_no_error() -> None:
    """`vnx-jobs ... | head` ends quietly."""
    with subprocess.Popen(
        [BIN / "vnx-jobs", "explain", "clone"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
