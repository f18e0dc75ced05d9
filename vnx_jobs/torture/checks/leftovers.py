"""What is left on the array: only what somebody asked for, or what a stuck job says."""

from vnx_jobs.model.names import job_of, temporary_name
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.torture.evidence import Evidence


def nothing_is_orphaned(evidence: Evidence) -> list[str]:
    """Find temporary objects that no job answers for, LUNs of our numbers that nobody made, and forgotten sessions."""
    known = {number for record in evidence.records.values() for number in record.numbers.values()}
    found = [
        f"{name} is on the array and no job answers for it"
        for name in evidence.names
        if (job := job_of(name, evidence.installation)) and not _is_answered_for(evidence, job, name)
    ]
    found += [
        f"LUN {lun.number} ({lun.name}) has a number of ours and no job made it"
        for lun in evidence.luns
        if lun.number in evidence.numbers and lun.number not in known
    ]
    stuck = {number for record in evidence.stuck for number in (*record.numbers.values(), record.facts.get("number"))}
    return found + [
        f"a migration session of LUN {one.source} is listed and no job answers for it"
        for one in evidence.sessions
        if one.source not in stuck
    ]


def _is_answered_for(evidence: Evidence, job: str, name: str) -> bool:
    record = evidence.records.get(job)
    if record is None:
        return False
    if record.state in {State.STUCK, State.ABANDONED}:
        return any(f" {name}: " in line for line in record.leftovers)
    if record.state is State.SUCCEEDED and any(lun.attached == name for lun in evidence.luns):
        return True
    return any(one.facts.get("hidden_snapshot") == name and one.leftovers for one in evidence.stuck)


def stuck_jobs_say_the_truth(evidence: Evidence) -> list[str]:
    """Find stuck jobs that do not say what remains, or of which nothing does."""
    return [
        f"job {one.id} is {one.state} and {'nothing of it remains' if one.leftovers else 'does not say what remains'}"
        for one in evidence.stuck
        if not one.leftovers or not _remains(evidence, one)
    ]


def _remains(evidence: Evidence, record: Record) -> bool:
    temporary = temporary_name(evidence.installation, record.id, "")
    known = {record.name, record.facts.get("hidden_snapshot"), record.facts.get("new_name"), record.facts.get("backup")}
    return any(name in known or name.startswith(temporary) for name in evidence.names)
