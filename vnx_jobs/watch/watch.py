"""The watch of one array: when it reads, what it reads, and whom that lets go on."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from vnx_jobs.model.array import Session
from vnx_jobs.model.condition import ArrayBack, Condition, FreshList, SessionOver
from vnx_jobs.model.errors import ArrayError
from vnx_jobs.model.names import job_of
from vnx_jobs.ports import Array, Bell, Clock, Inventory, JobStore, Lists
from vnx_jobs.settings import ArraySettings

from .allowance import Allowance
from .wishes import REFRESHED, Wanted, chosen, wanted_by

PERIOD: Final = 1.0
"""Seconds between two looks at whether it is time to read."""


@dataclass(slots=True)
class Watch:
    """Watches one array: `look` is called over and over, by any number of processes; the role's lease lets one read."""

    array: str
    settings: ArraySettings
    store: JobStore
    inventory: Inventory
    bell: Bell
    port: Array
    clock: Clock
    owner: str
    installation: str
    _allowance: Allowance = field(default_factory=Allowance, init=False)
    _read: dict[Wanted, float] = field(default_factory=dict, init=False)
    """When each list was last read, or tried."""
    _since: dict[Wanted, float] = field(default_factory=dict, init=False)
    """Since when jobs have been seen to want each list."""
    _next: float = field(default=float("-inf"), init=False)
    _leads: bool = field(default=False, init=False)

    @property
    def period(self) -> float:
        """Seconds between two calls of `look`."""
        return min(PERIOD, self.settings.pace.watch_tick)

    def look(self) -> int:
        """Tick when it is time; or at once if nothing moves on the array until a list is read that many jobs share."""
        now = self.clock.monotonic()
        if now >= self._next:
            self._next = now + self.settings.pace.watch_tick
            return self.tick()
        if self._leads and self._all_wait_for_a_list() and self._allowance.take_turn():
            self._next = now + self.settings.pace.watch_tick
            return self._lead()
        return 0

    def _all_wait_for_a_list(self) -> bool:
        standing = self.store.standing(self.array)
        if standing.under_way or standing.ready or standing.away or standing.frozen:
            return False
        waiting = [job for job, one in self.store.parked(self.array).items() if isinstance(one, FreshList)]
        self._allowance.count(waiting)
        return bool(waiting)

    def tick(self) -> int:
        """Read what parked jobs wait for, and resume those whose condition holds; return how many were resumed.

        Sends one list command at most, and as many more as ticks in which none was sent, and jobs, pay for. Costs
        nothing while nobody waits, but for what the inventory has not read for long. An array that does not answer
        costs one log line: the jobs stay parked.
        """
        self._allowance.tick()
        return self._lead()

    def _lead(self) -> int:
        # Shorter than a slow list may take: two watches for a while cost a list more, a dead one would cost minutes.
        self._leads = self.store.lease(f"watch:{self.array}", self.owner, self.settings.pace.watch_tick * 3)
        if not self._leads:
            return 0
        try:
            return self._look_after(self.store.parked(self.array))
        except ArrayError as error:
            structlog.get_logger().warning("watch_unread", array=self.array, verdict=error.verdict, why=error.text)
            return 0

    def _look_after(self, parked: Mapping[str, Condition]) -> int:
        waiting = {job: one for job, one in parked.items() if isinstance(one, FreshList | SessionOver)}
        self._allowance.count(waiting)
        lists, cost = chosen(self._wanted(parked), self._allowance.commands)
        self._allowance.spend(cost)
        met = self._by_sessions(waiting) if "sessions" in lists else []
        if met and "luns" not in lists and self._allowance.commands:
            self._allowance.spend(1)
            lists.add("luns")  # what a session has come to, the LUNs tell
        if "luns" in lists:
            met += self._by_luns(waiting, snapshots="snapshots" in lists)
        self._read_others(lists - {"sessions", "luns", "snapshots"})
        if lists:
            self.bell.ring(self.store.back(self.array))
            met += [job for job, one in parked.items() if isinstance(one, ArrayBack)]
        met += self._listed(waiting)
        self.bell.ring(self.store.resume(list(dict.fromkeys(met))))
        return len(set(met))

    def _wanted(self, parked: Mapping[str, Condition]) -> dict[Wanted, float]:
        """Return the lists that are wanted, each with the moment since when.

        A list that is wanted for the inventory alone comes after those that jobs wait for, until it is overdue.
        """
        now, standing = self.clock.monotonic(), self.store.standing(self.array)
        wanted = wanted_by(parked.values(), self.inventory.readings(self.array))
        wanted |= {"snapshots"} if standing.judge else set()
        wanted |= {"luns"} if standing.away else set()
        self._since = {kind: self._since.get(kind, now) for kind in wanted}
        refresh = self.settings.pace.idle_refresh
        read = {kind: self._read.get(kind, float("-inf")) for kind in REFRESHED}
        due = {kind: at + 2 * refresh for kind, at in read.items() if now - at >= refresh}
        return due | self._since

    def _begin(self, *kinds: Wanted) -> tuple[int, int]:
        """Begin to read lists; return the last ticket given out, and the time."""
        for kind in kinds:
            self._read[kind] = self.clock.monotonic()
            self._since.pop(kind, None)
        return self.inventory.ticket()

    def _by_sessions(self, parked: Mapping[str, Condition]) -> list[str]:
        """Read and keep the sessions; return the jobs whose session is not listed any more, or will not go on."""
        ticket, begun = self._begin("sessions")
        sessions = self.port.sessions()
        self.inventory.store(self.array, Lists(begun, ticket, sessions=sessions), self.settings.number_range)
        self.store.progress(_progress(parked, sessions))
        running = {session.source for session in sessions if not session.failed}
        return [
            job
            for job, condition in parked.items()
            if isinstance(condition, SessionOver) and condition.source not in running and begun > condition.since
        ]

    def _by_luns(self, parked: Mapping[str, Condition], *, snapshots: bool) -> list[str]:
        """Read and keep the LUNs, and snapshots; return the jobs whose session's target is gone: it is complete."""
        ticket, begun = self._begin("luns", *(("snapshots",) if snapshots else ()))
        luns = self.port.luns()
        lists = Lists(begun, ticket, luns=luns, snapshots=self.port.snapshots() if snapshots else None)
        self.inventory.store(self.array, lists, self.settings.number_range)
        if snapshots and self.store.standing(self.array).judge:
            self._thaw(begun)
        numbers = {lun.number for lun in luns} | {None}
        return [
            job
            for job, condition in parked.items()
            if isinstance(condition, SessionOver) and condition.target not in numbers and begun > condition.since
        ]

    def _read_others(self, kinds: Collection[Wanted]) -> None:
        """Read and keep further lists; one that cannot be read spoils nothing of what waits for other lists."""
        for kind in sorted(kinds):
            ticket, begun = self._begin(kind)
            try:
                lists = self._other(kind, begun, ticket)
            except ArrayError as error:
                unread = {"array": self.array, "verdict": error.verdict, "why": error.text}
                structlog.get_logger().warning("list_unread", list=kind, **unread)
            else:
                self.inventory.store(self.array, lists, self.settings.number_range)

    def _other(self, kind: Wanted, begun: int, ticket: int) -> Lists:
        match kind:
            case "groups":
                return Lists(begun, ticket, groups=self.port.groups())
            case "storage-groups":
                return Lists(begun, ticket, storage_groups=self.port.storage_groups())
            case "ports":
                return Lists(begun, ticket, ports=self.port.fibre_ports() + self.port.iscsi_portals())
            case "pools":
                return Lists(begun, ticket, pools=self.port.pools())
            case "luns" | "snapshots" | "sessions":
                raise ValueError(f"{kind} are read together with what they are judged by")

    def _thaw(self, begun: int) -> None:
        """Let an array go on whose claims these lists repaired after changes were lost; say what no record knows."""
        rings = self.store.thaw(self.array, begun)
        if not self.store.standing(self.array).judge:
            structlog.get_logger().warning("thawed", array=self.array, orphans=self._orphans())
        self.bell.ring(rings)

    def _orphans(self) -> list[str]:
        """Return temporary objects of ours that no record knows of: jobs that were lost had made them."""
        seen = self.inventory.volumes(self.array)
        attached = {one.lun.attached for one in seen}
        names = [one.lun.name for one in seen]
        names += [one.name for one in self.inventory.snapshots(self.array) if one.name not in attached]
        jobs = {name: job_of(name, self.installation) for name in names}
        return [name for name, job in jobs.items() if job is not None and self.store.get(job) is None]

    def _listed(self, parked: Mapping[str, Condition]) -> list[str]:
        readings = self.inventory.readings(self.array)
        return [
            job
            for job, condition in parked.items()
            if isinstance(condition, FreshList) and readings.oldest(condition.also) > condition.since
        ]


def _progress(parked: Mapping[str, Condition], sessions: Iterable[Session]) -> dict[str, tuple[int, float | None]]:
    by_source = {session.source: session for session in sessions}
    return {
        job: (by_source[condition.source].percent, by_source[condition.source].seconds_left)
        for job, condition in parked.items()
        if isinstance(condition, SessionOver) and condition.source in by_source
    }
