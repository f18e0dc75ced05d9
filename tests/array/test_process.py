"""A child process does not outlive its worker, its limit or its turn, and its silence is told from its answer."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

import pytest

from tests.array.sites import eventually, is_alive
from vnx_jobs.adapters.array import process
from vnx_jobs.adapters.array.process import Ending, run

WORKER = """
import sys, time
from vnx_jobs.adapters.array.process import run
run(["/bin/sh", "-c", 'echo $$ > "$1"; exec sleep 600', "sh", sys.argv[1]], until=time.monotonic() + float(sys.argv[2]))
"""


def script(text: str, *, seconds: float = 10, least: float = 0) -> process.Run:
    """Run a shell script as the child."""
    return run(["/bin/sh", "-c", text], until=time.monotonic() + seconds, least=least)


def noted_pid(path: Path) -> int:
    """Wait for the process id that a child writes into a file."""
    eventually(lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())


@pytest.fixture
def pid_file(tmp_path: Path) -> Path:
    """Name a file in which a child notes its process id."""
    return tmp_path / "pid"


@pytest.fixture
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Collect worker processes, and end them after the test."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for worker in started:
        worker.kill()
        worker.wait()


def start_worker(pid_file: Path, seconds: float) -> subprocess.Popen[bytes]:
    """Start a worker process that runs one child which would sleep for ten minutes."""
    return subprocess.Popen([sys.executable, "-c", WORKER, str(pid_file), str(seconds)])


def test_an_answer_is_its_text_and_status() -> None:
    """A child that ends by itself is ANSWERED, with its exit status and what it wrote on both streams."""
    answer = script("echo out; echo err >&2; exit 33")
    assert (answer.ending, answer.status) == (Ending.ANSWERED, 33)
    assert (answer.text, answer.complaint) == ("out\n", "err\n")


def test_line_ends_and_bytes_become_plain_text() -> None:
    """CRLF becomes LF, and bytes that are not UTF-8 become replacement characters."""
    assert script(r"printf 'a\r\nb\377\n'").text == "a\nb\ufffd\n"


def test_a_child_reads_nothing() -> None:
    """A program that asks back gets the end of its input at once instead of waiting for ever."""
    assert script("read word || echo nobody").text == "nobody\n"


def test_words_are_not_seen_by_a_shell() -> None:
    """Arguments reach the program as they are, whatever a shell would make of them."""
    answer = run(["/bin/echo", "$HOME; echo *", "a  b"], until=time.monotonic() + 10)
    assert answer.text == "$HOME; echo * a  b\n"


def test_a_hung_child_is_killed_at_its_limit(pid_file: Path) -> None:
    """A child that does not end is KILLED at its limit, without a status, and is gone."""
    answer = script(f"echo $$ > {pid_file}; echo half an answer; exec sleep 600", seconds=0.3)
    assert (answer.ending, answer.status) == (Ending.KILLED, None)
    assert 0.25 < answer.seconds < 5
    assert not is_alive(noted_pid(pid_file))


def test_a_child_that_ignores_every_asking_is_killed_with_its_group(pid_file: Path) -> None:
    """TERM and the alarm may be ignored and helpers started: at the limit all of it is gone."""
    stubborn = f"trap '' TERM ALRM; (trap '' TERM; echo $BASHPID > {pid_file}; exec sleep 600) & wait; wait; sleep 600"
    answer = run(["/bin/bash", "-c", stubborn], until=time.monotonic() + 0.5)
    assert answer.ending is Ending.KILLED
    helper = noted_pid(pid_file)
    eventually(lambda: not is_alive(helper))


def test_a_child_does_not_outlive_its_killed_worker(pid_file: Path, workers: list[subprocess.Popen[bytes]]) -> None:
    """After kill -9 of the worker its child is gone, long before the child's limit."""
    workers.append(start_worker(pid_file, 600))
    child = noted_pid(pid_file)
    assert is_alive(child)
    workers[0].kill()
    workers[0].wait()
    eventually(lambda: not is_alive(child))


def test_a_child_of_a_stopped_worker_dies_at_its_limit(pid_file: Path, workers: list[subprocess.Popen[bytes]]) -> None:
    """While the worker is stopped and can end nothing, its child ends itself at the limit."""
    workers.append(start_worker(pid_file, 1.5))
    child = noted_pid(pid_file)
    workers[0].send_signal(signal.SIGSTOP)
    assert is_alive(child)
    eventually(lambda: not is_alive(child))
    workers[0].send_signal(signal.SIGCONT)


def test_a_child_is_not_started_when_its_time_is_over(pid_file: Path) -> None:
    """Past the last moment, or with less time left than it needs, the program is never loaded."""
    touch = f"echo $$ > {pid_file}"
    assert script(touch, seconds=-1).ending is Ending.TOO_LATE
    assert script(touch, seconds=10, least=11).ending is Ending.TOO_LATE
    assert not pid_file.exists()


@pytest.mark.parametrize("kind", ["missing", "not executable", "not a program"])
def test_a_program_that_cannot_be_run_is_told_from_one_that_says_nothing(kind: str, tmp_path: Path) -> None:
    """A missing, non-executable or broken program is NO_PROGRAM and named, instead of an empty answer."""
    program = tmp_path / "naviseccli"
    if kind != "missing":
        program.write_bytes(b"\x7fnot a program")
        program.chmod(0o644 if kind == "not executable" else 0o755)
    answer = run([str(program)], until=time.monotonic() + 10)
    assert (answer.ending, answer.status) == (Ending.NO_PROGRAM, None)
    assert str(program) in answer.complaint


def test_a_huge_stderr_does_not_block_the_child() -> None:
    """A child that writes megabytes on stderr before it answers is drained and answers; only a beginning is kept."""
    answer = script("head -c 5000000 /dev/zero | tr '\\0' e >&2; echo done")
    assert (answer.ending, answer.text) == (Ending.ANSWERED, "done\n")
    assert 0 < len(answer.complaint) < 100_000


def test_an_endless_answer_is_cut_and_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What exceeds the bound is drained and not kept, and the answer says that it is not whole."""
    monkeypatch.setattr(process, "_STDOUT_BOUND", 1000)
    answer = script("head -c 100000 /dev/zero | tr '\\0' x")
    assert (answer.ending, answer.status, answer.cut) == (Ending.ANSWERED, 0, True)
    assert answer.text == "x" * 1000


def test_a_child_killed_by_others_gave_no_answer() -> None:
    """A child that somebody else kills is KILLED, not an answer with an odd status."""
    assert script("echo begun; kill -9 $$").ending is Ending.KILLED


def test_an_interrupted_worker_ends_its_child(pid_file: Path) -> None:
    """When a signal handler raises while a child runs, the exception passes and the child is gone."""

    class Interrupted(BaseException):
        """What the handler raises."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        # More than a pipe holds: whoever has written it knows that the reader reads, and has left Popen behind.
        fill = "head -c 200000 /dev/zero"
        with pytest.raises(Interrupted):
            script(f"echo $$ > {pid_file}; {fill}; kill -USR1 {os.getpid()}; exec sleep 600", seconds=60)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert not is_alive(noted_pid(pid_file))


def test_a_worker_that_ignores_the_alarm_still_has_mortal_children() -> None:
    """The child's own alarm works although its worker blocks or ignores that signal."""
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    try:
        shown = script("grep -E '^Sig(Blk|Ign)' /proc/self/status")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
        signal.signal(signal.SIGALRM, before)
    masks = [int(line.split()[1], 16) for line in shown.text.splitlines()]
    assert len(masks) == 2
    assert not any(mask >> (signal.SIGALRM - 1) & 1 for mask in masks)


def test_a_status_that_cannot_be_had_is_not_success() -> None:
    """In a process that ignores SIGCHLD a failed child is LOST, where subprocess would say that it ended with 0."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        answer = script("exit 5")
        hung = script("exec sleep 600", seconds=0.2)
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert (answer.ending, answer.status) == (Ending.LOST, None)
    assert hung.status is None


def test_a_child_that_talks_without_end_is_killed_at_its_limit() -> None:
    """A child that ignores its alarm and never stops writing is KILLED at its limit all the same."""
    answer = run(["/bin/bash", "-c", "trap '' ALRM; yes"], until=time.monotonic() + 0.3)
    assert answer.ending is Ending.KILLED
    assert answer.seconds < 5


def test_threads_run_children_side_by_side() -> None:
    """Children of several threads of one process run at the same time, and each answers its own thread."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: script(f"sleep 0.2; echo {number}"), range(16)))
    assert [answer.text for answer in answers] == [f"{number}\n" for number in range(16)]


def test_nothing_is_left_open() -> None:
    """Runs of every kind leave no file descriptor behind."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        script("echo one")
        script("exec sleep 600", seconds=0.05)
        script("echo never", seconds=-1)
        run(["/nowhere/naviseccli"], until=time.monotonic() + 1)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
