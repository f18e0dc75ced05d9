"""The twin in memory of what others changed: noted when a list is taken in, settled later."""

from collections.abc import Iterable, Mapping
from typing import Final

from vnx_jobs.model.array import Group, HostLun, Lun, Snapshot, StorageGroup
from vnx_jobs.model.claim import Kind
from vnx_jobs.model.keys import group_key, hlus_key, mapping_key, name_key, numbers_key, snapshot_key, volume_key
from vnx_jobs.model.names import job_of
from vnx_jobs.model.others import Altered, AlteredKind, Compared, at_place, differs, place

from .server import Entry, MemoryServer

_THINGS: Final[Mapping[str, str]] = {"luns": "volume", "snapshots": "snapshot", "groups": "group"}
_LOCKS: Final = {"luns": name_key, "snapshots": snapshot_key, "groups": group_key}


class MemoryOthers:
    """Implements OthersInventory."""

    _server: MemoryServer
    _installation: str

    def altered(self, array: str) -> tuple[Altered, ...]:
        """Return what was noted."""
        with self._server.moment():
            return tuple(one for (box, *_), one in sorted(self._server.others.items()) if box == array)

    def settle(self, array: str, changes: Iterable[Altered], until: int) -> None:
        """Forget notes."""
        with self._server.moment():
            for one in changes:
                noted = self._server.others.get((array, one.kind, one.name))
                if noted is not None and noted.seen <= until:
                    del self._server.others[array, one.kind, one.name]

    def unmark(self, array: str, uid: str) -> None:
        """Forget an access mark."""
        with self._server.moment():
            self._server.mark(array, uid, None)

    def _compare(
        self, array: str, kind: AlteredKind, begun: int, known: Mapping[str, Entry], listed: Mapping[str, Compared]
    ) -> None:
        """Note what a list shows otherwise; what was seen after it was begun is left out."""
        for name in {*known, *listed}:
            entry = known.get(name)
            before, after = None if entry is None else entry.thing, listed.get(name)
            if entry is not None and entry.seen > begun:
                continue
            if not isinstance(before, Lun | Snapshot | Group):
                before = None
            if not _same(before, after) and not self._at_work(array, kind, name, before, after):
                self._note(Altered(kind, name, before, begun), array, after)

    def _note(self, now: Altered, array: str, after: Compared | HostLun | None) -> None:
        notes, field = self._server.others, (array, now.kind, now.name)
        first = notes.setdefault(field, now)
        back = first.before == after if isinstance(after, HostLun) else _same(first.before, after)
        if back:
            del notes[field]

    def _compare_mappings(
        self, array: str, begun: int, known: Iterable[StorageGroup], listed: Iterable[StorageGroup]
    ) -> None:
        """Note what storage groups show otherwise than they did before, jobs' changes since then counted."""
        was, now = _under(known), _under(listed)
        for group, hlu in {*was, *now}:
            younger = self._server.shown.get((array, group, hlu), (0, None))[0] > begun
            before, after = was.get((group, hlu)), now.get((group, hlu))
            if younger or before == after or self._shown_by_job(array, group, hlu, {before, after}):
                continue
            name = place(hlu, group)
            self._note(Altered("mappings", name, at_place(name, before), begun), array, at_place(name, after))

    def _shown_by_job(self, array: str, group: str, hlu: int, numbers: set[int | None]) -> bool:
        claims, entries = self._server.claims, self._server.lists.get((array, "luns"), {}).values()
        uids = [one.thing.uid for one in entries if isinstance(one.thing, Lun) and one.thing.number in numbers]
        owner = claims.owner(hlus_key(array, group), str(hlu))
        return any(self._alone(mapping_key(array, uid)) for uid in uids) or self._server.live(owner)

    def _at_work(self, array: str, kind: AlteredKind, name: str, *things: Compared | None) -> bool:
        """Say whether a job that has not ended may be changing an object."""
        if job_of(name, self._installation) or (array, f"{_THINGS[kind]}:{name}") in self._server.makers:
            return True
        luns = [one for one in things if isinstance(one, Lun)]
        keys = [_LOCKS[kind](array, name), *(volume_key(array, lun.uid) for lun in luns)]
        owners = [self._server.claims.owner(numbers_key(array), str(lun.number)) for lun in luns]
        return any(map(self._alone, keys)) or any(map(self._server.live, owners))

    def _alone(self, key: str) -> bool:
        return any(one.kind is Kind.EXCLUSIVE for one in self._server.claims.held.get(key, {}).values())


def _same(before: object, after: object) -> bool:
    if isinstance(before, Lun | Snapshot | Group) and isinstance(after, Lun | Snapshot | Group):
        return not differs(before, after)
    return before is None and after is None


def _under(groups: Iterable[StorageGroup]) -> dict[tuple[str, int], int]:
    """Return which LUN stands at each place; `~physical` shows every LUN of an array to nobody."""
    return {(one.name, hlu): lun for one in groups if one.name != "~physical" for hlu, lun in one.luns}
