"""The inventory's twin in memory: what lists showed, and the repair of slots and numbers by them."""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias, TypeVar, cast

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.array import Group, Lun, Pool, Session, Snapshot, StorageGroup
from vnx_jobs.model.hosts import FrontPort
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.others import AlteredKind
from vnx_jobs.model.outcome import Shown
from vnx_jobs.model.states import State
from vnx_jobs.model.things import EVERY_KIND, numbered
from vnx_jobs.model.view import View, numbers_behind
from vnx_jobs.ports import Lists, Readings, Sighting

from .attachments import MemoryAttachments
from .others import MemoryOthers
from .repairs import MemoryRepairs, sets_by
from .server import KINDS, Entry, MemoryServer

Listed: TypeAlias = Shown | Session | Pool | FrontPort
T = TypeVar("T", Lun, Snapshot, Session, Pool, Group, StorageGroup)


class MemoryInventory(MemoryAttachments, MemoryOthers, MemoryRepairs):
    """Implements Inventory."""

    def __init__(self, server: MemoryServer, installation: str) -> None:
        self._server = server
        self._installation = installation

    def _known(self, array: str, kind: type[T]) -> list[tuple[int, T]]:
        """Return what is known of a kind, by name, with when it was seen."""
        entries = sorted(self._server.lists.get((array, KINDS[kind]), {}).items())
        return [(entry.seen, entry.thing) for _, entry in entries if isinstance(entry.thing, kind)]

    def _read(self, array: str, kind: type[T]) -> list[tuple[int, T]]:
        with self._server.moment():
            return self._known(array, kind)

    def readings(self, array: str) -> Readings:
        """Say how old the lists are."""
        with self._server.moment():
            readings, tickets = self._server.readings, self._server.tickets
            begun = {kind.replace("-", "_"): readings.get((array, kind), 0) for kind in KINDS.values()}
            return Readings(**begun, ticket=min(tickets.get((array, kind), 0) for kind in ("luns", "storage-groups")))

    def volume(self, array: str, name: str) -> Sighting | None:
        """Find a volume by name."""
        return next((one for one in self.volumes(array) if one.lun.name == name), None)

    def volumes(self, array: str) -> tuple[Sighting, ...]:
        """Return every known volume."""
        return tuple(Sighting(lun, seen) for seen, lun in self._read(array, Lun))

    def snapshot(self, array: str, name: str) -> Snapshot | None:
        """Find a snapshot by name."""
        return next((one for one in self.snapshots(array) if one.name == name), None)

    def snapshots(self, array: str) -> tuple[Snapshot, ...]:
        """Return every known snapshot."""
        return tuple(snapshot for _, snapshot in self._read(array, Snapshot))

    def session(self, array: str, source: int) -> Session | None:
        """Find a migration session by its source's number."""
        return next((one for _, one in self._read(array, Session) if one.source == source), None)

    def pools(self, array: str) -> tuple[Pool, ...]:
        """Return the pools of the last list."""
        return tuple(pool for _, pool in self._read(array, Pool))

    def group(self, array: str, name: str) -> Group | None:
        """Find a consistency group by name."""
        return next((one for one in self.groups(array) if one.name == name), None)

    def groups(self, array: str) -> tuple[Group, ...]:
        """Return every known consistency group."""
        return tuple(group for _, group in self._read(array, Group))

    def storage_groups(self, array: str) -> tuple[StorageGroup, ...]:
        """Return every known storage group."""
        with self._server.moment():
            return self._storage_groups(array)

    def _storage_groups(self, array: str) -> tuple[StorageGroup, ...]:
        """Return the storage groups as lists showed them, and as jobs changed them since."""
        changes = [(at, one) for (box, _, _), (at, one) in self._server.shown.items() if box == array]
        known = self._known(array, StorageGroup)
        return tuple(group.showing(one for at, one in changes if at > seen) for seen, group in known)

    def access(self, array: str, uid: str) -> AccessMode | None:
        """Return the access mark of a volume."""
        return self.marks(array).get(uid)

    def marks(self, array: str) -> Mapping[str, AccessMode]:
        """Return the access marks of all volumes."""
        with self._server.moment():
            return {uid: mode for (box, uid), mode in self._server.access.items() if box == array}

    def maker(self, array: str, thing: str) -> str | None:
        """Return the unfinished job that is to make an object."""
        with self._server.moment():
            return self._server.makers.get((array, thing))

    def fate(self, job: str) -> State | None:
        """Return a job's state."""
        with self._server.moment():
            known = self._server.jobs.get(job)
            return None if known is None else known.record.state

    def view(self, array: str, names: Collection[str], lists: Collection[ListKind] = ()) -> View:
        """Return what is known of some names, and of the primaries that they hang on."""
        marks = self.marks(array) if "storage-groups" in lists else {}
        with self._server.moment():
            luns = [lun for _, lun in self._known(array, Lun)]
            by_number = {name: lun for lun in luns if (name := numbered(lun.number)) in names}
            names = {*names, *(lun.name for lun in by_number.values())}
            snapshots = {one.name: one for _, one in self._known(array, Snapshot) if one.name in names}
            pools = frozenset(pool.name for _, pool in self._known(array, Pool))
            groups = [one for _, one in self._known(array, Group) if "groups" in lists]
            storage_groups = self._storage_groups(array) if "storage-groups" in lists else ()
            things = {f"{kind}:{name}" for kind in EVERY_KIND for name in names}
            makers = {
                thing: job for (box, thing), job in self._server.makers.items() if box == array and thing in things
            }
        named = {*names, *(lun.primary for lun in luns if lun.primary and lun.name in names)}
        volumes = {lun.name: lun for lun in luns if lun.name in named} | by_number
        numbers = numbers_behind(snapshots.values(), [one for one in groups if one.name in names])
        primaries = {lun.number: lun for lun in luns if lun.number in numbers}
        makers = {thing: job for thing, job in makers.items() if thing.partition(":")[2] in names}
        return View(
            frozenset(named),
            volumes,
            snapshots,
            primaries,
            makers,
            pools,
            frozenset(lists),
            {group.name: group for group in groups},
            {group.name: group for group in storage_groups},
            {lun.uid: marks[lun.uid] for lun in volumes.values() if lun.uid in marks},
            self.ports(array) if "ports" in lists else (),
            tuple(one for _, one in self._read(array, Session)),
        )

    def ticket(self) -> tuple[int, int]:
        """Return the last ticket given out and the state server's time."""
        with self._server.moment():
            return self._server.claims.ticket, self._server.now()

    def store(self, array: str, lists: Lists, number_range: range) -> None:
        """Take in complete lists, then repair slots and numbers by them."""
        with self._server.moment():
            known = self._seen_until(array, lists.begun)
            for kind, listed in _listed(lists).items():
                self._replace(array, kind, lists, listed)
            self._settle_hlus(array)
            self._repair_hlus(array, lists)
            if lists.luns is not None:
                self._judge(array, lists, sets_by(array, known, lists), number_range)

    def _replace(self, array: str, kind: str, lists: Lists, listed: Mapping[str, Listed] | None) -> None:
        """Take in one complete list, but leave alone what was seen after it was begun."""
        last, begun = self._server.readings.get((array, kind), 0), lists.begun
        if listed is None or begun < last:
            return
        known = self._server.lists.get((array, kind), {})
        if last and kind == "storage-groups":
            now = [one for one in listed.values() if isinstance(one, StorageGroup)]
            self._compare_mappings(array, begun, self._storage_groups(array), now)
        elif last and kind in {"luns", "snapshots", "groups"}:
            things = {name: one for name, one in listed.items() if isinstance(one, Lun | Snapshot | Group)}
            self._compare(array, cast("AlteredKind", kind), begun, known, things)
        younger = {name: entry for name, entry in known.items() if entry.seen > begun}
        fresh = {name: Entry(begun, thing) for name, thing in listed.items()}
        self._server.lists[array, kind] = fresh | younger
        self._server.readings[array, kind] = begun
        self._server.tickets[array, kind] = lists.ticket

    def _settle_hlus(self, array: str) -> None:
        """Forget what jobs changed of storage groups before the last list of them was begun: it shows that."""
        shown, begun = self._server.shown, self._server.readings.get((array, "storage-groups"), 0)
        for place in [place for place, (at, _) in shown.items() if place[0] == array and at <= begun]:
            del shown[place]


def _listed(lists: Lists) -> Mapping[str, Mapping[str, Listed] | None]:
    """Return the lists by what they are called, each by the names of its objects."""
    named: dict[str, Iterable[Shown | Pool | FrontPort] | None] = {
        "luns": lists.luns,
        "snapshots": lists.snapshots,
        "pools": lists.pools,
        "groups": lists.groups,
        "storage-groups": lists.storage_groups,
        "ports": lists.ports,
    }
    sessions = None if lists.sessions is None else {str(one.source): one for one in lists.sessions}
    found = {kind: None if one is None else {thing.name: thing for thing in one} for kind, one in named.items()}
    return {**found, "sessions": sessions}
