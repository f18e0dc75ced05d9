"""What one request of the load is about: a kind drawn by its weight, and the objects that earlier requests make."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

SOURCES: Final = ("src-1", "src-2", "src-3")
"""Volumes of another administrator, with bytes in them, that most copies are made of."""
CROWDED: Final = "src-crowded"
"""One that has nearly as many snapshots as the array allows."""
HOST: Final = "esx"
"""A host of another administrator, with a storage group of its name that shows nothing yet."""
_KINDS: Final = {
    "snap-copy": 28,
    "create-volume": 15,
    "clone": 10,
    "create-snapshot": 12,
    "snap-copy-of-snapshot": 6,
    "clone-of-snapshot": 4,
    "delete-volume": 14,
    "delete-snapshot": 6,
    "restore-snapshot": 4,
    "extend-volume": 4,
    "rename-volume": 4,
    "migrate-volume": 4,
    "promote-volume": 4,
    "attach-volume": 5,
    "detach-volume": 4,
    "create-group": 4,
    "create-group-snapshot": 5,
    "delete-group-snapshot": 3,
    "delete-group": 3,
}
_MAKERS: Final = {
    "delete-snapshot": "create-snapshot",
    "restore-snapshot": "create-snapshot",
    "snap-copy-of-snapshot": "create-snapshot",
    "clone-of-snapshot": "create-snapshot",
    "promote-volume": "snap-copy",
    "detach-volume": "attach-volume",
    "create-group-snapshot": "create-group",
    "delete-group": "create-group",
    "delete-group-snapshot": "create-group-snapshot",
}
"""What is asked for instead while there is nothing to do it to; else an empty volume."""
_CHANGES: Final = ("extend-volume", "rename-volume", "migrate-volume", "attach-volume")
"""What is done to empty volumes."""
Fields: TypeAlias = tuple[dict[str, Any], tuple[int, ...]]
"""A request's fields, and the requests that made what it is about."""


def _names() -> dict[str, int]:
    return {}


@dataclass(slots=True)
class Drawing:
    """What was drawn so far: which request made each object. What is done to a volume is done to it once."""

    random: random.Random
    crowded: bool
    volumes: dict[str, int] = field(default_factory=_names)
    snapshots: dict[str, int] = field(default_factory=_names)
    snapshot_of: dict[str, str] = field(default_factory=dict)
    copies: dict[str, int] = field(default_factory=_names)
    empty: dict[str, dict[str, int]] = field(default_factory=dict)
    """By operation, the empty volumes to which it was not done yet."""
    attached: dict[str, int] = field(default_factory=_names)
    groups: dict[str, int] = field(default_factory=_names)
    group_snapshots: dict[str, int] = field(default_factory=_names)

    def fields(self, number: int) -> Fields:
        """Draw one request."""
        kind = self.random.choices(list(_KINDS), list(_KINDS.values()))[0]
        while not self._can(kind):
            kind = _MAKERS.get(kind, "create-volume")
        return self._draws.get(kind, self._copying)(number, kind)

    @property
    def _draws(self) -> Mapping[str, Callable[[int, str], Fields]]:
        """How each kind is drawn; those that are not here make copies."""
        return {
            **dict.fromkeys(("delete-volume", "promote-volume", "delete-snapshot"), self._deleting),
            **dict.fromkeys(_CHANGES, self._changing),
            **dict.fromkeys((kind for kind in _KINDS if "group" in kind), self._grouping),
            "restore-snapshot": self._restoring,
            "detach-volume": self._detaching,
            "create-snapshot": self._snapshotting,
            "create-volume": self._creating,
        }

    def _can(self, kind: str) -> bool:
        """Say whether there is anything to do it to."""
        needed = {
            "delete-volume": self.volumes,
            "promote-volume": self.copies,
            "detach-volume": self.attached,
            "create-group-snapshot": self.groups,
            "delete-group": self.groups,
            "delete-group-snapshot": self.group_snapshots,
            **{change: self.empty.get(change, {}) for change in _CHANGES},
        }
        if kind in {"create-volume", "create-snapshot", "create-group", "snap-copy", "clone"}:
            return True
        return bool(needed.get(kind, self.snapshots))

    def _of(self, kind: str, made: dict[str, int], *, take: bool = False) -> Fields:
        """Ask for something to be done to one of the objects; one that is taken is done for."""
        name = self.random.choice(list(made))
        after = (made[name],)
        if take:
            self._forget(name, made)
        return {"operation": kind, "name": name}, after

    def _forget(self, name: str, made: dict[str, int]) -> None:
        """Ask for nothing more of an object; a volume that is deleted is nothing else either."""
        del made[name]
        if made is self.volumes:
            for others in (self.copies, *self.empty.values()):
                others.pop(name, None)

    def _deleting(self, _: int, kind: str) -> Fields:
        made = {"delete-volume": self.volumes, "promote-volume": self.copies, "delete-snapshot": self.snapshots}
        return self._of(kind, made[kind], take=True)

    def _restoring(self, _: int, kind: str) -> Fields:
        fields, after = self._of(kind, self.snapshots)
        return fields | {"volume": self.snapshot_of[fields["name"]]}, after

    def _detaching(self, _: int, kind: str) -> Fields:
        fields, after = self._of(kind, self.attached, take=True)
        return {"operation": kind, "volumes": [fields["name"]], "host": HOST}, after

    def _snapshotting(self, number: int, _: str) -> Fields:
        name = f"snap-{number:05}"
        self.snapshots[name], self.snapshot_of[name] = number, self._source()
        return {"operation": "create-snapshot", "name": name, "volume": self.snapshot_of[name]}, ()

    def _creating(self, number: int, _: str) -> Fields:
        thin, size = self.random.choice(("thin", "thick")), self.random.choice((1, 2))
        made = {"operation": "create-volume", "size_gb": size, "pool": "pool_1", "provisioning": thin}
        fields, after = self._making(number, made, ())
        for kind in _CHANGES:
            self.empty.setdefault(kind, {})[fields["name"]] = number
        return fields, after

    def _changing(self, number: int, kind: str) -> Fields:
        """Ask for a change of an empty volume; a new name counts from then on."""
        fields, after = self._of(kind, self.empty[kind])
        name = fields["name"]
        del self.empty[kind][name]
        match kind:
            case "extend-volume":
                return fields | {"size_gb": self.random.choice((3, 4))}, after
            case "migrate-volume":
                return fields | {"pool": "pool_2", "rate": "high"}, after
            case "attach-volume":
                self.attached[name] = number
                mode = self.random.choice(("ro", "rw"))
                return {"operation": kind, "volumes": [name], "host": HOST, "mode": mode}, after
            case _:
                new = f"renamed-{number:05}"
                for made in (self.volumes, self.attached, *self.empty.values()):
                    if name in made:
                        del made[name]
                        made[new] = number
                return fields | {"new_name": new}, after

    def _grouping(self, number: int, kind: str) -> Fields:
        match kind:
            case "create-group":
                name = f"group-{number:05}"
                self.groups[name] = number
                members = self.random.sample(SOURCES, self.random.choice((1, 1, 2)))
                return {"operation": kind, "name": name, "members": members}, ()
            case "create-group-snapshot":
                fields, after = self._of(kind, self.groups)
                name = f"moment-{number:05}"
                self.group_snapshots[name] = number
                return {"operation": kind, "name": name, "group": fields["name"]}, after
            case "delete-group":
                return self._of(kind, self.groups, take=True)
            case _:
                return self._of(kind, self.group_snapshots, take=True)

    def _copying(self, number: int, kind: str) -> Fields:
        asked = {"operation": kind.removesuffix("-of-snapshot"), "on_limit": self.random.choice(("wait", "refuse"))}
        if kind.endswith("-of-snapshot"):
            snapshot = self.random.choice(list(self.snapshots))
            return self._making(number, asked | {"snapshot": snapshot}, (self.snapshots[snapshot],))
        made = self._making(number, asked | {"source": self._source()}, ())
        if kind == "snap-copy":
            self.copies[made[0]["name"]] = number
        return made

    def _making(self, number: int, fields: dict[str, Any], after: tuple[int, ...]) -> Fields:
        name = f"vol-{number:05}"
        self.volumes[name] = number
        return fields | {"name": name}, after

    def _source(self) -> str:
        sources = (*SOURCES, CROWDED) if self.crowded else SOURCES
        return self.random.choice(sources)
