"""Carries misfortunes out: on the processes of the stack, on the array, and on the broker's messages."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from vnx_jobs.adapters.celery.bell import QUEUE
from vnx_jobs.adapters.redis.inspection import drop_messages
from vnx_jobs.model.errors import Refused, StateServerError
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import LIVE
from vnx_jobs.ports import Ring
from vnx_jobs.stack.processes import bearing, signal_one
from vnx_jobs.stack.simulated import simulator

from .copying import Process, copying, send
from .drawing import SOURCES
from .schedule import Kind, Misfortune
from .stage import ARRAY, Stage

_HEARTBEAT: Final = "workers.heartbeat"
_CELERY: Final = "celery"
_SERVER: Final = "state-server"
_STOPPING: Final = {Kind.STOP_CHILD, Kind.STOP_WORKER, Kind.STOP_HEARTBEAT, Kind.STOP_SERVER, Kind.STOP_BACKUP_WORKER}
_BY: Final = "torture"
_OUTAGE: Final = 60.0
"""Seconds for which a state server may be away that is being restarted."""


@dataclass(slots=True)
class Inflictor:
    """Does what the schedule says, and ends what does not end by itself."""

    stage: Stage
    done: Counter[str] = field(default_factory=Counter)
    """How often each kind met something."""
    missed: int = 0
    """Misfortunes that found nothing to befall, or no state server."""
    _lasting: list[tuple[threading.Timer, Callable[[], object]]] = field(default_factory=list)
    _made: list[tuple[str, ...]] = field(default_factory=list)
    """Commands that would delete what the other administrator has made."""
    _number: int = 500

    def inflict(self, one: Misfortune) -> bool:
        """Carry out one misfortune; say whether it met anything."""
        try:
            met = self._met(one)
        except (Refused, StateServerError):
            met = False
        self.missed += not met
        self.done[one.kind.value] += met
        return met

    def copies(self) -> list[list[Process]]:
        """Return the processes of each copy that is under way."""
        _, worker = self.stage.backup_worker()
        return [] if worker is None else copying(worker)

    def stop(self) -> None:
        """End all misfortune."""
        for timer, end in self._lasting:
            timer.cancel()
            timer.join()
            end()
        self._lasting.clear()
        simulator("fault", str(self.stage.box), "--clear")

    def _met(self, one: Misfortune) -> bool:  # noqa: C901, PLR0911 -- an arm for each kind
        match one.kind:
            case Kind.KILL_CHILD | Kind.STOP_CHILD | Kind.KILL_HEARTBEAT | Kind.STOP_HEARTBEAT:
                return self._one_process(one)
            case Kind.KILL_WORKER | Kind.STOP_WORKER:
                return self._worker(one)
            case Kind.KILL_SERVER | Kind.STOP_SERVER:
                mark, pid = self.stage.child(_SERVER)
                return pid is not None and self._signal(one, mark, [pid])
            case Kind.HOLD:
                return self._hold(one)
            case Kind.FAULT:
                return self._fault(one)
            case Kind.OF_A_COPY:
                return self._of_a_copy(one)
            case Kind.FOREIGN_SNAPSHOT | Kind.FOREIGN_LUN:
                return self._foreign(one)
            case Kind.FOREIGN_END:
                return bool(self._made) and self.stage.admin(*self._made.pop(one.pick % len(self._made)))
            case Kind.RING:
                return self._ring(one)
            case Kind.DROP:
                return drop_messages(self.stage.house.server, QUEUE) > 0
            case Kind.KILL_COPIERS | Kind.STOP_COPIERS:
                return self._copiers(one)
            case Kind.KILL_BACKUP_WORKER | Kind.STOP_BACKUP_WORKER:
                mark, pid = self.stage.backup_worker()
                stops = one.kind is Kind.STOP_BACKUP_WORKER
                return pid is not None and self._signal(one, mark, bearing(mark) if stops else [pid])

    def _signal(self, one: Misfortune, mark: str, pids: list[int]) -> bool:
        stops = one.kind in _STOPPING
        met = [pid for pid in pids if signal_one(pid, mark, signal.SIGSTOP if stops else signal.SIGKILL)]
        if stops and met:
            self._last(one.seconds, lambda: [signal_one(pid, mark, signal.SIGCONT) for pid in met])
        return bool(met)

    def _copiers(self, one: Misfortune) -> bool:
        """Kill or stop the processes of one copy that is under way."""
        groups = self.copies()
        if not groups:
            return False
        stops = one.kind is Kind.STOP_COPIERS
        group = groups[one.pick % len(groups)]
        met = [process for process in group if send(process, signal.SIGSTOP if stops else signal.SIGKILL)]
        if stops and met:
            self._last(one.seconds, lambda: _let_go_on(met))
        return bool(met)

    def _last(self, seconds: float, end: Callable[[], object]) -> None:
        """End something in time, whatever this thread is at then: it may be waiting for the very process it stopped."""
        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        self._lasting.append((timer, end))

    def _one_process(self, one: Misfortune) -> bool:
        beating = one.kind in {Kind.KILL_HEARTBEAT, Kind.STOP_HEARTBEAT}
        found = [
            (mark, pid)
            for mark, worker in self.stage.workers()
            for pid in sorted(bearing(mark))
            if _parent(pid) == worker and (_HEARTBEAT if beating else _CELERY) in (said := _said(pid))
            if beating or _HEARTBEAT not in said
        ]
        if not found:
            return False
        mark, pid = found[one.pick % len(found)]
        return self._signal(one, mark, [pid])

    def _worker(self, one: Misfortune) -> bool:
        workers = self.stage.workers()
        if not workers:
            return False
        mark, pid = workers[one.pick % len(workers)]
        return self._signal(one, mark, bearing(mark) if one.kind is Kind.STOP_WORKER else [pid])

    def _hold(self, one: Misfortune) -> bool:
        """Let nothing be begun on the array for a while, as a person does for maintenance."""
        self.stage.house.store.hold(ARRAY, _BY)
        self._last(one.seconds, self._unhold)
        return True

    def _unhold(self) -> None:
        """End the hold, as soon as there is a state server to tell it to. Raises StateServerError after a minute."""
        limit = time.monotonic() + _OUTAGE
        while True:
            try:
                self.stage.house.bell.ring(self.stage.house.store.unhold(ARRAY, _BY) or ())
            except StateServerError:
                if time.monotonic() > limit:
                    raise
                time.sleep(0.5)
            else:
                return

    def _fault(self, one: Misfortune) -> bool:
        how = ("--for", f"{one.seconds:.1f}") if one.seconds else ("--times", "1", "--skip", str(one.skip))
        match = ("--match", one.match) if one.match else ()
        simulator("fault", str(self.stage.box), one.fault, *match, *how)
        self.done[f"{one.kind.value} {one.fault.partition(':')[0]}"] += 1
        return True

    def _of_a_copy(self, one: Misfortune) -> bool:
        """Let the session, or the target, of a full clone that is under way be in a bad way for a while."""
        clones = [job for job in self._live() if job.operation.startswith("clone") and "target" in job.numbers]
        if not clones:
            return False
        numbers = clones[one.pick % len(clones)].numbers
        number = numbers["target"] if one.fault.startswith("lun-") else numbers["volume"]
        box = str(self.stage.box)
        simulator("fault", box, f"{one.fault}:{number}")
        self._last(one.seconds, lambda: simulator("fault", box, "--clear", f"{one.fault}:{number}"))
        self.done[f"{one.kind.value} {one.fault}"] += 1
        return True

    def _foreign(self, one: Misfortune) -> bool:
        self._number += 1
        number, name = str(self._number), f"theirs-{self._number}"
        if one.kind is Kind.FOREIGN_LUN:
            self._made.append(("lun", "-destroy", "-l", number, "-o"))
            size = ("-type", "Thin", "-capacity", "1", "-sq", "gb", "-poolName", "pool_2")
            return self.stage.admin("lun", "-create", *size, "-l", number, "-name", name)
        self._made.append(("snap", "-destroy", "-id", name, "-o"))
        luns = {lun["name"]: str(lun["number"]) for lun in self.stage.shown()["luns"]}
        return self.stage.admin("snap", "-create", "-res", luns[SOURCES[one.pick % len(SOURCES)]], "-name", name)

    def _ring(self, one: Misfortune) -> bool:
        """Ring a job that lives, where it is or, every other time, where it was."""
        jobs = self._live()
        if not jobs:
            return False
        job = jobs[one.pick % len(jobs)]
        cursor = max(0, job.cursor - one.pick % 2)
        self.stage.house.bell.ring([Ring(job.id, cursor, 0 if job.back else len(job.steps) - 1)])
        return True

    def _live(self) -> list[Record]:
        return sorted(self.stage.house.store.find(states=LIVE), key=lambda job: job.id)


def _let_go_on(processes: list[Process]) -> None:
    for process in processes:
        send(process, signal.SIGCONT)


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _said(pid: int) -> str:
    """Return the words that a process was started with."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
