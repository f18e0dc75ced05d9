"""Runs one child process that must not outlive its worker, its time limit, or the turn it was started for.

What a dead worker leaves behind may still change the array, so a child is bound four times over: it is not started
past its last moment, it dies with the thread that started it, its own alarm ends it even while its worker is stopped,
and the worker ends it, with its whole process group, at the limit. A wrapper script that is put in the program's place
must `exec` it: only the fourth bond holds what a script starts beside itself.

The binding is done in the forked child before the program is loaded (`preexec_fn`): a few system calls, no lock and no
import, so it is safe in a process with threads too.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import IO, Final

_PR_SET_PDEATHSIG: Final = 1
_GRACE: Final = 1.0
"""Seconds between TERM and KILL."""
_GLANCE: Final = 0.0005
"""Seconds between two looks whether a child has ended: the first time, and doubled up to the longest."""
_LONGEST_GLANCE: Final = 0.02
_CHUNK: Final = 1 << 16
_STDOUT_BOUND: Final = 64 << 20
"""Bytes. The largest VNX has 2,100 pool LUNs of about 4 kB of listing each, so a longer answer is not a listing."""
_STDERR_BOUND: Final = 1 << 14


class Ending(StrEnum):
    """How a run ended."""

    ANSWERED = "answered"
    """The program ended by itself; its status is known."""
    KILLED = "killed"
    """It was ended by a signal: at its limit, or by somebody else."""
    LOST = "lost"
    """It ended, but how is not known: this process ignores SIGCHLD, or somebody else in it collects children."""
    TOO_LATE = "too-late"
    """It was not started: its last moment had passed."""
    NO_PROGRAM = "no-program"
    """It was not started: there is no such program, or it cannot be executed."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one child process."""

    ending: Ending
    seconds: float
    status: int | None = None
    text: str = ""
    """What it wrote on stdout: UTF-8 with replacement characters, line ends as LF."""
    complaint: str = ""
    """The beginning of what it wrote on stderr, or why it could not be started."""
    cut: bool = False
    """It wrote more than was kept; `text` is not the whole answer."""


def run(argv: Sequence[str], *, until: float, least: float = 0.0) -> Run:
    """Run a program until it ends, and at the latest until the moment `until` (time.monotonic()).

    It is not started if less than `least` seconds are left; that is checked last thing before the program is loaded.
    The child has no stdin and a session of its own. Whatever is raised here meanwhile, as by a signal handler, ends it
    too. Raises nothing of its own. Costs the fork of the worker: 7 to 10 ms of CPU in a worker of 70 MB (measured).
    """
    began = time.monotonic()
    with _signals_held() as release:
        try:
            child = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                preexec_fn=partial(_bind, os.getpid(), until, least),  # noqa: PLW1509 -- see the module's docstring
            )
        except subprocess.SubprocessError:
            return Run(Ending.TOO_LATE, time.monotonic() - began)
        except OSError as error:
            complaint = f"{argv[0]}: {error.strerror or error}"
            return Run(Ending.NO_PROGRAM, time.monotonic() - began, complaint=complaint)
        return _attend(child, release, began, until)


@contextmanager
def _signals_held() -> Iterator[Callable[[], object]]:
    """Hold this thread's signals back, until the end or until what is yielded is called.

    A handler that raises while Popen is at work would leave a child that nobody knows.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    release = partial(signal.pthread_sigmask, signal.SIG_SETMASK, before)
    try:
        yield release
    finally:
        release()


def _bind(worker: int, until: float, least: float) -> None:
    """In the child, before the program is loaded: bind it to its worker, its limit and its last moment."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    left = until - time.monotonic()
    if left <= 0 or left < least:
        raise _NotStartedError
    signal.setitimer(signal.ITIMER_REAL, left)
    if os.getppid() != worker:
        raise _NotStartedError  # the worker died before prctl took hold


def _attend(child: subprocess.Popen[bytes], release: Callable[[], object], began: float, until: float) -> Run:
    output, complaint = _Sink(_STDOUT_BOUND), _Sink(_STDERR_BOUND)
    ending = Ending.KILLED
    try:
        release()
        if _drain({child.stdout: output, child.stderr: complaint}, until) and _has_ended(child, until):
            ending = Ending.KILLED if child.wait() < 0 else Ending.ANSWERED
    except ChildProcessError:
        ending = Ending.LOST
        child.wait()
    finally:
        if child.returncode is None:
            _kill(child)
        for stream in filter(None, (child.stdout, child.stderr)):
            stream.close()
    status = child.returncode if ending is Ending.ANSWERED else None
    return Run(ending, time.monotonic() - began, status, output.text(), complaint.text(), cut=output.cut)


def _drain(sinks: "dict[IO[bytes] | None, _Sink]", until: float) -> bool:
    """Read both streams to their ends. Returns False if the limit came first."""
    with selectors.DefaultSelector() as selector:
        for stream, sink in sinks.items():
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, sink)
        while selector.get_map():
            left = until - time.monotonic()
            if left <= 0:
                return False
            for key, _ in selector.select(left):
                if chunk := os.read(key.fd, _CHUNK):
                    key.data.take(chunk)
                else:
                    selector.unregister(key.fileobj)
    return True


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child's process group: TERM, and KILL after a moment for whatever of it is left.

    The child is reaped last, so that its group's number cannot have passed to somebody else in between.
    """
    with suppress(ProcessLookupError, ChildProcessError):  # both mean that somebody else has reaped it
        os.killpg(child.pid, signal.SIGTERM)
        _has_ended(child, time.monotonic() + _GRACE)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):  # it is stuck in the kernel: Popen reaps it later
        child.wait(_GRACE)


def _has_ended(child: subprocess.Popen[bytes], until: float) -> bool:
    """Wait for a child's end without reaping it. Returns False if the limit came first.

    Popen's own waiting reads a status that it cannot get as 0, which would be success: hence this one. Raises
    ChildProcessError if the child has been reaped by somebody else.
    """
    pause = _GLANCE
    while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() >= until:
            return False
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_GLANCE)
    return True


class _NotStartedError(Exception):
    """Raised in the child: the program is not loaded."""


class _Sink:
    """Takes bytes without end, and keeps the first of them."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._kept = bytearray()
        self.cut = False

    def take(self, chunk: bytes) -> None:
        room = self._bound - len(self._kept)
        self._kept += chunk[:room]
        self.cut = self.cut or len(chunk) > room

    def text(self) -> str:
        return self._kept.decode(errors="replace").replace("\r\n", "\n")


_LIBC: Final = ctypes.CDLL(None)
"""Found before any fork: the child must not load libraries."""
