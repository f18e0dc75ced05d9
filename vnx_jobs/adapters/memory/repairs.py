"""The twin in memory of repairing slots and numbers by lists."""

from vnx_jobs.model.array import Lun
from vnx_jobs.model.claim import Kind
from vnx_jobs.model.hosts import HLUS
from vnx_jobs.model.keys import hlus_key, numbers_key
from vnx_jobs.model.names import job_of
from vnx_jobs.model.slots import (
    SLOT_KINDS,
    Discrepancy,
    Sets,
    slots_by_luns,
    slots_by_snapshots,
    slots_of_vanished,
)
from vnx_jobs.ports import Lists

from .server import MemoryServer


class MemoryRepairs:
    """The part of the inventory that judges claims by lists."""

    _server: MemoryServer
    _installation: str

    def _seen_until(self, array: str, begun: int) -> list[Lun]:
        """Return the volumes that were seen up to a moment."""
        entries = self._server.lists.get((array, "luns"), {}).values()
        return [one.thing for one in entries if isinstance(one.thing, Lun) and one.seen <= begun]

    def _judge(self, array: str, lists: Lists, sets: Sets, number_range: range) -> None:
        """Repair slots and LUN numbers."""
        for one in self._slots_differ(array, lists.ticket, sets):
            self._mend(one, Kind.SLOT)
        used, key = {lun.number for lun in lists.luns or ()}, numbers_key(array)
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
        """Say what `repair` would repair by these lists."""
        with self._server.moment():
            if lists.luns is None:
                return ()
            slots = self._slots_differ(array, lists.ticket, self._all_sets(array, lists))
            used = {lun.number for lun in lists.luns if lun.number in number_range}
            numbers = self._numbers_differ(numbers_key(array), lists.ticket, used)
            return (*slots, *numbers, *self._lost_hlus(array, lists))

    def repair(self, array: str, lists: Lists, number_range: range) -> None:
        """Repair slots and numbers, also of what was forgotten long ago."""
        with self._server.moment():
            if lists.luns is not None:
                self._judge(array, lists, self._all_sets(array, lists), number_range)
            self._repair_hlus(array, lists)
            for one in self._lost_hlus(array, lists):
                self._mend(one, Kind.NUMBER)
            self._server.claims.wake()

    def _all_sets(self, array: str, lists: Lists) -> Sets:
        """Return who holds each set of slots by lists, nobody those of volumes that are no primaries, or not there."""
        known = self._seen_until(array, lists.begun)
        there = {lun.uid for lun in lists.luns or () if not lun.is_mount_point}
        stems = [f"{kind}:{array}:" for kind in SLOT_KINDS]
        lost = [key for key in self._server.claims.held for stem in stems if _of(key, stem) not in {None, *there}]
        return sets_by(array, known, lists) | {key: [] for key in lost}

    def _lost_hlus(self, array: str, lists: Lists) -> list[Discrepancy]:
        """Find host LUN numbers that are held of storage groups which are not there."""
        if lists.storage_groups is None:
            return []
        there = {hlus_key(array, group.name) for group in lists.storage_groups}
        lost = [key for key in self._server.claims.held if _of(key, hlus_key(array, "")) and key not in there]
        return [one for key in lost for one in self._numbers_differ(key, lists.ticket, set())]

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


def sets_by(array: str, known: list[Lun], lists: Lists) -> Sets:
    """Return who holds each set of slots by lists."""
    luns = lists.luns or ()
    sets = slots_of_vanished(array, known, luns) | slots_by_luns(array, luns)
    return sets if lists.snapshots is None else sets | slots_by_snapshots(array, luns, lists.snapshots)


def _of(key: str, stem: str) -> str | None:
    """Return what a key is of, if it begins so and somebody holds it."""
    return key.removeprefix(stem) if key.startswith(stem) else None
