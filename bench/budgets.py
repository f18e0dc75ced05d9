"""Array commands of each operation, from the array's own audit log, beside what they may cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from bench.figures import Figure
from bench.stage import NEVER, Site

TITLE: Final = "Array commands of an operation"
ABOUT: Final = (
    "Counted in the simulated array's audit log, three undisturbed jobs of a kind at a time. A job's own commands "
    "are held to a bar; lists of the whole array, which one watch reads for all jobs that wait for one, stand "
    "beside them."
)
_COPY: Final = {"source": "gold"}
_LEFT: Final = "vjb-01ARZ3NDEKTSV4RRFFQ69G5FAV-"
"""What the names of objects begin with that a job left of which no record tells."""
_NEW_HOST: Final = {"host": "new-{}", "initiators": "iqn.1993-08.org.debian:01:{}", "ports": "A-4,B-4"}
_SMALL: Final = {"size_gb": "1", "pool": "pool_1", "provisioning": "compressed"}
BUDGETS: Final[tuple[tuple[str, int, str, dict[str, str]], ...]] = (
    ("create a volume", 2, "create-volume", {"name": "new-{}", "size_gb": "1", "pool": "pool_1"}),
    ("snap copy of a volume", 3, "snap-copy", {"name": "copy-{}", **_COPY}),
    ("create a snapshot", 1, "create-snapshot", {"name": "image-{}", "volume": "gold"}),
    ("create a compressed volume", 2, "create-volume", {"name": "small-{}", **_SMALL}),
    ("extend a volume", 1, "extend-volume", {"name": "new-{}", "size_gb": "2"}),
    ("mark a volume read-only", 0, "set-readonly", {"name": "new-{}", "readonly": "true"}),
    ("snap copy of a snap copy", 3, "snap-copy", {"name": "leaf-{}", "source": "copy-{}"}),
    ("copy a snapshot", 2, "copy-snapshot", {"name": "second-{}", "snapshot": "image-{}"}),
    ("snap copy of a snapshot", 4, "snap-copy", {"name": "branch-{}", "snapshot": "image-{}"}),
    ("full clone of a volume", 9, "clone", {"name": "twin-{}", **_COPY}),
    ("migrate a volume", 5, "retype-volume", {"name": "new-{}", "provisioning": "thin"}),
    ("promote a snap copy", 6, "promote-volume", {"name": "branch-{}"}),
    ("delete a snap copy", 2, "delete-volume", {"name": "copy-{}"}),
    ("restore a volume", 1, "restore-snapshot", {"name": "image-{}", "volume": "gold"}),
    ("delete a snapshot", 1, "delete-snapshot", {"name": "image-{}"}),
    ("create a group", 1, "create-group", {"name": "group-{}", "members": "new-{}"}),
    ("add to a group", 1, "add-to-group", {"name": "group-{}", "members": "twin-{}"}),
    ("create a group's snapshot", 1, "create-group-snapshot", {"name": "frozen-{}", "group": "group-{}"}),
    ("full clone of a group's member", 9, "clone", {"name": "set-{}", "snapshot": "frozen-{}", "member": "new-{}"}),
    ("delete a group's snapshot", 1, "delete-group-snapshot", {"name": "frozen-{}"}),
    ("remove from a group", 1, "remove-from-group", {"name": "group-{}", "members": "twin-{}"}),
    ("delete a group", 1, "delete-group", {"name": "group-{}"}),
    ("attach a volume", 2, "attach-volume", {"volumes": "twin-{}", "host": "esx", "mode": "rw"}),
    ("detach a volume", 1, "detach-volume", {"volumes": "twin-{}", "host": "esx"}),
    ("attach a volume to a new host", 4, "attach-volume", {"volumes": "twin-{}", "mode": "rw", **_NEW_HOST}),
    ("detach a volume from it", 1, "detach-volume", {"volumes": "twin-{}", "host": "new-{}"}),
    ("rename a volume", 1, "rename-volume", {"name": "twin-{}", "new_name": "old-{}"}),
    ("adopt a LUN under a new name", 1, "manage-volume", {"existing": "old-{}", "name": "twin-{}"}),
    ("delete a volume", 1, "delete-volume", {"name": "twin-{}"}),
    ("reconcile an array", 0, "reconcile", {}),
    ("let a volume go", 0, "unmanage-volume", {"name": "new-{}"}),
    ("clean up a snapshot", 1, "clean-up", {"name": f"{_LEFT}snap{{}}"}),
    ("clean up a LUN", 1, "clean-up", {"kind": "lun", "name": f"{_LEFT}target{{}}"}),
)
"""What each operation may cost of its own, in the order in which they run: later ones need what earlier ones make."""
_JOBS: Final = 3
_LISTS: Final = (
    ("lun", "-list"),
    ("snap", "-list"),
    ("snap", "-group", "-list"),
    ("migrate", "-list"),
    ("storagepool", "-list"),
    ("storagegroup", "-list"),
    ("port", "-list"),
    ("connection", "-getport"),
)


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Run every operation."""
    figures = []
    with Site(folder, speed=20, times={"idle_refresh": NEVER}) as site:
        site.create_source("gold")
        site.admin("storagegroup", "-create", "-gname", "esx")
        _leave_behind(site)
        site.worker("worker", 2)
        site.know("gold")
        for what, budget, operation, fields in BUDGETS[:3] if quick else BUDGETS:
            logged = len(site.log())
            named = [{name: text.format(number) for name, text in fields.items()} for number in range(_JOBS)]
            site.succeed([site.submit(operation, **one) for one in named])
            commands = [entry["argv"] for entry in site.log()[logged:]]
            shared = sum(map(_is_shared, commands))
            own = (len(commands) - shared) / _JOBS
            figures.append(Figure(f"{what}, own commands a job", own, at_most=budget))
            figures.append(Figure(f"{what}, lists for all {_JOBS}", shared))
    return figures


def _leave_behind(site: Site) -> None:
    """Put on the array what jobs of long ago could have left: a snapshot and a LUN for each job."""
    for number in range(_JOBS):
        site.admin("snap", "-create", "-res", site.number("gold"), "-name", f"{_LEFT}snap{number}")
        size = ("-type", "Thin", "-capacity", "1", "-sq", "gb", "-poolName", "pool_1")
        site.admin("lun", "-create", *size, "-l", str(59_990 + number), "-name", f"{_LEFT}target{number}")


def _is_shared(words: list[Any]) -> bool:
    """Say whether a command lists all objects of a kind, and not one of them."""
    one = {"-l", "-name", "-id", "-res", "-source"}
    return any(tuple(words[: len(begin)]) == begin for begin in _LISTS) and not one & set(words)
