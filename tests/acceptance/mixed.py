"""A mixed load that nothing disturbs, and the simple model that says what stands when it is over."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

GB: Final = 1
_BRANCH: Final = ("lun -create", "lun -attach")
_ONTO: Final = (*_BRANCH, "lun -create", "migrate -start", "snap -destroy")
WRITES: Final = {
    "create-volume": ("lun -create",),
    "create-snapshot": ("snap -create",),
    "snap-copy": ("snap -create", *_BRANCH),
    "snap-copy-of-snapshot": ("snap -copy", "snap -modify", *_BRANCH),
    "clone": ("snap -create", *_ONTO),
    "clone-of-snapshot": ("snap -copy", "snap -modify", *_ONTO),
    "delete-snap-copy": ("lun -destroy", "snap -destroy"),
    "delete-volume": ("lun -destroy",),
    "delete-snapshot": ("snap -destroy",),
}
"""Changing array commands of each operation, written by hand."""


@dataclass
class Model:
    """One array as it should be: what each volume and snapshot holds, and what has been asked for."""

    volumes: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    """Snap copies, each with its source."""
    snapshots: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Each with its source and what it holds."""
    sources: list[str] = field(default_factory=list)
    copied: set[str] = field(default_factory=set)
    """Snapshots that some request copies: nothing but `after` would say that their deletion comes later."""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """The operation that each request runs, and the request."""

    def ask(self, runs: str, **request: Any) -> None:
        """Note a request, in the order in which it is to be submitted."""
        self.asked.append((runs, request))

    @property
    def writes(self) -> Counter[str]:
        """How often each changing command is needed for all that was asked for."""
        return Counter(words for runs, _ in self.asked for words in WRITES[runs])


def sources(model: Model, count: int) -> None:
    """Ask for so many volumes to copy."""
    for number in range(count):
        name = f"source-{number}"
        model.sources.append(name)
        model.volumes[name] = f"what {name} holds"
        model.ask("create-volume", operation="create-volume", name=name, size_gb=GB, pool="pool_1", provisioning="thin")


def mix(model: Model, count: int, dice: random.Random) -> None:
    """Ask for so many jobs more, of every kind, whatever stands by then being named by later ones."""
    while len(model.asked) < count:
        name = f"thing-{len(model.asked)}"
        _KINDS[dice.choice(list(_KINDS))](model, name, dice)


def _snap_copy(model: Model, name: str, dice: random.Random) -> None:
    source = dice.choice(model.sources)
    model.volumes[name], model.copies[name] = model.volumes[source], source
    model.ask("snap-copy", operation="snap-copy", name=name, source=source)


def _clone(model: Model, name: str, dice: random.Random) -> None:
    source = dice.choice(model.sources)
    model.volumes[name] = model.volumes[source]
    model.ask("clone", operation="clone", name=name, source=source)


def _snapshot(model: Model, name: str, dice: random.Random) -> None:
    source = dice.choice(model.sources)
    model.snapshots[name] = source, model.volumes[source]
    model.ask("create-snapshot", operation="create-snapshot", name=name, volume=source)


def _copy_of_snapshot(model: Model, name: str, dice: random.Random) -> None:
    if model.snapshots:
        snapshot = dice.choice(list(model.snapshots))
        model.copied.add(snapshot)
        model.copies[name], model.volumes[name] = model.snapshots[snapshot]
        model.ask("snap-copy-of-snapshot", operation="snap-copy", name=name, snapshot=snapshot)


def _clone_of_snapshot(model: Model, name: str, dice: random.Random) -> None:
    if model.snapshots:
        snapshot = dice.choice(list(model.snapshots))
        model.copied.add(snapshot)
        model.volumes[name] = model.snapshots[snapshot][1]
        model.ask("clone-of-snapshot", operation="clone", name=name, snapshot=snapshot)


def _empty(model: Model, name: str, _: random.Random) -> None:
    model.volumes[name] = ""
    model.ask("create-volume", operation="create-volume", name=name, size_gb=GB, pool="pool_1")


def _delete_volume(model: Model, _: str, dice: random.Random) -> None:
    ends = sorted(model.volumes.keys() - set(model.sources))
    if ends:
        name = dice.choice(ends)
        del model.volumes[name]
        runs = "delete-volume" if model.copies.pop(name, None) is None else "delete-snap-copy"
        model.ask(runs, operation="delete-volume", name=name)


def _delete_snapshot(model: Model, _: str, dice: random.Random) -> None:
    idle = sorted(model.snapshots.keys() - model.copied)
    if idle:
        name = dice.choice(idle)
        del model.snapshots[name]
        model.ask("delete-snapshot", operation="delete-snapshot", name=name)


_KINDS: Final[Mapping[str, Callable[[Model, str, random.Random], None]]] = {
    "snap copy": _snap_copy,
    "full clone": _clone,
    "snapshot": _snapshot,
    "snap copy of a snapshot": _copy_of_snapshot,
    "full clone of a snapshot": _clone_of_snapshot,
    "empty volume": _empty,
    "end of a volume": _delete_volume,
    "end of a snapshot": _delete_snapshot,
}
