"""Initiators: a host that sees no storage group yet gets one. The step for one path stands once for each of them."""

from dataclasses import dataclass, replace
from typing import Final

from vnx_jobs.model.array import Initiator, StorageGroup
from vnx_jobs.model.errors import Code
from vnx_jobs.model.hosts import UNCONNECTED
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, GiveUp, GoneGroup, Outcome, Present
from vnx_jobs.model.step import Step

from . import by_hand
from .lists import unread
from .mappings import listed, no_group, ports_if_old, unattachable
from .work import JobStep, Reading, Work, reading

MAKE: Final = "make-storage-group"
REGISTER: Final = "register-initiator"
_MAKES: Final = "makes_group"
"""The fact that says whether this job makes the storage group: it is ours to take back then."""


def _group(work: Work) -> str:
    return work.fact("storage_group")


def _host(work: Work) -> str:
    return str(work.job.spec["host"])


@dataclass(frozen=True, slots=True)
class _Path:
    """An initiator, and the front-end port on which it is to be registered."""

    initiator: str
    port: str

    def found(self, group: StorageGroup | None) -> Initiator | None:
        """Return the registration on that port, if the group shows it."""
        paths = () if group is None else group.initiators
        shown = (one for one in paths if one.uid == self.initiator)
        return next((one for one in shown if self.port.startswith(f"{one.sp}-{one.port}v")), None)


def _path(work: Work, place: int) -> _Path:
    return _Path(*work.fact(f"path-{place}").split(" "))


def _paths(work: Work) -> list[_Path]:
    return [_path(work, place) for place in range(work.job.steps.count(REGISTER))]


def _this(work: Work) -> _Path:
    """Return the path of the cursor's step: how often the step stands before the cursor is the path's place."""
    return _path(work, work.job.steps[: work.job.cursor].count(REGISTER))


def _check(work: Work) -> Reading:
    if waiting := unread(work, "storage-groups", *ports_if_old(work)):
        return waiting
    group = listed(work)
    if group is None and MAKE not in work.job.steps:
        return no_group(work)
    if why := _known_meanwhile(work) or _sees_another(work):
        return why
    return unattachable(work, group or StorageGroup(_group(work))) or Done({_MAKES: int(group is None)})


def _known_meanwhile(work: Work) -> GiveUp | None:
    """Leave what others registered alone: what stands before this job's command is not this job's to take back."""
    known = {path.uid for group in work.inventory.storage_groups(work.job.array) for path in group.initiators}
    found = sorted(known & {path.initiator for path in _paths(work)})
    if not found:
        return None
    return GiveUp(f"initiator {found[0]} was registered by somebody else meanwhile: try again", Code.NAME_IN_USE)


def _sees_another(work: Work) -> GiveUp | None:
    """Take no host out of a storage group: it would lose what that shows."""
    for group in work.inventory.storage_groups(work.job.array):
        own = group.name == _group(work) or group.name.startswith(UNCONNECTED)
        if not own and any(path.host == _host(work) for path in group.initiators):
            text = f"{_host(work)} sees the storage group {group.name} by now, and would lose what that shows"
            return GiveUp(text, Code.NOT_SUPPORTED)
    return None


check_new_host = reading(
    "check-new-host",
    "See that the host sees no other storage group, that nobody knows its new initiators, "
    "and that the volumes are those that were meant and may be attached so.",
    _check,
    lists=("luns", "storage-groups"),
)


def _make(work: Work) -> Outcome:
    if not work.fact_number(_MAKES):
        return Done()
    work.array.create_storage_group(_group(work))
    return Done(made=(StorageGroup(_group(work)),))


def _look_for_made(work: Work) -> Finding:
    """Know it by being empty: a storage group bears no mark, and under the claim there was none of its name."""
    group = work.array.storage_group(_group(work))
    if not work.fact_number(_MAKES):
        return (
            Broken(f"there is no storage group {_group(work)} any more", Code.NO_SUCH_HOST)
            if group is None
            else Present()
        )
    if group is None:
        return Absent()
    if group.luns or group.initiators:
        return Broken(f"storage group {group.name} was made by somebody else meanwhile", Code.NAME_IN_USE)
    return Present(made=(group,))


def _destroy_if_ours(work: Work) -> Outcome:
    if not work.job.facts.get(_MAKES):
        return Done()
    match _look_for_made(work):
        case Broken(why):
            return GiveUp(f"{why}, or is in use: it is not taken away", Code.IDENTITY)
        case Present():
            work.array.destroy_storage_group(_group(work))
    return Done(gone=(GoneGroup(_group(work), "storage-groups"),))


def _group_by_hand(work: Work) -> tuple[str, ...]:
    if not work.job.facts.get(_MAKES):
        return ()
    return by_hand.unless_gone(
        lambda at: by_hand.storage_group(_group(at)), lambda at: at.array.storage_group(_group(at)) is not None
    )(work)


make_storage_group: JobStep = Step(
    name=MAKE,
    says="Make the host's storage group, unless it stands already.",
    do=_make,
    look=_look_for_made,
    undo=_destroy_if_ours,
    undo_says="Destroy it, if this job made it and nobody uses it.",
    by_hand=_group_by_hand,
    holds=("storage-group",),
)


def _connect(work: Work) -> Outcome:
    work.array.connect_host(_group(work), _host(work))
    return Done()


def _connected(work: Work) -> StorageGroup | None:
    """Return the storage group if it shows the host."""
    group = work.array.storage_group(_group(work))
    return group if group is not None and any(path.host == _host(work) for path in group.initiators) else None


def _look_for_connected(work: Work) -> Finding:
    return Absent() if _connected(work) is None else Present()


def _disconnect(work: Work) -> Outcome:
    group = _connected(work)
    if group is None:
        return Done()
    work.array.disconnect_host(group.name, _host(work))
    left = tuple(path for path in group.initiators if path.host != _host(work))
    return Done(made=(replace(group, initiators=left),))


connect_host: JobStep = Step(
    name="connect-host",
    says="Let the host, which the array knows and which sees no storage group, see this one.",
    do=_connect,
    look=_look_for_connected,
    undo=_disconnect,
    undo_says="Let it see the group no longer; before, it saw none.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.connection(_group(work), _host(work)), lambda work: _connected(work) is not None
    ),
    holds=("storage-group",),
)


def _register(work: Work) -> Outcome:
    path = _this(work)
    port = next((one for one in work.inventory.ports(work.job.array) if one.name == path.port), None)
    if port is None:
        return GiveUp(f"{work.job.array} has no front-end port {path.port} any more", Code.NOT_SUPPORTED)
    work.array.set_path(_group(work), _host(work), path.initiator, port)
    return Done()


def _look_for_registered(work: Work) -> Finding:
    group = work.array.storage_group(_group(work))
    if group is None:
        return Broken(f"there is no storage group {_group(work)} any more", Code.NO_SUCH_HOST)
    found = _this(work).found(group)
    if found is None:
        return Absent()
    if found.host != _host(work):
        return Broken(f"initiator {found.uid} is registered as one of host {found.host}", Code.NAME_IN_USE)
    return Present()


def _forget_if_ours(work: Work) -> Outcome:
    """Forget the initiator on all its ports at once: nobody knew it before this job."""
    group = work.array.storage_group(_group(work))
    found = _this(work).found(group)
    if group is None or found is None or found.host != _host(work):
        return Done()
    work.array.remove_initiator(found.uid)
    left = tuple(path for path in group.initiators if path.uid != found.uid)
    return Done(made=(replace(group, initiators=left),))


def _initiator_by_hand(work: Work) -> tuple[str, ...]:
    """Name each initiator once, at the first of its paths."""
    path = _this(work)
    if next(one for one in _paths(work) if one.initiator == path.initiator) != path:
        return ()
    return by_hand.unless_gone(lambda _: by_hand.initiator(path.initiator, _host(work)), _is_registered)(work)


def _is_registered(work: Work) -> bool:
    group = work.array.storage_group(_group(work))
    return group is not None and any(path.uid == _this(work).initiator for path in group.initiators)


register_initiator: JobStep = Step(
    name=REGISTER,
    says="Register the initiator as one of the host's, on one front-end port.",
    do=_register,
    look=_look_for_registered,
    undo=_forget_if_ours,
    undo_says="Forget the initiator, which nobody knew before, on all its ports.",
    by_hand=_initiator_by_hand,
    holds=("storage-group",),
)


def _learn(work: Work) -> Reading:
    if waiting := unread(work, "storage-groups"):
        return waiting
    group = listed(work)
    paths = () if group is None else group.initiators
    missing = [path.initiator for path in _paths(work) if path.found(group) is None]
    if missing or all(path.host != _host(work) for path in paths):
        who = f"initiator {missing[0]} of {_host(work)}" if missing else _host(work)
        return GiveUp(f"storage group {_group(work)} shows {who} no more: somebody else took it out", Code.IDENTITY)
    return Done()


learn_paths = reading(
    "learn-paths",
    "Read from the shared list of storage groups on which ports the host is registered by now.",
    _learn,
    lists=("luns", "storage-groups"),
)
