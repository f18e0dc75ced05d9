"""What lists showed, kept for everybody; and the repair of slots and numbers from complete lists."""

from collections.abc import Collection, Mapping
from typing import Any, Final, cast

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.array import Group, Lun, Pool, Session, Snapshot, StorageGroup
from vnx_jobs.model.hosts import HLUS
from vnx_jobs.model.keys import hlus_key, numbers_key
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.slots import (
    SLOT_KINDS,
    Discrepancy,
    Sets,
    slots_by_luns,
    slots_by_snapshots,
    slots_of_vanished,
)
from vnx_jobs.model.states import State
from vnx_jobs.model.things import EVERY_KIND, number_meant, numbered
from vnx_jobs.model.view import View, numbers_behind
from vnx_jobs.ports import Lists, Readings, Sighting

from . import codec
from .attachments import RedisAttachments
from .others import COMPARED, RedisOthers
from .server import Server

_CHUNK: Final = 500
_GROUPS_CHUNK: Final = 50
_WHOLE: Final[Mapping[ListKind, str]] = {"groups": "groups", "storage-groups": "sgs", "ports": "ports"}
"""Where the lists stand that planning looks up whole."""
_KINDS: Final = {
    "luns": "luns",
    "snaps": "snapshots",
    "sessions": "sessions",
    "pools": "pools",
    "groups": "groups",
    "sgs": "storage_groups",
    "ports": "ports",
}
"""Where each kind of list stands, and how `Readings` calls it."""


class RedisInventory(RedisAttachments, RedisOthers):
    """Implements Inventory."""

    def __init__(self, server: Server, installation: str) -> None:
        self._server = server
        self._installation = installation

    def _get(self, array: str, kind: str, name: str) -> str | None:
        stored = self._server.field(f"inv:{array}:{kind}", name)
        return stored if stored and _present(stored) else None

    def _all(self, array: str, kind: str) -> Mapping[str, str]:
        stored = self._server.hash(f"inv:{array}:{kind}")
        return {name: one for name, one in sorted(stored.items()) if _present(one)}

    def readings(self, array: str) -> Readings:
        """Say how old the lists are."""
        stored = self._server.hash(f"inv:{array}:read")
        begun = {field: int(float(stored.get(kind, 0))) for kind, field in _KINDS.items()}
        return Readings(**begun, ticket=min(int(stored.get(f"ticket:{kind}", 0)) for kind in ("luns", "sgs")))

    def volume(self, array: str, name: str) -> Sighting | None:
        """Find a volume by name."""
        stored = self._get(array, "luns", name)
        return None if stored is None else _sighting(stored)

    def volumes(self, array: str) -> tuple[Sighting, ...]:
        """Return every known volume."""
        return tuple(_sighting(stored) for stored in self._all(array, "luns").values())

    def snapshot(self, array: str, name: str) -> Snapshot | None:
        """Find a snapshot by name."""
        stored = self._get(array, "snaps", name)
        return None if stored is None else Snapshot(*codec.read(stored))

    def snapshots(self, array: str) -> tuple[Snapshot, ...]:
        """Return every known snapshot."""
        return tuple(Snapshot(*codec.read(stored)) for stored in self._all(array, "snaps").values())

    def session(self, array: str, source: int) -> Session | None:
        """Find a migration session by its source's number."""
        stored = self._get(array, "sessions", str(source))
        return None if stored is None else Session(*codec.read(stored))

    def pools(self, array: str) -> tuple[Pool, ...]:
        """Return the pools of the last list."""
        return tuple(Pool(*codec.read(stored)) for stored in self._all(array, "pools").values())

    def group(self, array: str, name: str) -> Group | None:
        """Find a consistency group by name."""
        stored = self._get(array, "groups", name)
        return None if stored is None else Group(*codec.read(stored))

    def groups(self, array: str) -> tuple[Group, ...]:
        """Return every known consistency group."""
        return tuple(Group(*codec.read(stored)) for stored in self._all(array, "groups").values())

    def storage_groups(self, array: str) -> tuple[StorageGroup, ...]:
        """Return every known storage group. Changes are read first: a list that comes between has them."""
        changes = self._server.hash(f"inv:{array}:hlus")
        return codec.storage_groups(self._all(array, "sgs").values(), changes)

    def access(self, array: str, uid: str) -> AccessMode | None:
        """Return the access mark of a volume."""
        return cast("AccessMode | None", self._server.field(f"access:{array}", uid))

    def marks(self, array: str) -> Mapping[str, AccessMode]:
        """Return the access marks of all volumes."""
        return cast("Mapping[str, AccessMode]", self._server.hash(f"access:{array}"))

    def maker(self, array: str, thing: str) -> str | None:
        """Return the unfinished job that is to make an object."""
        return self._server.field(f"makes:{array}", thing)

    def fate(self, job: str) -> State | None:
        """Return a job's state, or None if there is no record of it."""
        stored = self._server.field(f"job:{job}", "state")
        return None if stored is None else State(stored)

    def view(self, array: str, names: Collection[str], lists: Collection[ListKind] = ()) -> View:
        """Read what is known of some names in one pipelined call, and the primaries in one more if there are any."""
        by_number = self._primaries(array, {number for one in names if (number := number_meant(one)) is not None})
        wanted = sorted({*names, *(lun.name for lun in by_number.values())})
        things = [f"{kind}:{name}" for kind in EVERY_KIND for name in wanted]
        whole = [(f"inv:{array}:{_WHOLE[kind]}", ()) for kind in sorted(lists) if kind in _WHOLE]
        changes, luns, snaps, makers, pools, sessions, *others = self._server.parts(
            [
                (f"inv:{array}:hlus", () if "storage-groups" in lists else ("-",)),
                (f"inv:{array}:luns", wanted),
                (f"inv:{array}:snaps", wanted),
                (f"makes:{array}", things),
                (f"inv:{array}:pools", ()),
                (f"inv:{array}:sessions", ()),
                *whole,
            ]
        )
        shown = {key: list(filter(_present, other.values())) for (key, _), other in zip(whole, others, strict=True)}
        groups = [Group(*codec.read(one)) for one in shown.get(f"inv:{array}:groups", ())]
        storage_groups = codec.storage_groups(shown.get(f"inv:{array}:sgs", ()), changes)
        volumes = _luns(luns) | {numbered(number): lun for number, lun in by_number.items()}
        snapshots = {name: Snapshot(*codec.read(one)) for name, one in snaps.items() if _present(one)}
        behind = sorted({lun.primary for lun in volumes.values() if lun.primary} - volumes.keys())
        if behind:
            volumes |= _luns(self._server.parts([(f"inv:{array}:luns", behind)])[0])
        return View(
            frozenset((*wanted, *behind)),
            volumes,
            snapshots,
            self._primaries(array, numbers_behind(snapshots.values(), [one for one in groups if one.name in names])),
            makers,
            frozenset(name for name, one in pools.items() if _present(one)),
            frozenset(lists),
            {group.name: group for group in groups},
            {group.name: group for group in storage_groups},
            self._access(array, volumes.values()) if "storage-groups" in lists else {},
            codec.ports(shown.get(f"inv:{array}:ports", ())),
            tuple(Session(*codec.read(one)) for one in sessions.values() if _present(one)),
        )

    def _access(self, array: str, volumes: Collection[Lun]) -> Mapping[str, AccessMode]:
        """Return the access marks of some volumes."""
        uids = [lun.uid for lun in volumes]
        (found,) = self._server.parts([(f"access:{array}", uids)]) if uids else ({},)
        return cast("Mapping[str, AccessMode]", found)

    def _primaries(self, array: str, numbers: set[int]) -> dict[int, Lun]:
        """Find volumes by number, of which nothing but the whole list knows."""
        stored = self._server.hash(f"inv:{array}:luns") if numbers else {}
        known = (Lun(*codec.read(one)) for one in stored.values() if _number(one) in numbers)
        return {lun.number: lun for lun in known}

    def ticket(self) -> tuple[int, int]:
        """Return the last ticket given out and the state server's time."""
        result, _ = self._server.call("ticket")
        return int(result[0]), int(result[1])

    def store(self, array: str, lists: Lists, number_range: range) -> None:
        """Take in complete lists, then repair slots and numbers by them."""
        listed = {
            "luns": None if lists.luns is None else {lun.name: lun for lun in lists.luns},
            "snaps": None if lists.snapshots is None else {snap.name: snap for snap in lists.snapshots},
            "sessions": None if lists.sessions is None else {str(one.source): one for one in lists.sessions},
            "pools": None if lists.pools is None else {pool.name: pool for pool in lists.pools},
            "groups": None if lists.groups is None else {group.name: group for group in lists.groups},
            "sgs": None if lists.storage_groups is None else {group.name: group for group in lists.storage_groups},
            "ports": None if lists.ports is None else {port.name: port for port in lists.ports},
        }
        sets = self._sets(array, lists)
        for kind, objects in listed.items():
            if objects is not None:
                documents = [codec.document(one) for one in objects.values()]
                compared = {"compared": kind in COMPARED, "fields": COMPARED.get(kind, ())}
                about = {"ticket": lists.ticket, "installation": self._installation} | compared
                self._server.call("listed", array, kind, lists.begun, list(objects), documents, about)
        self._judge(array, lists, sets, number_range, dry=False)
        self._repair_hlus(array, lists)

    def _repair_hlus(self, array: str, lists: Lists) -> None:
        """Repair the host LUN numbers of storage groups, in runs that let others in between."""
        groups = lists.storage_groups or ()
        used = [(hlus_key(array, one.name), [hlu for hlu, _ in one.luns if hlu in HLUS]) for one in groups]
        for start in range(0, len(used), _GROUPS_CHUNK):
            self._server.call("hlus", lists.ticket, codec.span(HLUS), used[start : start + _GROUPS_CHUNK])

    def discrepancies(self, array: str, lists: Lists, number_range: range) -> tuple[Discrepancy, ...]:
        """Say what `repair` would repair by these lists."""
        sets = self._sets(array, lists) | self._lost_slots(array, lists)
        return self._judge(array, lists, sets, number_range, dry=True) + self._lost_hlus(array, lists, dry=True)

    def repair(self, array: str, lists: Lists, number_range: range) -> None:
        """Repair slots and numbers, also of what was forgotten long ago."""
        self._judge(array, lists, self._sets(array, lists) | self._lost_slots(array, lists), number_range, dry=False)
        self._repair_hlus(array, lists)
        self._lost_hlus(array, lists, dry=False)

    def _lost_slots(self, array: str, lists: Lists) -> Sets:
        """Return the sets, all empty, of slots that are held of volumes which are no primaries, or not there."""
        if lists.luns is None:
            return {}
        there = {lun.uid for lun in lists.luns if not lun.is_mount_point}
        held = (f"{kind}:{array}:" for kind in SLOT_KINDS)
        keys = [key for stem in held for key in self._server.held_keys(stem) if key.removeprefix(stem) not in there]
        return {key: [] for key in keys}

    def _lost_hlus(self, array: str, lists: Lists, *, dry: bool) -> tuple[Discrepancy, ...]:
        """Give back host LUN numbers of storage groups that are not there, or (dry) say which."""
        if lists.storage_groups is None:
            return ()
        there = {hlus_key(array, group.name) for group in lists.storage_groups}
        lost = sorted(self._server.held_keys(hlus_key(array, "")) - there)
        parts = [self._server.call("numbers", lists.ticket, key, codec.span(HLUS), [], dry)[0] for key in lost]
        found = [one for part in parts for one in part] if dry else []
        return tuple(Discrepancy(key, member, bool(held)) for key, member, held in found)

    def _sets(self, array: str, lists: Lists) -> Sets:
        """Return who holds each set of slots by lists, before they are taken in."""
        if lists.luns is None:
            return {}
        known = [one.lun for one in self.volumes(array) if one.seen <= lists.begun]
        sets = slots_of_vanished(array, known, lists.luns) | slots_by_luns(array, lists.luns)
        return sets if lists.snapshots is None else sets | slots_by_snapshots(array, lists.luns, lists.snapshots)

    def _judge(
        self, array: str, lists: Lists, sets: Sets, number_range: range, *, dry: bool
    ) -> tuple[Discrepancy, ...]:
        """Repair slots and numbers, or (dry) say what differs, in runs that let others in between."""
        if lists.luns is None:
            return ()
        flat = list(sets.items())
        found: list[Any] = []
        for start in range(0, len(flat), _CHUNK):
            part = flat[start : start + _CHUNK]
            found += self._server.call("repair", lists.ticket, array, self._installation, part, dry)[0]
        used = [lun.number for lun in lists.luns if lun.number in number_range]
        key, span = numbers_key(array), codec.span(number_range)
        found += self._server.call("numbers", lists.ticket, key, span, used, dry)[0]
        return tuple(Discrepancy(key, member, bool(held)) for key, member, held in found) if dry else ()


def _present(stored: str) -> bool:
    """Say whether an entry shows an object; without a document it was seen to be gone."""
    return not stored.endswith("|")


def _number(stored: str) -> int:
    """Return the number of a LUN, or -1 for one that was seen to be gone, without reading all of it."""
    return int(stored.partition("|[")[2].partition(",")[0] or -1)


def _luns(stored: Mapping[str, str]) -> dict[str, Lun]:
    return {name: Lun(*codec.read(one)) for name, one in stored.items() if _present(one)}


def _sighting(stored: str) -> Sighting:
    return Sighting(Lun(*codec.read(stored)), int(stored.partition("|")[0]))
