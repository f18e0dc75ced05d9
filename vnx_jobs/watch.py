"""The watch: reads an array once for all that is parked on it. N waiting jobs cost O(1) array commands a tick."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from .model.array import Session
from .model.condition import ArrayBack, Condition, FreshList, SessionOver
from .model.errors import ArrayError
from .model.lists import ListKind
from .model.names import job_of
from .ports import Array, Bell, Clock, Inventory, JobStore, Lists
from .settings import ArraySettings

PERIOD: Final = 1.0
"""Seconds between two looks at whether it is time to read."""
_GROUPS: Final[frozenset[ListKind]] = frozenset({"groups", "storage-groups"})
_SHARE: Final = 20
"""So many jobs that a list lets go on pay for one that is read out of turn."""


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
    _refreshed: float = field(default=float("-inf"))
    _next: float = field(default=float("-inf"))
    _leads: bool = field(default=False)
    _served: int = field(default=0)
    """How many jobs lists have let go on, less those that paid for a list out of turn."""

    @property
    def period(self) -> float:
        """Seconds between two calls of `look`."""
        return min(PERIOD, self.settings.pace.watch_tick)

    def look(self) -> int:
        """Tick when it is time; or at once if nothing moves on the array until a list is read that many jobs share."""
        now = self.clock.monotonic()
        if now < self._next:
            if not (self._leads and self._all_wait_for_a_list()):
                return 0
            self._served -= _SHARE
        self._next = now + self.settings.pace.watch_tick
        return self.tick()

    def _all_wait_for_a_list(self) -> bool:
        standing = self.store.standing(self.array)
        if standing.under_way or standing.ready or standing.away or standing.frozen:
            return False
        waiting = sum(isinstance(one, FreshList) for one in self.store.parked(self.array).values())
        return waiting > 0 and self._served + waiting >= _SHARE

    def tick(self) -> int:
        """Read what parked jobs wait for, and resume those whose condition holds; return how many were resumed.

        Costs nothing while nobody waits, but for a whole refresh of the inventory now and then. An array that does not
        answer costs one log line: the jobs stay parked.
        """
        pace = self.settings.pace
        # Shorter than a slow list may take: two watches for a while cost a list more, a dead one would cost minutes.
        self._leads = self.store.lease(f"watch:{self.array}", self.owner, pace.watch_tick * 3)
        if not self._leads:
            return 0
        try:
            return self._look_after()
        except ArrayError as error:
            structlog.get_logger().warning("watch_unread", array=self.array, verdict=error.verdict, why=error.text)
            return 0

    def _look_after(self) -> int:
        parked = self.store.parked(self.array)
        refresh = self.clock.monotonic() - self._refreshed >= self.settings.pace.idle_refresh
        sessions = self._sessions() if any(isinstance(one, SessionOver) for one in parked.values()) else ()
        over = self._over(parked, sessions)
        lists_wanted = [one for one in parked.values() if isinstance(one, FreshList)]
        standing = self.store.standing(self.array)
        silent = [job for job, one in parked.items() if isinstance(one, ArrayBack)]
        if refresh or over or lists_wanted or silent or standing.away or standing.judge:
            also = {kind for one in lists_wanted for kind in one.also}
            snapshots = refresh or standing.judge > 0 or "snapshots" in also
            begun = self._read_lists(snapshots=snapshots, pools=refresh)
            self._read_others((also - {"snapshots"}) | (_GROUPS if refresh else set()))
            self.bell.ring(self.store.back(self.array))
            if standing.judge:
                self._thaw(begun)
        listed = self._listed(parked)
        self._served += len(listed)
        met = [*over, *silent, *listed]
        self.store.progress(_progress(parked, sessions))
        self.bell.ring(self.store.resume(met))
        return len(met)

    def _sessions(self) -> tuple[Session, ...]:
        ticket, begun = self.inventory.ticket()
        sessions = self.port.sessions()
        self.inventory.store(self.array, Lists(begun, ticket, sessions=sessions), self.settings.number_range)
        return sessions

    def _over(self, parked: Mapping[str, Condition], sessions: Iterable[Session]) -> list[str]:
        """Return the jobs whose session is not listed any more, or will not go on."""
        running = {session.source for session in sessions if not session.failed}
        begun = self.inventory.readings(self.array).sessions
        return [
            job
            for job, condition in parked.items()
            if isinstance(condition, SessionOver) and condition.source not in running and begun > condition.since
        ]

    def _read_lists(self, *, snapshots: bool, pools: bool) -> int:
        """Read and keep lists; return when they were begun."""
        ticket, begun = self.inventory.ticket()
        luns = self.port.luns()
        lists = Lists(
            begun,
            ticket,
            luns=luns,
            snapshots=self.port.snapshots() if snapshots else None,
            pools=self.port.pools() if pools else None,
        )
        self.inventory.store(self.array, lists, self.settings.number_range)
        if pools:
            self._refreshed = self.clock.monotonic()
        return begun

    def _read_others(self, kinds: Collection[ListKind]) -> None:
        """Read and keep further lists; one that cannot be read spoils nothing of what waits for other lists."""
        for kind in sorted(kinds):
            ticket, begun = self.inventory.ticket()
            try:
                lists = self._other(kind, begun, ticket)
            except ArrayError as error:
                unread = {"array": self.array, "verdict": error.verdict, "why": error.text}
                structlog.get_logger().warning("list_unread", list=kind, **unread)
            else:
                self.inventory.store(self.array, lists, self.settings.number_range)

    def _other(self, kind: ListKind, begun: int, ticket: int) -> Lists:
        match kind:
            case "groups":
                return Lists(begun, ticket, groups=self.port.groups())
            case "storage-groups":
                return Lists(begun, ticket, storage_groups=self.port.storage_groups())
            case "ports":
                return Lists(begun, ticket, ports=self.port.fibre_ports() + self.port.iscsi_portals())
            case "snapshots":
                return Lists(begun, ticket, snapshots=self.port.snapshots())

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
