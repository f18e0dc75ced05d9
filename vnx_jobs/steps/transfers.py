"""Transfers: what a job has its backup host do, and what becomes of it. No array command."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.backup import Label
from vnx_jobs.model.condition import TransferOver
from vnx_jobs.model.errors import Code
from vnx_jobs.model.hosts import Connection
from vnx_jobs.model.keys import EVERY_KIND
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, GiveUp, NotYet, Outcome, Present, Underway
from vnx_jobs.model.step import Step
from vnx_jobs.model.transfer import Asked, Direction, Failed, Moved, Running, Standing, Transfer

from .backup_devices import device_name, device_uid, instant, places
from .lists import unread
from .mappings import listed, ports_if_old, targets
from .work import JobStep, Reading, Work, nothing, nothing_left, reading

_LOOK_AGAIN: Final = 20.0
"""Seconds after which a job looks by itself whether its copier lives: a little more than a copier's lease."""
_STOPPING: Final = 5.0
"""Seconds between two looks at a copier that was told to stop."""


def label_of(work: Work, at: int) -> Label:
    """Return what the archive is to say of itself, or says; a backup's own digest is not known before its end."""
    if (said := work.job.facts.get(f"label-{at}")) is not None:
        return Label.from_json(str(said))
    volume, uid, size = work.fact(f"volume-{at}"), work.fact(f"uid-{at}"), work.fact_number(f"size-{at}")
    group = str(work.job.facts.get("group", ""))
    return Label(work.job.array, volume, uid, group, work.job.id, instant(work, at), size)


def _transfer(work: Work, at: int, direction: Direction) -> Transfer:
    repository = work.fact("repository")
    return Transfer(work.job.id, at, direction, work.job.spec["host"], repository, label_of(work, at))


def _connection(work: Work, at: int, mode: AccessMode) -> Connection:
    """Return what the host must know to open the device, with the array's ports on which it is registered."""
    fibre, iscsi = targets(work, work.fact("host_on_array"))
    return Connection(
        array=work.job.array,
        host=work.fact("host_on_array"),
        volume=label_of(work, at).volume,
        uid=device_uid(work, at),
        hlu=work.number(f"hlu-{at}"),
        mode=mode,
        fibre=fibre,
        iscsi=iscsi,
    )


def _outgoing(work: Work, at: int) -> Transfer:
    return replace(_transfer(work, at, Direction.OUT), connection=_connection(work, at, "ro"))


def _incoming(work: Work, at: int) -> Transfer:
    fresh, compare = "fresh" in work.job.facts, "compare" in work.job.facts
    asked = replace(_transfer(work, at, Direction.IN), fresh=fresh, compare=compare)
    return replace(asked, connection=_connection(work, at, "rw"))


def _sealing(work: Work, at: int) -> Transfer:
    facts, label = work.job.facts, label_of(work, at)
    seconds = int(facts.get(f"milliseconds-{at}", 0)) / 1000
    copied = Moved(label.size, int(facts.get(f"added-{at}", 0)), seconds, work.fact(f"digest-{at}"))
    return replace(_transfer(work, at, Direction.SEAL), copied=copied)


def _checking(work: Work, at: int) -> Transfer:
    return replace(_transfer(work, at, Direction.VERIFY), whole=bool(work.job.spec.get("whole", False)))


def _filing(work: Work, at: int) -> Transfer:
    return replace(_transfer(work, at, Direction.FILE), file=work.fact("file"))


def _discarding_file(work: Work, at: int, standing: Standing | None) -> Transfer:
    """Ask for the end of the file: whole, it has a name by which anybody's could be meant."""
    copied = None if standing is None else standing.transfer.copied
    if standing is not None and isinstance(standing.phase, Moved):
        copied = standing.phase
    return replace(_filing(work, at), direction=Direction.DISCARD, copied=copied)


def _discarding(work: Work, at: int) -> Transfer:
    asked = _transfer(work, at, Direction.DISCARD)
    return replace(asked, archives=going(work) or (asked.label.archive,))


def going(work: Work) -> tuple[str, ...]:
    """Return the backups that are to be removed, by archive."""
    return tuple(json.loads(str(work.job.facts.get("going", "[]"))))


def _ask(make: Callable[[Work, int], Transfer]) -> Callable[[Work], Outcome]:
    def do(work: Work) -> Outcome:
        asked = [make(work, at) for at in places(work)]
        if any(one.connection for one in asked) and (waiting := _ports_unread(work)):
            return waiting
        for one in asked:
            work.transfers.ask(one)
        return NotYet(TransferOver(), _waits(work), _LOOK_AGAIN)

    return do


def _ports_unread(work: Work) -> NotYet | None:
    """Return what to wait for if the host is registered on ports that no list of the last day tells of."""
    group, old = listed(work), ports_if_old(work)
    return unread(work, *old) if old and group is not None and group.initiators else None


def _waits(work: Work) -> str:
    return f"waits for backup host {work.job.spec['host']}"


def _look(make: Callable[[Work, int], Transfer]) -> Callable[[Work], Finding]:
    """Judge all transfers of the job: one that failed fails the step, one that nobody knows of is asked for again."""

    def look(work: Work) -> Finding:
        found = [(work.transfers.standing(work.job.id, at), make(work, at)) for at in places(work)]
        known = [standing for standing, asked in found if standing is not None and _says(work, standing, asked)]
        for standing in known:
            if isinstance(standing.phase, Failed):
                return Broken(f"{standing.transfer.label.volume}: {standing.phase.why}", standing.phase.code)
        if len(known) < len(found) or any(isinstance(one.phase, Asked) for one in known):
            return Absent()  # asking again makes it known again to copiers that may have missed it
        moved = {one.transfer.place: one.phase for one in known if isinstance(one.phase, Moved)}
        if len(moved) < len(found):
            running = sum(isinstance(one.phase, Running) for one in known)
            return Underway(TransferOver(), f"{running} of {len(found)} under way on {_host(work)}", _LOOK_AGAIN)
        return Present({name: value for at, one in moved.items() for name, value in _figures(at, one).items()})

    return look


def _says(work: Work, standing: Standing, asked: Transfer) -> bool:
    """Say whether it is what the step asked for, and no failure of before a person let the job try again."""
    old = isinstance(standing.phase, Failed) and standing.ended < work.job.begun
    return _without_ports(standing.transfer) == _without_ports(asked) and not old


def _without_ports(transfer: Transfer) -> Transfer:
    """Leave out by which ports the devices are reached: what a later list shows of them asks for nothing else."""
    ends = (end and replace(end, fibre=(), iscsi=()) for end in (transfer.connection, transfer.onto))
    connection, onto = ends
    return replace(transfer, connection=connection, onto=onto)


def _host(work: Work) -> str:
    return str(work.job.spec["host"])


def _figures(at: int, moved: Moved) -> dict[str, str | int]:
    figures: dict[str, str | int] = {"added": moved.added, "digest": moved.digest}
    figures["milliseconds"] = round(moved.seconds * 1000)
    return {f"{name}-{at}": value for name, value in figures.items() if value}


def _stop(work: Work) -> Outcome:
    if all([work.transfers.stop(work.job.id, at) for at in places(work)]):  # noqa: C419 -- each is told
        return Done()
    return NotYet(TransferOver(), f"waits until {_host(work)} has stopped", _STOPPING)


def _take_back(work: Work) -> Outcome:
    """Stop what runs, and remove what was stored, or may have been: a backup that failed later is none."""
    standings = [work.transfers.standing(work.job.id, at) for at in places(work)]
    if any(_is_out_under_way(one) for one in standings) and not isinstance(waiting := _stop(work), Done):
        return waiting
    for at, standing in zip(places(work), standings, strict=True):
        if _left_nothing(standing):
            continue
        match standing:
            case Standing(Transfer(direction=Direction.DISCARD), Failed(why)) if standing.ended >= work.job.begun:
                left = "the file" if "file" in work.job.facts else "a backup that is not good"
                return GiveUp(f"{left} could not be removed: {why}", Code.COPY_FAILED)
            case _:
                of_file = "file" in work.job.facts
                work.transfers.ask(_discarding_file(work, at, standing) if of_file else _discarding(work, at))
                return NotYet(TransferOver(), f"waits until {_host(work)} has removed it", _LOOK_AGAIN)
    work.transfers.forget(work.job.id)
    return Done()


def _left_nothing(standing: Standing | None) -> bool:
    """Say whether the repository holds nothing of a transfer: it was removed, no copier began it, or one cleared up.

    Of one that died nobody knows how far it had come, nor of a transfer that is not known any more.
    """
    match standing:
        case Standing(Transfer(direction=Direction.DISCARD), Moved()):
            return True
        case Standing(Transfer(direction=Direction.OUT | Direction.FILE), Failed() | Asked()):
            return standing.deaths == 0
        case _:
            return False


def _is_out_under_way(standing: Standing | None) -> bool:
    return (
        standing is not None
        and standing.transfer.direction is not Direction.DISCARD
        and isinstance(standing.phase, Asked | Running)
    )


def _transferring(name: str, says: str, make: Callable[[Work, int], Transfer]) -> JobStep:
    """Make a step that has the backup host do something which leaves nothing that must be taken back."""
    return Step(
        name=name,
        says=says,
        do=_ask(make),
        look=_look(make),
        undo=_stop,
        undo_says="Have the backup host stop.",
        by_hand=nothing_left,
        holds=EVERY_KIND,
        writes=False,
    )


copy_out: JobStep = replace(
    _transferring(
        "copy-out",
        "Have the backup host copy the device into the repository, reading it once and for reading alone.",
        _outgoing,
    ),
    undo=_take_back,
    undo_says="Have the backup host stop, and remove what it stored.",
)

copy_in = _transferring(
    "copy-in",
    "Have the backup host write the backup onto the device, and compare its digest.",
    _incoming,
)

copy_to_file: JobStep = replace(
    _transferring(
        "copy-to-file",
        "Have the backup host write the backup into a new file, compare its digest, and then give the file its name.",
        _filing,
    ),
    undo=_take_back,
    undo_says="Have the backup host stop, and remove the file that it made.",
)

seal_copies: JobStep = replace(
    _transferring(
        "seal-copies",
        "Have the backup host look in the repository whether all is there, and seal the archive: then it is complete.",
        _sealing,
    ),
    undo=nothing,
    undo_says="Nothing: what was copied out is removed, sealed or not.",
)

verify_copies: JobStep = replace(
    _transferring(
        "verify-copies",
        "Have the backup host look in the repository whether the archive is complete and whole.",
        _checking,
    ),
    undo=nothing,
    undo_says="Nothing: checking leaves nothing behind.",
)

discard_backups = _transferring(
    "discard-backups",
    "Have the backup host remove the archives, and give their space back.",
    _discarding,
)


def _across(work: Work, at: int) -> Transfer:
    """Ask for a copy of the device of this place onto the next one's."""
    old, new = (_connection(work, at, "ro"), _connection(work, at, "rw"))
    onto = replace(
        new, volume=device_name(work, at + 1), uid=device_uid(work, at + 1), hlu=work.number(f"hlu-{at + 1}")
    )
    label = label_of(work, at)
    return Transfer(work.job.id, at, Direction.ACROSS, _host(work), "", label, connection=old, onto=onto)


def copying_across(name: str, says: str) -> JobStep:
    """Make a step that has the backup host copy the job's first device onto the one behind it."""
    return _transferring(name, says, _across)


def _end(work: Work) -> Reading:
    work.transfers.forget(work.job.id)
    return Done()


end_transfers = reading("end-transfers", "Forget what the backup host was asked for.", _end, ())
