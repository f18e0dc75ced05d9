"""Every key in the state server: its name below the prefix, its type, what it holds, and how long it is kept."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Key:
    """One kind of key. `<...>` in its name stands for any text, `->` in what it holds for "has as its value"."""

    name: str
    type: str
    """As `TYPE` tells it."""
    holds: str
    kept: str

    def names(self, key: str) -> bool:
        """Say whether a key, without the prefix, is of this kind."""
        return re.fullmatch("".join(".+" if one[0] == "<" else re.escape(one) for one in self._parts), key) is not None

    @property
    def _parts(self) -> list[str]:
        return [one for one in re.split(r"(<\w+>)", self.name) if one]


KEYS: Final = (
    Key(
        "job:<id>",
        "hash",
        "the record; while it waits or runs also its ticket, claims and place in the queues",
        "until `finished_days` after its end",
    ),
    Key("job:<id>/p", "hash", "the job's wish for a permit", "while it waits for it or has it"),
    Key("live", "set", "ids of jobs that have not ended", "until the end"),
    Key("ended", "zset", "job id -> when it ended", "with the record"),
    Key("batches", "zset", "batch -> when it was submitted to last", "with its records"),
    Key("batch:<name>", "zset", "job id -> place in the batch", "with the records"),
    Key("gates", "zset", "batch -> until when whoever shut its gate counts as alive", "while it is shut"),
    Key("gate:<batch>", "hash", "who shut it, and whether he opened it", "an hour after it was opened"),
    Key("gated:<batch>", "set", "jobs behind the gate", "while it is shut"),
    Key(
        "behind:<array>:<batch>",
        "zset",
        "jobs behind the gate of a batch that can go on -> their place among the ready",
        "while it is shut",
    ),
    Key(
        "key:<key>",
        "hash",
        "idempotency key: job, digest of the request, state once ended",
        "until `key_days` after the job's end",
    ),
    Key("due", "zset", "job id -> when to look at it again", "while something is due"),
    Key("parked:<array>", "hash", "job id -> condition", "while parked"),
    Key("deps:<id>", "set", "jobs that wait for this one's end", "until the end"),
    Key(
        "makes:<array>",
        "hash",
        "`volume:<name>`, `snapshot:<name>` -> the unfinished job that is to make it; "
        "`detached:<name>` -> the last one that is to detach it",
        "until the end",
    ),
    Key("h:<claim>", "zset", "holders of a claim: member -> ticket, exclusive ones negative", "while held"),
    Key("q:<claim>", "zset", "marks of waiting requests: places in the queue", "while they wait"),
    Key("p:<claim>", "zset", "requests that are re-tried when this claim opens", "while they wait"),
    Key("n:<claim>", "zset", "free LUN numbers -> when they were given back", "for good"),
    Key("own:<claim>", "hash", "LUN number -> the job it was granted to", "until that job has ended"),
    Key("lim", "hash", "claim -> its limit, or its range of numbers", "while held or waited for; ranges for good"),
    Key("gone", "zset", "slots given back lately, so that an older list does not restore them", "the last 10,000"),
    Key("todo", "set", "claims whose waiters are not all woken yet", "seconds"),
    Key("chains:<array>", "zset", "job id -> when it was rung: chains under way", "until it rests or ends"),
    Key("ready:<array>", "zset", "batch -> its turn, among batches with ready jobs", "while some are ready"),
    Key("ready:<array>:<batch>", "zset", "ready jobs -> their place", "until they are rung"),
    Key("bounds", "hash", "array -> how many chains at one time", "for good"),
    Key("held", "hash", "array -> who holds it", "while held"),
    Key("away", "hash", "array -> why it counts as away", "until it answers"),
    Key("server", "hash", "which run of the state server is trusted, which one is asked about; the epoch", "for good"),
    Key("past", "zset", "runs that were trusted before -> how many changes of each are known", "the last 20"),
    Key("workers", "zset", "worker -> until when it counts as living", "seconds"),
    Key("asking", "set", "workers that have not told what they saw", "seconds"),
    Key("frozen", "hash", "array -> when its lists may be judged again, after changes were lost", "minutes"),
    Key("seq", "string", "the last ticket", "for good"),
    Key("now", "string", "the latest time that was told", "for good"),
    Key("commits", "string", "how many changes were made", "for good"),
    Key("inv:<array>:luns", "hash", "LUNs, as lists showed them: name -> when, and what", "replaced by each list"),
    Key(
        "inv:<array>:snaps", "hash", "snapshots, as lists showed them: name -> when, and what", "replaced by each list"
    ),
    Key(
        "inv:<array>:sessions",
        "hash",
        "migration sessions, as lists showed them: name -> when, and what",
        "replaced by each list",
    ),
    Key("inv:<array>:pools", "hash", "pools, as lists showed them: name -> when, and what", "replaced by each list"),
    Key("inv:<array>:ports", "hash", "ports, as lists showed them: name -> when, and what", "replaced by each list"),
    Key(
        "inv:<array>:groups",
        "hash",
        "consistency groups, as lists showed them: name -> when, and what",
        "replaced by each list",
    ),
    Key(
        "inv:<array>:sgs",
        "hash",
        "storage groups, as lists showed them: name -> when, and what",
        "replaced by each list",
    ),
    Key(
        "inv:<array>:hlus",
        "hash",
        "`<host LUN number> <storage group>` -> when a job changed what is under it, and the LUN's number",
        "until a list of storage groups that was begun later",
    ),
    Key(
        "inv:<array>:read",
        "hash",
        "when each list was begun; `ticket:<kind>`: the last ticket given out before that",
        "for good",
    ),
    Key(
        "others:<array>",
        "hash",
        "what others changed: `<kind>:<name>` -> when a list showed it first, and what was known "
        "before; `since`: lists of before then are compared with nothing",
        "until it is settled, taken back, or moved by a job",
    ),
    Key(
        "access:<array>",
        "hash",
        "access marks: UID of a volume -> `ro` or `rw`",
        "until a job deletes the volume or lets it go",
    ),
    Key(
        "attached:<array>",
        "hash",
        "`<uid> <storage group>` -> host LUN number and access mode of an attachment that a job made",
        "until a job detaches the volume",
    ),
    Key(
        "backup:<archive>",
        "hash",
        "an entry of the catalogue; beside it its marks: when it was verified and proved, whether it is pinned",
        "until its archive is removed",
    ),
    Key(
        "backups:<array>",
        "zset",
        "archive -> when its snapshot was taken: of an array, of a volume",
        "with the entries",
    ),
    Key(
        "backups:<array>:<uid>",
        "zset",
        "archive -> when its snapshot was taken: of an array, of a volume",
        "with the entries",
    ),
    Key(
        "backed",
        "hash",
        "`<array> <uid>` -> a volume that has backups: when it was first backed up, when one of them "
        "was last proved, its name",
        "with the entries",
    ),
    Key(
        "transfer:<id>",
        "hash",
        "what a job asked of a backup host (`<id>` is the job and which of its volumes); who is at "
        "it, how far, how it ended",
        "until the job forgets it, or ends",
    ),
    Key(
        "transfers:<host>",
        "zset",
        "transfer -> when it was asked for: those of a backup host that nobody is at",
        "while they wait",
    ),
    Key("copying", "zset", "transfer -> when its copier counts as dead", "while a copier is at it"),
    Key(
        "tokens",
        "hash",
        "SHA-256 of a token's secret -> id, name, role, arrays, when it was made, by whom, until when it is valid",
        "for good",
    ),
    Key("revoked", "hash", "id of a token -> when it was revoked, and by whom", "for good"),
    Key(
        "audit",
        "stream",
        "the audit trail: who, from where, what, which jobs, what came of it",
        "the last `access.audit_lines`",
    ),
    Key("dead", "stream", "what came by message and was not understood, and why", "the last `access.dead_letters`"),
    Key("asked", "hash", "job -> the places of its transfers", "with the transfers"),
    Key("schedules", "zset", "schedule -> when it is to be looked at", "until it is removed"),
    Key(
        "schedule:<name>",
        "hash",
        "a schedule: what it says, the last due time that was dealt with, runs that wait, the run "
        "that is beginning, who paused it",
        "until it is removed",
    ),
    Key("schedule:<name>:jobs", "set", "jobs of its runs, as far as they were not over", "until they are over"),
    Key("schedule:<name>:runs", "list", "what became of its runs", "the last 20"),
    Key(
        "hooks",
        "hash",
        "hook -> its URL, generation, the mark of the secret, who registered it; nothing secret",
        "until it is removed",
    ),
    Key(
        "hook:<name>",
        "hash",
        "what was delivered, failures since, the last attempt and what came of it",
        "until it is removed",
    ),
    Key(
        "hook:<name>:waits",
        "zset",
        "messages that are to be delivered -> when; while one is out, when its lease is over",
        "until they are delivered",
    ),
    Key("hook:<name>:out", "zset", "messages that somebody is delivering -> when the lease is over", "a minute"),
    Key("hook:<name>:lost", "zset", "messages that were given up -> when", "7 days"),
    Key("calling", "zset", "hook -> when its next message is due", "while it has messages"),
    Key(
        "delivery:<id>",
        "hash",
        "a message: hook, job or batch, when it happened, attempts, what came of the last one",
        "until it is delivered; 7 days after it was given up",
    ),
    Key(
        "telling:<batch>",
        "hash",
        "a batch with hooks: which, and how many of its jobs ended in each state",
        "until its hooks are told",
    ),
    Key("untold:<batch>", "set", "its jobs that have not ended", "until the end"),
    Key("unsealed", "zset", "batch -> when its submission counts as dead", "while it is submitted"),
    Key("role:<name>", "string", "which process sweeps, watches an array, fires schedules", "seconds"),
    Key("slots:<array>", "zset", "array commands in flight -> when their lease ends", "seconds"),
    Key("events", "stream", "what became of jobs, an entry a change", "about the last 20,000"),
)
"""All there are, but for those of Celery, which stand under `mq:`."""
