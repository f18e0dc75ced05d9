"""What reached the array: each effect once, one command of a job at a time, no limit passed, no stranger's thing."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from vnx_jobs.model.claim import MAX_MOUNTS, MAX_SNAPSHOTS
from vnx_jobs.torture.evidence import ADMIN, Command, Evidence

_MAKING: Final = frozenset({"lun -create", "snap -create", "snap -copy", "snap -group -create", "migrate -start"})
_CHANGING: Final = _MAKING | {
    *("lun -attach", "lun -destroy", "lun -expand", "lun -modify", "snap -destroy", "snap -modify", "snap -restore"),
    *("snap -group -destroy", "migrate -cancel"),
}
_ONCE: Final = _MAKING | {"snap -restore", "lun -expand", "lun -modify"}
"""Changes that nobody asks for twice of one object, or with one backup, size or name."""
_WHAT: Final = ("-dest", "-bakName", "-capacity", "-newName")
"""Options that tell changes of one object from each other."""
_UNANSWERED: Final = frozenset(
    {
        *("timeout", "timeout-after", "drop-connection", "drop-connection-after", "lost-answer"),
        *("silent-failure", "busy", "unknown-text", "hold", "hang"),
    }
)
"""Faults after which nobody knows whether a changing command was carried out."""
_LIMIT_REACHED: Final = "maximum number of"
"""In each of the array's sentences for a limit that is reached."""
_CLOCK: Final = 0.02
"""Seconds: a process' start is known to a tick of the kernel's clock."""


def nothing_is_doubled(evidence: Evidence) -> list[str]:
    """Find objects that were made, or copies that were started, more than once under one name."""
    done = Counter(
        (command.verb, command.thing, *(command.option(name) for name in _WHAT))
        for command in evidence.commands
        if command.changed and command.verb in _ONCE and command.caller != ADMIN
    )
    return [
        f"`{verb}` of {thing} was carried out {times} times" for (verb, thing, *_), times in done.items() if times > 1
    ]


def turns_do_not_overlap(evidence: Evidence) -> list[str]:
    """Find commands of one job that began while another was in flight, was held back, or was not settled yet."""
    found = []
    for job, commands in _by_job(evidence).items():
        held = [one for one in commands if one.landed_late]
        sent = sorted((one for one in commands if not one.landed_late), key=lambda one: one.time)
        for before, after in pairwise(sent):
            free = max(_free_at(evidence, before), *(_landing(before, one) for one in held), 0.0)
            if after.time < free - _CLOCK:
                early = f"{free - after.time:.2f} s too early"
                found.append(f"job {job}: `{_said(after)}` came {early} after `{_said(before)}`")
    return found


def _by_job(evidence: Evidence) -> Mapping[str, list[Command]]:
    """Return the commands about one object each by the job that made the object: deleting it is no one else's then."""
    makers: dict[str, str | None] = {}
    found: dict[str, list[Command]] = defaultdict(list)
    for command in evidence.commands:
        if command.thing is None or command.caller == ADMIN:
            continue
        if command.thing not in makers:
            makers[command.thing] = evidence.maker(command.thing)
        maker = makers[command.thing]
        if maker is not None:
            found[maker].append(command)
    return found


def _free_at(evidence: Evidence, command: Command) -> float:
    """Return when the next command of the job may be sent."""
    end = command.time + min(command.seconds, evidence.longest_command)
    hung_and_answered = command.fault == "hang" and command.status is not None
    if command.fault in _UNANSWERED and command.verb in _CHANGING and not hung_and_answered:
        return max(end, command.time + evidence.least_settling)
    return end


def _landing(sent: Command, landed: Command) -> float:
    """Return when a command's late effect came; 0 if that was another command's."""
    return landed.time if sent.fault == "hold" and sent.words == landed.words and landed.time > sent.time else 0.0


def _said(command: Command) -> str:
    return " ".join(command.words[:6])


def limits_hold(evidence: Evidence) -> list[str]:
    """Find moments at which a primary LUN had too many snapshots or mount points, or too many sessions ran."""
    counts = _Counts(shortest_copy=evidence.shortest_copy)
    found = {
        f"the array refused `{_said(one)}` of ours at its limit: {one.answer}": None
        for one in evidence.commands
        if _LIMIT_REACHED in one.answer and one.caller != ADMIN
    }
    for command in sorted((one for one in evidence.commands if one.changed), key=lambda one: one.effect_at):
        counts.take_in(command)
        found |= dict.fromkeys(counts.excesses(evidence.migrations, command.effect_at))
    return list(found)


@dataclass(slots=True)
class _Counts:
    """What stands on the array at one moment of the log. A mount point that is being copied counts no more.

    Whose members a group's snapshot is of is not known here: it counts for none of them.
    """

    shortest_copy: float
    snapshots: dict[str, str] = field(default_factory=dict)
    mounts: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, float] = field(default_factory=dict)

    def take_in(self, command: Command) -> None:
        number, name = command.option("-l") or "", command.option("-name") or ""
        match command.verb:
            case "snap -create" | "snap -restore":
                source = command.option("-res") or ""
                taken = command.option("-bakName") or name
                self.snapshots[taken] = "" if "CG" in command.words else self.mounts.get(source, source)
            case "snap -copy":
                self.snapshots[name] = self.snapshots.get(command.option("-id") or "", "")
            case "snap -destroy":
                self.snapshots.pop(command.option("-id") or "", None)
            case "lun -create" if primary := command.option("-primaryLun"):
                self.mounts[number] = primary
            case "lun -destroy":
                self.mounts.pop(number, None)
            case "migrate -start":
                source = command.option("-source") or ""
                self.mounts.pop(source, None)
                self.sessions[source] = command.effect_at + self.shortest_copy
            case "migrate -cancel":
                self.sessions.pop(command.option("-source") or "", None)

    def excesses(self, permitted: int, now: float) -> Iterator[str]:
        for what, of, most in (("snapshots", self.snapshots, MAX_SNAPSHOTS), ("mount points", self.mounts, MAX_MOUNTS)):
            for primary, count in Counter(of.values()).items():
                if primary and count > most:
                    yield f"LUN {primary} had more than {most} {what}"
        if sum(end > now for end in self.sessions.values()) > permitted:
            yield f"more than {permitted} migration sessions ran at one time"


def foreign_objects_stand(evidence: Evidence) -> list[str]:
    """Find what another administrator made and did not delete that is gone, or that a command of ours was aimed at."""
    theirs: dict[str, str] = {}
    found = []
    for command in sorted((one for one in evidence.commands if one.changed), key=lambda one: one.effect_at):
        thing = command.thing or ""
        if command.caller == ADMIN and command.verb in _MAKING:
            theirs[thing] = command.option("-name") or ""
        elif command.caller == ADMIN and command.verb.endswith("-destroy"):
            theirs.pop(thing, None)
        elif thing in theirs and command.verb.endswith(("-destroy", "-modify", "-attach")):
            found.append(f"`{_said(command)}` was carried out on {theirs[thing]}, which is another administrator's")
    standing = {f"number:{lun.number}" for lun in evidence.luns} | {
        f"snapshot:{one.name}" for one in evidence.snapshots
    }
    return found + [
        f"{name} ({thing}) of another administrator is gone" for thing, name in theirs.items() if thing not in standing
    ]
