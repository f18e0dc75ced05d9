"""Only processes that bear the mark are ever signalled."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from vnx_jobs.stack.processes import MARK_VARIABLE, signal_one
from vnx_jobs.torture.copying import copying, send


@pytest.fixture
def marked() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Return a mark and a process that bears it."""
    mark = secrets.token_hex(8)
    words = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
    with subprocess.Popen(words, env={**os.environ, MARK_VARIABLE: f"{mark}:one"}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield mark, process
        process.kill()


def test_a_process_that_bears_another_mark_is_left_alone(marked: tuple[str, subprocess.Popen[bytes]]) -> None:
    """Its id alone is not enough: it may have passed to a stranger."""
    _, process = marked
    assert not signal_one(process.pid, secrets.token_hex(8), signal.SIGKILL)
    assert process.poll() is None


def test_the_one_that_is_meant_is_signalled(marked: tuple[str, subprocess.Popen[bytes]]) -> None:
    """By the mark of the whole stack, or by its own; a process that is gone is no error."""
    mark, process = marked
    assert signal_one(process.pid, mark, signal.SIGCONT)
    assert signal_one(process.pid, f"{mark}:one", signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    assert not signal_one(process.pid, mark, signal.SIGKILL)


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """Return a process that has started another one in a group of its own, as movers do."""
    copy = "import time; print(flush=True); time.sleep(60)"
    started = f"subprocess.Popen([sys.executable, '-c', {copy!r}], start_new_session=True)"
    words = [sys.executable, "-c", f"import subprocess, sys; sys.exit({started}.wait() != -9)"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        for group in copying(process.pid):
            for one in group:
                send(one, signal.SIGKILL)
        process.kill()


def test_the_processes_of_a_copy_are_known_by_whom_they_descend_from(worker: subprocess.Popen[bytes]) -> None:
    """They bear no mark; the copy dies by the signal, its worker does not, and nothing is sent to who is gone."""
    ((copy,),) = copying(worker.pid)
    assert copy.parent == worker.pid
    assert not send(replace(copy, born=copy.born + 1), signal.SIGKILL)
    assert worker.poll() is None
    assert send(copy, signal.SIGKILL)
    assert worker.wait(10) == 0
    assert not send(copy, signal.SIGKILL)
    assert copying(worker.pid) == []
