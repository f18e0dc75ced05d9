"""Reconciling by shared lists: told in the job's facts; claims are repaired."""

from vnx_jobs.model.errors import Refused
from vnx_jobs.model.outcome import Done, GiveUp

from .lists import unread
from .work import Reading, Work, reading


def _compare(work: Work) -> Reading:
    if waiting := unread(work, "snapshots", "groups", "storage-groups"):
        return waiting
    try:
        return Done(work.reconciling.judge(work.job.array))
    except Refused as refused:
        return GiveUp(refused.message, refused.code)


compare_and_repair = reading(
    "compare-and-repair",
    "Compare shared lists of everything with what is on record, note what differs, and repair slots and numbers.",
    _compare,
    ("luns", "snapshots", "groups", "storage-groups"),
)
