"""Transfers, their twin in memory: what jobs ask of backup hosts, and what copiers answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vnx_jobs.model.states import State
from vnx_jobs.model.transfer import (
    MAX_DEATHS,
    Asked,
    Copier,
    Direction,
    Ending,
    Failed,
    Phase,
    Running,
    Standing,
    Taken,
    Transfer,
)
from vnx_jobs.ports import Ring

from .server import MemoryServer


@dataclass(slots=True)
class Kept:
    """A transfer, and what is known of it."""

    transfer: Transfer
    at: int
    """When it was asked for."""
    deaths: int = 0
    before: Copier | None = None
    token: str = ""
    lease: int = 0
    copier: Copier | None = None
    done: int = 0
    left: int = -1
    stop: bool = False
    ending: Ending | None = None
    over: int = 0
    """When it ended."""
    by: str = ""
    """The token that ended it."""

    @property
    def waits(self) -> bool:
        """Whether it is asked for and nobody is at it."""
        return not self.token and self.ending is None

    @property
    def phase(self) -> Phase:
        """How it stands."""
        if self.ending is not None:
            return self.ending
        return Running(self.lease, self.copier, self.done, self.stop) if self.token else Asked()

    @property
    def size(self) -> int:
        """Bytes that go through; 0 where nothing does."""
        return 0 if self.transfer.direction is Direction.DISCARD else self.transfer.label.size

    def wait_again(self) -> None:
        """Take it from whoever was at it."""
        self.token, self.lease, self.copier, self.done, self.left, self.stop = "", 0, None, 0, -1, False


class MemoryTransfers:
    """Implements Transfers."""

    def __init__(self, server: MemoryServer, ring: Callable[[str, tuple[str, ...]], None] | None = None) -> None:
        """Keep transfers beside the server's jobs; without a `ring`, what was rung waits in `rung`."""
        self.rung: list[tuple[str, tuple[str, ...]]] = []
        self._server = server
        self._ring = ring or (lambda host, ids: self.rung.append((host, ids)))
        self._kept: dict[str, Kept] = {}
        server.ends.append(self._job_over)
        server.sweeps.append(self._bury)

    def ask(self, transfer: Transfer) -> None:
        """Ask a backup host for a transfer, and let its copiers know."""
        with self._server.moment():
            waits = self._server.live(transfer.job) and self._asked(transfer)
        if waits:
            self._ring(transfer.host, (transfer.id,))

    def _asked(self, transfer: Transfer) -> bool:
        """Keep a transfer; say whether it waits for a copier."""
        self._bury()
        known = self._kept.get(transfer.id)
        if known is not None and known.token:
            return False
        if known is not None and known.transfer == transfer and not isinstance(known.ending, Failed):
            return False
        before = None if known is None else known.before
        self._kept.pop(transfer.id, None)
        self._kept[transfer.id] = Kept(transfer, self._server.now(), before=before)
        return True

    def standing(self, job: str, place: int) -> Standing | None:
        """Say how a transfer stands."""
        with self._server.moment():
            self._bury()
            found = self._kept.get(f"{job}/{place}")
            return None if found is None else Standing(found.transfer, found.phase, found.deaths, found.over)

    def stop(self, job: str, place: int) -> bool:
        """Take a transfer back; True once nothing of it is under way."""
        with self._server.moment():
            self._bury()
            return self._stopped(f"{job}/{place}")

    def _stopped(self, transfer: str) -> bool:
        found = self._kept.get(transfer)
        if found is not None and found.token:
            found.stop = True
            return False
        if found is not None and found.waits:
            del self._kept[transfer]
        return True

    def forget(self, job: str) -> None:
        """Forget all transfers of a job that are not running."""
        with self._server.moment():
            self._drop(job)

    def _drop(self, job: str) -> None:
        for one in list(self._of(job)):
            if not one.token:
                del self._kept[one.transfer.id]

    def waiting(self, host: str, limit: int) -> tuple[str, ...]:
        """Return transfers that wait for a copier of a backup host."""
        with self._server.moment():
            self._bury()
            found = sorted(
                (one.at, name) for name, one in self._kept.items() if one.waits and one.transfer.host == host
            )
            return tuple(name for _, name in found[:limit])

    def running(self, host: str | None = None) -> tuple[Standing, ...]:
        """Return what copiers are at."""
        with self._server.moment():
            self._bury()
            found = sorted((one for one in self._at_work() if host in {None, one.transfer.host}), key=_by_lease)
            return tuple(Standing(one.transfer, one.phase, one.deaths) for one in found)

    def take(self, transfer: str, token: str, *, on_host: int, on_array: int, lease: float) -> Taken | None:
        """Take a transfer."""
        with self._server.moment():
            self._bury()
            found = self._kept.get(transfer)
            if found is None or found.token not in {"", token} or found.ending is not None:
                return None
            if not found.token and not self._has_room(found.transfer, on_host, on_array):
                return None
            if not found.token:
                found.token, found.lease = token, self._until(lease)
            return Taken(found.transfer, found.before)

    def _has_room(self, wanted: Transfer, on_host: int, on_array: int) -> bool:
        others = [one.transfer for one in self._at_work()]
        return (
            _repository(wanted) not in {_repository(one) for one in others}
            and sum(one.host == wanted.host for one in others) < on_host
            and sum(one.array == wanted.array for one in others) < on_array
        )

    def identify(self, transfer: str, token: str, copier: Copier) -> bool:
        """Note which process is at it."""
        with self._server.moment():
            found = self._held(transfer, token)
            if found is not None:
                found.copier = copier
            return found is not None

    def beat(self, transfer: str, token: str, done: int, seconds_left: float | None, lease: float) -> bool:
        """Say how far a copier is."""
        with self._server.moment():
            found = self._held(transfer, token)
            if found is None:
                return False
            found.lease, found.done = self._until(lease), done
            found.left = -1 if seconds_left is None else round(seconds_left * 1000)
            self._show(found.transfer.job)
            return not found.stop

    def _show(self, job: str) -> None:
        """Note how far all transfers of a job that is parked are together."""
        mine = list(self._of(job))
        size = sum(one.size for one in mine)
        if not size or job not in self._server.parked:
            return
        done = sum(one.size if one.ending is not None else one.done for one in mine)
        left = max(one.left for one in mine)
        eta = self._server.now() + left if left >= 0 else None
        self._server.change(job, percent=min(100, 100 * done // size), eta=eta)

    def end(self, transfer: str, token: str, ending: Ending) -> tuple[Ring, ...] | None:
        """Say how it ended, and resume the job that waits."""
        with self._server.moment() as rings:
            known = self._kept.get(transfer)
            if known is not None and known.by == token:
                return ()
            found = self._held(transfer, token)
            if found is None:
                return None
            useless = isinstance(ending, Failed) or not self._server.live(found.transfer.job)
            if found.stop and useless:
                del self._kept[transfer]
            else:
                found.wait_again()
                found.ending, found.over, found.by = ending, self._server.now(), token
            self._resume(found.transfer.job)
            return tuple(rings)

    def give_back(self, transfer: str, token: str, *, died: bool = False) -> tuple[Ring, ...]:
        """Let somebody begin a transfer anew."""
        with self._server.moment() as rings:
            found = self._held(transfer, token)
            if found is not None and died:
                self._died(found)
            elif found is not None and found.stop:
                del self._kept[transfer]
                self._resume(found.transfer.job)
            elif found is not None:
                found.wait_again()
            return tuple(rings)

    def _held(self, transfer: str, token: str) -> Kept | None:
        found = self._kept.get(transfer)
        return found if found is not None and found.token == token else None

    def _of(self, job: str) -> Iterator[Kept]:
        return (one for one in self._kept.values() if one.transfer.job == job)

    def _at_work(self) -> Iterator[Kept]:
        return (one for one in self._kept.values() if one.token)

    def _until(self, lease: float) -> int:
        return self._server.now() + round(lease * 1000)

    def _job_over(self, job: str) -> None:
        self._drop(job)
        for one in list(self._of(job)):
            self._stopped(one.transfer.id)

    def _bury(self) -> None:
        """Take from copiers whose lease is over what they were at."""
        for one in [one for one in self._at_work() if one.lease <= self._server.now()]:
            self._died(one)

    def _died(self, one: Kept) -> None:
        one.before = one.copier or one.before
        stop, one.deaths = one.stop, one.deaths + 1
        one.wait_again()
        if stop:
            del self._kept[one.transfer.id]
        elif one.deaths >= MAX_DEATHS:
            text = f"its copier died {MAX_DEATHS} times: see the log of the backup host"
            one.ending, one.over = Failed(text, "copier-died"), self._server.now()
        else:
            return
        self._resume(one.transfer.job)

    def _resume(self, job: str) -> None:
        if job in self._server.parked and self._server.jobs[job].record.state is not State.PAUSED:
            self._server.unpark(job)
            self._server.make_due(job)


def _by_lease(one: Kept) -> tuple[int, str]:
    return one.lease, one.transfer.id


def _repository(transfer: Transfer) -> tuple[str, str, str]:
    return transfer.repository, transfer.label.array, transfer.label.uid
