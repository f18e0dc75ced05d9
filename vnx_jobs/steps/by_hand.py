"""By hand: the lines that tell a person what of a stuck job is on the array, and the command that removes it."""

import shlex
from collections.abc import Callable

from vnx_jobs.model.errors import ArrayError

from .work import Work


def lun(number: int, name: str) -> str:
    """Return the line of a LUN."""
    return _line(f"LUN {number} {name}", f"lun -destroy -l {number} -o")


def mount_point(number: int, name: str) -> str:
    """Return the line of a mount point, whatever is attached to it."""
    return _line(f"mount point {number} {name}", f"lun -destroy -l {number} -forceDetach -o")


def snapshot(name: str) -> str:
    """Return the line of a snapshot."""
    return _line(f"snapshot {name}", f"snap -destroy -id {shlex.quote(name)} -o")


def group(name: str) -> str:
    """Return the line of a consistency group."""
    return _line(f"consistency group {name}", f"snap -group -destroy -id {shlex.quote(name)}")


def members(group: str, numbers: str) -> str:
    """Return the line of LUNs, divided by commas, that were put into a consistency group."""
    what = f"LUN {numbers} in consistency group {group}"
    return _line(what, f"snap -group -rmmember -id {shlex.quote(group)} -res {numbers}")


def migration(source: int, destination: int) -> str:
    """Return the line of a migration session."""
    return _line(f"migration of LUN {source} onto LUN {destination}", f"migrate -cancel -source {source} -o")


def mapping(group: str, hlu: int, number: int) -> str:
    """Return the line of a volume that a storage group shows."""
    what = f"mapping of LUN {number} in storage group {group}"
    return _line(what, f"storagegroup -removehlu -hlu {hlu} -gname {shlex.quote(group)} -o")


def storage_group(name: str) -> str:
    """Return the line of a storage group."""
    return _line(f"storage group {name}", f"storagegroup -destroy -gname {shlex.quote(name)} -o")


def connection(group: str, host: str) -> str:
    """Return the line of a host that sees a storage group."""
    words = f"-host {shlex.quote(host)} -gname {shlex.quote(group)}"
    return _line(f"host {host} in storage group {group}", f"storagegroup -disconnecthost {words} -o")


def initiator(uid: str, host: str) -> str:
    """Return the line of an initiator."""
    return _line(f"initiator {uid} of host {host}", f"port -removeHBA -hbauid {uid} -o")


def new_name(number: int, name: str, old: str) -> str:
    """Return the line of a LUN that bears a new name."""
    return _line(f"LUN {number} {name}, which was {old}", f"lun -modify -l {number} -newName {shlex.quote(old)} -o")


def name_to_take(number: int, old: str, name: str) -> str:
    """Return the line of a LUN that is to bear a name and does not bear it yet."""
    return _line(
        f"LUN {number} {old}, which holds all of {name}", f"lun -modify -l {number} -newName {shlex.quote(name)} -o"
    )


def _line(what: str, command: str) -> str:
    return f"{what}: naviseccli {command}"


def unless_gone(line: Callable[[Work], str], stands: Callable[[Work], bool]) -> Callable[[Work], tuple[str, ...]]:
    """Give the line unless the array shows that its object is gone: what cannot be read is named. Costs one read."""

    def lines(work: Work) -> tuple[str, ...]:
        try:
            there = stands(work)
        except ArrayError:
            there = True
        return (line(work),) if there else ()

    return lines
