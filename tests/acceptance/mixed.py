"""A mixed load that nothing disturbs, and the simple model that says what stands when it is over."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

GB: Final = 1
HOST: Final = "esx"
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
    "copy-snapshot": ("snap -copy", "snap -modify"),
    "restore-snapshot": ("snap -restore",),
    "extend-volume": ("lun -expand",),
    "rename-volume": ("lun -modify",),
    "set-readonly": (),
    "migrate-volume": ("lun -create", "migrate -start"),
    "promote-volume": ("lun -create", "migrate -start", "snap -destroy"),
    "attach-volume": ("storagegroup -addhlu",),
    "detach-volume": ("storagegroup -removehlu",),
    "create-group": ("snap -group",),
    "delete-group": ("snap -group",),
    "create-group-snapshot": ("snap -create",),
    "delete-group-snapshot": ("snap -destroy",),
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
    larger: set[str] = field(default_factory=set)
    """Volumes of twice the size."""
    moved: set[str] = field(default_factory=set)
    """Volumes that lie in the other pool."""
    attached: set[str] = field(default_factory=set)
    protected: set[str] = field(default_factory=set)
    groups: dict[str, str] = field(default_factory=dict)
    """Consistency groups, each with the source that is its member."""
    grouped: set[str] = field(default_factory=set)
    """Sources that were in a group that some request deletes."""
    backups: Counter[str] = field(default_factory=Counter)
    """How many backups restores have left, by source."""
    touched: set[str] = field(default_factory=set)
    """What some request changes, copies or deletes: nothing but `after` would say that another one comes later."""
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
    if single := [one for one in model.snapshots if not one.startswith("moment")]:
        snapshot = dice.choice(single)
        model.touched.add(snapshot)
        model.copies[name], model.volumes[name] = model.snapshots[snapshot]
        model.ask("snap-copy-of-snapshot", operation="snap-copy", name=name, snapshot=snapshot)


def _clone_of_snapshot(model: Model, name: str, dice: random.Random) -> None:
    if single := [one for one in model.snapshots if not one.startswith("moment")]:
        snapshot = dice.choice(single)
        model.touched.add(snapshot)
        model.volumes[name] = model.snapshots[snapshot][1]
        model.ask("clone-of-snapshot", operation="clone", name=name, snapshot=snapshot)


def _empty(model: Model, name: str, _: random.Random) -> None:
    model.volumes[name] = ""
    model.ask("create-volume", operation="create-volume", name=name, size_gb=GB, pool="pool_1")


def _untouched(model: Model, things: Iterable[str], dice: random.Random) -> str | None:
    """Choose something of which nothing else is asked, and touch it."""
    idle = sorted(set(things) - model.touched - set(model.sources))
    if not idle:
        return None
    name = dice.choice(idle)
    model.touched.add(name)
    return name


def _delete_volume(model: Model, _: str, dice: random.Random) -> None:
    if name := _untouched(model, model.volumes, dice):
        del model.volumes[name]
        runs = "delete-volume" if model.copies.pop(name, None) is None else "delete-snap-copy"
        model.ask(runs, operation="delete-volume", name=name)


def _delete_snapshot(model: Model, _: str, dice: random.Random) -> None:
    if name := _untouched(model, model.snapshots, dice):
        del model.snapshots[name]
        runs = "delete-group-snapshot" if name.startswith("moment") else "delete-snapshot"
        model.ask(runs, operation=runs, name=name)


def _copy_snapshot(model: Model, name: str, dice: random.Random) -> None:
    single = [one for one in model.snapshots if not one.startswith("moment")]
    if single:
        snapshot = dice.choice(single)
        model.touched.add(snapshot)
        model.snapshots[name] = model.snapshots[snapshot]
        model.ask("copy-snapshot", operation="copy-snapshot", name=name, snapshot=snapshot)


def _restore(model: Model, _: str, dice: random.Random) -> None:
    single = [one for one in model.snapshots if not one.startswith("moment")]
    if single:
        snapshot = dice.choice(single)
        model.touched.add(snapshot)
        source = model.snapshots[snapshot][0]
        model.backups[source] += 1
        model.ask("restore-snapshot", operation="restore-snapshot", name=snapshot, volume=source)


def _change(model: Model, _: str, dice: random.Random) -> None:
    """Change an empty volume in one way."""
    name = _untouched(model, [one for one, held in model.volumes.items() if not held], dice)
    if name is None:
        return
    match dice.choice(("extend", "rename", "protect", "migrate", "attach")):
        case "extend":
            model.larger.add(name)
            model.ask("extend-volume", operation="extend-volume", name=name, size_gb=2 * GB)
        case "rename":
            model.volumes[f"new-{name}"] = model.volumes.pop(name)
            model.touched.add(f"new-{name}")
            model.ask("rename-volume", operation="rename-volume", name=name, new_name=f"new-{name}")
        case "protect":
            model.protected.add(name)
            model.ask("set-readonly", operation="set-readonly", name=name, readonly="true")
        case "migrate":
            model.moved.add(name)
            model.ask("migrate-volume", operation="migrate-volume", name=name, pool="pool_2", rate="high")
        case _:
            model.attached.add(name)
            model.ask("attach-volume", operation="attach-volume", volumes=[name], host=HOST, mode="rw")


def _promote(model: Model, _: str, dice: random.Random) -> None:
    if name := _untouched(model, model.copies, dice):
        del model.copies[name]
        model.ask("promote-volume", operation="promote-volume", name=name)


def _group(model: Model, name: str, dice: random.Random) -> None:
    """Put a source into a group, or snapshot or delete a group."""
    alone = sorted(set(model.sources) - {*model.groups.values(), *model.grouped})
    group = _untouched(model, model.groups, dice) if dice.random() < 0.5 else None
    if group is None and alone:
        model.groups[f"group-{name}"] = dice.choice(alone)
        members = [model.groups[f"group-{name}"]]
        model.ask("create-group", operation="create-group", name=f"group-{name}", members=members)
    elif group is not None and dice.random() < 0.7:
        source = model.groups[group]
        model.snapshots[f"moment-{name}"] = source, model.volumes[source]
        model.ask("create-group-snapshot", operation="create-group-snapshot", name=f"moment-{name}", group=group)
    elif group is not None:
        model.grouped.add(model.groups.pop(group))
        model.ask("delete-group", operation="delete-group", name=group)


def detach(model: Model) -> None:
    """Ask for the end of every attachment."""
    for name in sorted(model.attached):
        model.ask("detach-volume", operation="detach-volume", volumes=[name], host=HOST)
    model.attached.clear()


_KINDS: Final[Mapping[str, Callable[[Model, str, random.Random], None]]] = {
    "snap copy": _snap_copy,
    "full clone": _clone,
    "snapshot": _snapshot,
    "snap copy of a snapshot": _copy_of_snapshot,
    "full clone of a snapshot": _clone_of_snapshot,
    "empty volume": _empty,
    "end of a volume": _delete_volume,
    "end of a snapshot": _delete_snapshot,
    "copy of a snapshot": _copy_snapshot,
    "restore": _restore,
    "change of an empty volume": _change,
    "promotion": _promote,
    "consistency group": _group,
}
