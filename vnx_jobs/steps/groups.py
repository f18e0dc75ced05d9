"""Consistency groups: made, changed and destroyed, and snapshots of all members at one moment."""

from collections.abc import Callable
from dataclasses import replace

from vnx_jobs.model.array import Group, Snapshot
from vnx_jobs.model.errors import Code
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, GiveUp, GoneGroup, Outcome, Present
from vnx_jobs.model.step import Step

from . import by_hand
from .lists import not_meant, outdated, unread
from .snapshots import destroy_named_if_ours, look_for_named
from .work import JobStep, Reading, Work, destroying, reading


def _members(work: Work) -> tuple[int, ...]:
    """Return the LUN numbers that the job is about."""
    return tuple(int(number) for number in work.fact("members").split(","))


def _known(work: Work) -> Group | None:
    """Return the group as the last list, or the last job on it, showed it."""
    return work.inventory.group(work.job.array, work.job.name)


def _mistaken(work: Work) -> GiveUp | None:
    """Say which volume is not the one that was meant, by the last list; None if all are."""
    meant = zip(work.fact("names").split(","), work.fact("uids").split(","), _members(work), strict=True)
    return next((other for one in meant if (other := not_meant(work, *one)) is not None), None)


def _are_in_no_group(work: Work) -> GiveUp | None:
    taken = {number: group.name for group in work.inventory.groups(work.job.array) for number in group.members}
    names = work.fact("names").split(",")
    for name, number in zip(names, _members(work), strict=True):
        if number in taken:
            return GiveUp(f"{name} is in the consistency group {taken[number]} by now", Code.IN_GROUP)
    return None


def _is_the_group_meant(work: Work) -> GiveUp | None:
    """Say that the group is another one than was meant: a name alone is no identity, and a group has no UID.

    It is known by its members, and by what was written on it when it was made. A job that changes it holds it alone.
    """
    group, facts = _known(work), work.job.facts
    if group is None:
        return GiveUp(f"there is no group {work.job.name} on {work.job.array} any more", Code.NO_SUCH_GROUP)
    meant = _numbers_in(str(facts["group_members"])) if "group_members" in facts else frozenset(group.members)
    description = str(facts.get("description", group.description))
    if (frozenset(group.members), group.description) == (meant, description):
        return None
    return GiveUp(_both(work, group, meant, description), Code.IDENTITY)


def _both(work: Work, group: Group, meant: frozenset[int], description: str) -> str:
    """Show a group beside the one that was meant."""
    names = {one.lun.number: one.lun.name for one in work.inventory.volumes(work.job.array)}

    def shown(numbers: frozenset[int], description: str) -> str:
        members = ", ".join(names.get(one, f"LUN {one}") for one in sorted(numbers)) or "none"
        return f"the members {members}" + (f" and the description {description!r}" if description else "")

    is_so, was_so = shown(frozenset(group.members), group.description), shown(meant, description)
    return f"group {group.name} has {is_so}; the one that was meant has {was_so}"


def _numbers_in(text: str) -> frozenset[int]:
    """Read LUN numbers, divided by commas."""
    return frozenset(int(number) for number in text.split(",") if number)


def _checking(name: str, says: str, *checks: Callable[[Work], GiveUp | None]) -> JobStep:
    """Make a step that judges by lists of LUNs and of groups that were read after all claims were granted."""

    def check(work: Work) -> Reading:
        if waiting := unread(work, "groups"):
            return waiting
        return next((problem for one in checks if (problem := one(work)) is not None), Done())

    return reading(name, says, check, ("luns", "groups"))


check_free_members = _checking(
    "check-free-members",
    "Compare the volumes' UIDs with those that were meant, in shared lists, and see that they are in no group.",
    _mistaken,
    _are_in_no_group,
)

check_members = _checking(
    "check-members",
    "Compare the volumes' UIDs, and the group's members, with those that were meant, in shared lists.",
    _mistaken,
    _is_the_group_meant,
)

check_group = _checking(
    "check-group",
    "Compare the group's members and description with those that were meant, in a shared list of groups.",
    _is_the_group_meant,
)


def _make(work: Work) -> Outcome:
    if (other := outdated(work, "groups") or _mistaken(work)) is not None:
        return other
    work.array.create_group(work.job.name, _members(work), work.mark)
    return Done(made=(Group(work.job.name, tuple(sorted(_members(work))), work.mark),))


def _look_for_made(work: Work) -> Finding:
    """Know it by its mark: another administrator's group may bear the same name."""
    group = work.array.group(work.job.name)
    if group is None:
        return Absent()
    if group.description == work.mark:
        return Present(made=(group,))
    return Broken(f"group {group.name} is not this job's", Code.NAME_IN_USE)


def _destroy_if_ours(work: Work) -> Outcome:
    if isinstance(_look_for_made(work), Present):
        work.array.destroy_group(work.job.name)
    return Done(gone=(GoneGroup(work.job.name),))


make_group: JobStep = Step(
    name="make-group",
    says="Make the consistency group of its members, with this job's mark as its description.",
    do=_make,
    look=_look_for_made,
    undo=_destroy_if_ours,
    undo_says="Destroy the group, if it bears this job's mark.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.group(work.job.name),
        lambda work: isinstance(_look_for_made(work), Present),
    ),
    holds=("group", "volume"),
)


def _destroy(work: Work) -> Outcome:
    if (other := outdated(work, "groups") or _is_the_group_meant(work)) is not None:
        return other
    work.array.destroy_group(work.job.name)
    return Done(gone=(GoneGroup(work.job.name),))


def _look_for_gone(work: Work) -> Finding:
    return Present(gone=(GoneGroup(work.job.name),)) if work.array.group(work.job.name) is None else Absent()


destroy_group = destroying(
    "destroy-group",
    "Destroy the consistency group; its volumes and snapshots stay.",
    _destroy,
    _look_for_gone,
)


def _add(work: Work) -> Outcome:
    if (other := outdated(work, "groups") or _mistaken(work) or _is_the_group_meant(work)) is not None:
        return other
    work.array.add_to_group(work.job.name, _members(work))
    return Done(made=_changed(work, lambda members: members | set(_members(work))))


def _changed(work: Work, change: Callable[[set[int]], set[int]]) -> tuple[Group, ...]:
    """Return the group as it is known, with other members: the job holds it alone."""
    group = _known(work)
    return () if group is None else (replace(group, members=tuple(sorted(change(set(group.members))))),)


def _look_for_added(work: Work) -> Finding:
    group = work.array.group(work.job.name)
    if group is None:
        return Broken(f"group {work.job.name} is gone", Code.NO_SUCH_GROUP)
    return Present(made=(group,)) if set(_members(work)) <= set(group.members) else Absent()


def _take_out_again(work: Work) -> Outcome:
    """Take out what this job put in: its check, made under its claims, showed the volumes to be in no group."""
    if isinstance(_look_for_added(work), Present):
        work.array.remove_from_group(work.job.name, _members(work))
    return Done()


add_members: JobStep = Step(
    name="add-members",
    says="Add the volumes to the consistency group, all or none.",
    do=_add,
    look=_look_for_added,
    undo=_take_out_again,
    undo_says="Take the volumes out of the group again, if they are in it.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.members(work.job.name, work.fact("members")),
        lambda work: isinstance(_look_for_added(work), Present),
    ),
    holds=("group", "volume"),
)


def _remove(work: Work) -> Outcome:
    if (other := outdated(work, "groups") or _mistaken(work) or _is_the_group_meant(work)) is not None:
        return other
    work.array.remove_from_group(work.job.name, _members(work))
    return Done(made=_changed(work, lambda members: members - set(_members(work))))


def _look_for_removed(work: Work) -> Finding:
    group = work.array.group(work.job.name)
    if group is None:
        return Present(gone=(GoneGroup(work.job.name),))
    return Present(made=(group,)) if set(_members(work)).isdisjoint(group.members) else Absent()


remove_members = destroying(
    "remove-members",
    "Take the volumes out of the consistency group, all or none; they stay as they are.",
    _remove,
    _look_for_removed,
    "Nothing: what was taken out stays out, and the job goes forward.",
)


def _take(work: Work) -> Outcome:
    """Snapshot the group, unless it has other members by now: for these no slot is held."""
    name, members = str(work.job.spec["group"]), _members(work)
    known = work.inventory.group(work.job.array, name)
    if known is not None and set(known.members) != set(members):
        return GiveUp(_both(work, known, frozenset(members), known.description), Code.IDENTITY)
    work.array.create_group_snapshot(name, work.job.name, work.mark)
    first, *others = members
    beside = tuple((number, number) for number in others)
    taken = Snapshot(work.job.name, first, first, "", auto_delete=False, description=work.mark)
    return Done(made=(replace(taken, group=name, beside=beside),))


take_group_snapshot: JobStep = Step(
    name="take-group-snapshot",
    says="Take the snapshot of all members at one moment, with this job's mark as its description.",
    do=_take,
    look=look_for_named,
    undo=destroy_named_if_ours,
    undo_says="Destroy the snapshot, if it bears this job's mark.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.snapshot(work.job.name),
        lambda work: isinstance(look_for_named(work), Present),
    ),
    holds=("snapshots", "volume", "snapshot", "group"),
)
