"""What can be refused, and what an array's answer means. Codes are stable: scripts rely on them."""

import re
from enum import StrEnum
from typing import Any, Final

_LONG_WORD: Final = re.compile(r"(\S{100})\S{100,}?(?=['\"]?(?:\s|$))")
_LONGEST: Final = 4000
"""Characters of a message. The longest of our own name every operation, or twenty mistakes."""


class Code(StrEnum):
    """Why a request was refused, or a job failed; printed beside every message and kept in the record."""

    INVALID = "invalid"
    """The request itself is wrong; it can never be accepted as it stands."""
    UNKNOWN_ARRAY = "unknown-array"
    UNKNOWN_POOL = "unknown-pool"
    NO_SUCH_VOLUME = "no-such-volume"
    NO_SUCH_SNAPSHOT = "no-such-snapshot"
    NO_SUCH_GROUP = "no-such-group"
    NO_SUCH_HOST = "no-such-host"
    """The host has no storage group on the array."""
    ATTACHED = "attached"
    """The host sees the volume already, or something else under the number that it was to have."""
    NOT_ATTACHED = "not-attached"
    READ_ONLY = "read-only"
    """A read-only volume is not attached for writing."""
    NO_SUCH_JOB = "no-such-job"
    NAME_IN_USE = "name-in-use"
    COPIES_LIMIT = "copies-limit"
    """255 snap copies of one source exist or are being made."""
    DEPTH_LIMIT = "depth-limit"
    """A snapshot of a snapshot of a snapshot, and so on, would lie deeper than the array allows."""
    SLOTS_LIMIT = "slots-limit"
    """Mount points or snapshots of one source are at the array's limit."""
    HAS_COPIES = "has-copies"
    """A source that has snap copies can be neither deleted nor migrated."""
    SNAP_COPY_IN_GROUP = "snap-copy-in-group"
    """The array takes no snap copy into a consistency group."""
    IN_GROUP = "in-group"
    """A volume is in one consistency group at most, and is not deleted while it is in one."""
    NOT_IN_GROUP = "not-in-group"
    IN_USE = "in-use"
    """A volume that hosts see is not deleted, and not made read-only while one may write to it."""
    NUMBERS_LIMIT = "numbers-limit"
    """The private range of LUN numbers is used up."""
    HAS_SNAPSHOTS = "has-snapshots"
    """A volume that has snapshots can be neither migrated nor, if it is thick, extended."""
    NOTHING_TO_DO = "nothing-to-do"
    """The volume is so already."""
    NOT_LEFT_OVER = "not-left-over"
    """Nothing proves that the object is one which a job left that is over."""
    NOT_SUPPORTED = "not-supported"
    KEY_CONFLICT = "key-conflict"
    """The idempotency key was used before, for a different request."""
    PREDECESSOR = "predecessor-failed"
    IDENTITY = "identity-changed"
    """The object bearing this name is not the one that was meant."""
    CANCELLED = "cancelled"
    ORDER_REFUSED = "order-refused"
    """The job's state does not allow what was ordered."""
    ARRAY_REFUSED = "array-refused"
    ATTEMPTS = "attempts-spent"
    NO_SUCH_BACKUP = "no-such-backup"
    NO_SUCH_SCHEDULE = "no-such-schedule"
    UNKNOWN_HOOK = "unknown-hook"
    """No receiver of call backs is registered under the name."""
    NO_SUCH_BATCH = "no-such-batch"
    UNKNOWN_REPOSITORY = "unknown-repository"
    UNKNOWN_HOST = "unknown-backup-host"
    COPY_FAILED = "copy-failed"
    """A backup host could not copy, check or remove what it was asked to."""
    COPIER_DIED = "copier-died"
    """The processes that copied died, time after time."""
    STALLED = "stalled"
    """No byte moved for too long, and the copy was ended."""
    DEVICE = "device"
    """A backup host cannot open, read, write or let go of a device, or it is another volume."""
    REPOSITORY = "repository"
    """A repository is damaged, not where it should be, or does not hold what it should."""
    NO_ARCHIVE = "no-archive"
    """The repository has no complete archive of that name."""
    REPOSITORY_IN_USE = "repository-in-use"
    """Somebody else works in the repository."""
    CREDENTIALS = "credentials"
    """A repository's passphrase is wrong, or cannot be had."""
    MISSING_TOOL = "missing-tool"
    """The backup host lacks a program."""
    NO_SPACE = "no-space"
    """There is no room in the repository, or where the tool keeps its own files."""
    CONTENT = "content-differs"
    """What was written, or is kept, is not what was read when the backup was made."""
    MODIFIED = "snapshot-modified"
    """Somebody wrote to the snapshot that was backed up, while it was read."""
    PINNED = "pinned"
    """Somebody said that the backup is to stay."""
    NEWEST = "newest-backup"
    """The newest backup of a volume is not removed."""
    LAST_PROVED = "last-proved"
    """It is the only backup of its volume that was restored bit for bit."""
    UNAUTHORIZED = "unauthorized"
    """Nobody is known by the token, or it has expired or been revoked."""
    FORBIDDEN = "forbidden"
    """The token's role does not allow it."""
    NO_SUCH_ROUTE = "no-such-route"
    """The HTTP service has nothing at this address."""
    METHOD = "method-not-allowed"
    """The HTTP service takes no request of this method at this address."""
    MEDIA_TYPE = "unsupported-media-type"
    """A body of this type cannot be read."""
    TOO_LARGE = "too-large"
    """The body of a request is larger than the settings allow."""
    TOO_MANY = "too-many-requests"
    """A token sends more requests, or keeps more streams open, than the settings allow."""
    INTERNAL = "internal-error"
    """The program has a fault; its log tells more."""
    STATE_SERVER = "state-server"
    """The state server cannot be used: unreachable, unsafe settings, or nearly full."""


class JobError(Exception):
    """An error with a stable code and one line that says what is wrong and what to do.

    The line goes to terminals, logs, records and lists that are kept. So of a long word that somebody sent, and that is
    said to him again, only the beginning stands in it.
    """

    def __init__(self, code: Code, message: str, **details: Any) -> None:  # noqa: ANN401 -- values only travel to JSON
        self.code = code
        self.message = _readable(message)
        super().__init__(self.message)
        self.details = details


def _readable(message: str) -> str:
    short = _LONG_WORD.sub(r"\1...", message)
    return short if len(short) <= _LONGEST else f"{short[:_LONGEST]}..."


class Refused(JobError):  # noqa: N818 -- it reads as what happened: "raises Refused"
    """A request was not accepted; nothing was stored and no array command was sent for it."""


class StateServerError(JobError):
    """The state server is unreachable or must not be used as it is configured."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.STATE_SERVER, message)


class Verdict(StrEnum):
    """What an array's answer to one command means for the step that sent it."""

    BUSY = "busy"
    """Refused for now; nothing was changed. Try again later; an attempt is spent."""
    REFUSED = "refused"
    """Refused for good; nothing was changed."""
    ALREADY = "already"
    """The array is (or may be) so already: name or number in use, attached, gone. The step must look."""
    NO_ANSWER = "no-answer"
    """Whether the command was carried out is unknown: time-out, dropped connection, killed child, garbled text."""
    UNREACHABLE = "unreachable"
    """The command certainly did not reach the array. No attempt is spent."""
    CREDENTIALS = "credentials"
    """The array refused the login, or naviseccli cannot be run here. A person must mend it; no attempt is spent."""
    NO_SLOT = "no-slot"
    """No command slot of the array was free within two seconds, or the turn's time is over; nothing was sent."""


class ArrayError(Exception):
    """An array command did not do what was asked.

    `verdict` says what that means, `text` is the array's own answer (never holding a secret), `code` its hexadecimal
    error code where the answer has one.
    """

    def __init__(self, verdict: Verdict, text: str, code: str = "") -> None:
        super().__init__(text)
        self.verdict = verdict
        self.text = text
        self.code = code
