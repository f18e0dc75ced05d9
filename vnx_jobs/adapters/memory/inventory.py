"""The inventory's twin in memory: what lists showed, and the repair of slots and numbers by them."""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.array import Group, Lun, Pool, Session, Snapshot, StorageGroup
from vnx_jobs.model.claim import Kind
from vnx_jobs.model.hosts import HLUS, FrontPort
from vnx_jobs.model.keys import hlus_key, numbers_key
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.names import job_of
from vnx_jobs.model.outcome import Shown
from vnx_jobs.model.slots import Discrepancy, Sets, slots_by_luns, slots_by_snapshots, slots_of_vanished
from vnx_jobs.model.states import State
from vnx_jobs.model.things import EVERY_KIND, numbered
from vnx_jobs.model.view import View, numbers_behind
from vnx_jobs.ports import Lists, Readings, Sighting

from .attachments import MemoryAttachments
from .server import KINDS, Entry, MemoryServer

T = TypeVar("T", Lun, Snapshot, Session, Pool, Group, StorageGroup)


class MemoryInventory(MemoryAttachments):
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
            readings = self._server.readings
            return Readings(**{kind.replace("-", "_"): readings.get((array, kind), 0) for kind in KINDS.values()})

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
        )

    def ticket(self) -> tuple[int, int]:
        """Return the last ticket given out and the state server's time."""
        with self._server.moment():
            return self._server.claims.ticket, self._server.now()

    def store(self, array: str, lists: Lists, number_range: range) -> None:
        """Take in complete lists, then repair slots and numbers by them."""
        with self._server.moment():
            known = [lun for seen, lun in self._known(array, Lun) if seen <= lists.begun]
            self._replace(array, "luns", lists.begun, None if lists.luns is None else _by_name(lists.luns))
            self._replace(
                array, "snapshots", lists.begun, None if lists.snapshots is None else _by_name(lists.snapshots)
            )
            self._replace(array, "pools", lists.begun, None if lists.pools is None else _by_name(lists.pools))
            sessions = None if lists.sessions is None else {str(one.source): one for one in lists.sessions}
            self._replace(array, "sessions", lists.begun, sessions)
            self._replace(array, "groups", lists.begun, None if lists.groups is None else _by_name(lists.groups))
            known_groups = None if lists.storage_groups is None else _by_name(lists.storage_groups)
            self._replace(array, "storage-groups", lists.begun, known_groups)
            self._settle_hlus(array)
            self._replace(array, "ports", lists.begun, None if lists.ports is None else _by_name(lists.ports))
            self._repair_hlus(array, lists)
            if lists.luns is None:
                return
            sets = _sets(array, known, lists)
            for one in self._slots_differ(array, lists.ticket, sets):
                self._mend(one, Kind.SLOT)
            used, key = {lun.number for lun in lists.luns}, numbers_key(array)
            self._server.claims.set_range(key, number_range)
            for one in self._numbers_differ(key, lists.ticket, used):
                self._mend(one, Kind.NUMBER)
            self._server.claims.wake()

    def _repair_hlus(self, array: str, lists: Lists) -> None:
        """Repair the host LUN numbers of storage groups; of one that shows nothing all are free until claimed."""
        claims = self._server.claims
        for group in lists.storage_groups or ():
            key, used = hlus_key(array, group.name), {hlu for hlu, _ in group.luns if hlu in HLUS}
            if used or key in claims.free:
                claims.set_range(key, HLUS)
                for one in self._numbers_differ(key, lists.ticket, used):
                    self._mend(one, Kind.NUMBER)
        claims.wake()

    def discrepancies(self, array: str, lists: Lists, number_range: range) -> tuple[Discrepancy, ...]:
        """Say what taking in these lists would repair."""
        with self._server.moment():
            if lists.luns is None:
                return ()
            known = [lun for seen, lun in self._known(array, Lun) if seen <= lists.begun]
            slots = self._slots_differ(array, lists.ticket, _sets(array, known, lists))
            used = {lun.number for lun in lists.luns if lun.number in number_range}
            return (*slots, *self._numbers_differ(numbers_key(array), lists.ticket, used))

    def _replace(
        self, array: str, kind: str, begun: int, listed: Mapping[str, Shown | Session | Pool | FrontPort] | None
    ) -> None:
        """Take in one complete list, but leave alone what was seen after it was begun."""
        if listed is None or begun < self._server.readings.get((array, kind), 0):
            return
        known = self._server.lists.get((array, kind), {})
        younger = {name: entry for name, entry in known.items() if entry.seen > begun}
        fresh = {name: Entry(begun, thing) for name, thing in listed.items()}
        self._server.lists[array, kind] = fresh | younger
        self._server.readings[array, kind] = begun

    def _settle_hlus(self, array: str) -> None:
        """Forget what jobs changed of storage groups before the last list of them was begun: it shows that."""
        shown, begun = self._server.shown, self._server.readings.get((array, "storage-groups"), 0)
        for place in [place for place, (at, _) in shown.items() if place[0] == array and at <= begun]:
            del shown[place]

    def _slots_differ(self, array: str, before: int, sets: Sets) -> list[Discrepancy]:
        """Find members that the array shows, and those that it does not show, as far as the list can judge."""
        claims, found = self._server.claims, []
        for key, members in sets.items():
            held = claims.held.get(key, {})
            for member in members:
                unknown = member not in held and claims.given_back.get((key, member), 0) <= before
                if unknown and not self._in_work(array, member):
                    found.append(Discrepancy(key, member, held=False))
            for member, holder in held.items():
                judged = holder.kind is Kind.SLOT and holder.ticket <= before
                if judged and member not in members and not self._in_work(array, member):
                    found.append(Discrepancy(key, member, held=True))
        return found

    def _mend(self, differs: Discrepancy, kind: Kind) -> None:
        """Let a member hold what its object takes, or let it go."""
        claims = self._server.claims
        if differs.held:
            claims.let_go(differs.key, differs.member)
            return
        if kind is Kind.NUMBER:
            del claims.free[differs.key][int(differs.member)]
        claims.hold(differs.key, differs.member, kind)

    def _in_work(self, array: str, member: str) -> bool:
        """Say whether a slot's member is the business of a job that has not ended."""
        if member.startswith("lun:"):
            job = self._server.claims.owner(numbers_key(array), member.removeprefix("lun:"))
        else:
            maker = self._server.makers.get((array, f"snapshot:{member}"), "")
            job = job_of(member, self._installation) or maker
        return self._server.live(job)

    def _numbers_differ(self, key: str, before: int, used: set[int]) -> list[Discrepancy]:
        """Find numbers of the private range that the array uses, and those that are held for nothing."""
        claims = self._server.claims
        free = claims.free.get(key, {})
        # numbers never used are stamped below 1
        taken = [number for number in free if number in used and free[number] < before + 1]
        vanished = [
            member
            for member, holder in claims.held.get(key, {}).items()
            if holder.ticket <= before and int(member) not in used and not self._server.live(holder.owner)
        ]
        return [Discrepancy(key, str(number), held=False) for number in taken] + [
            Discrepancy(key, member, held=True) for member in vanished
        ]


def _sets(array: str, known: list[Lun], lists: Lists) -> Sets:
    """Return who holds each set of slots by lists."""
    luns = lists.luns or ()
    sets = slots_of_vanished(array, known, luns) | slots_by_luns(array, luns)
    return sets if lists.snapshots is None else sets | slots_by_snapshots(array, luns, lists.snapshots)


def _by_name(things: Iterable[Shown | Pool | FrontPort]) -> dict[str, Shown | Session | Pool | FrontPort]:
    return {thing.name: thing for thing in things}
