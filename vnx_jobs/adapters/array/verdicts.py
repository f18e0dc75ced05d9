"""What the array's answers mean: the catalogue of its sentences, and the judgement of every answer before it is parsed.

Two rules stand above the catalogue. A change is done only if it ended with status 0 and said nothing (29 recorded
answers of successful changes are empty). And what the catalogue does not know is never taken for "nothing happened":
it is NO_ANSWER, after which the engine settles, looks, and counts the attempt, so that it ends. The exceptions are two
forms that only a refusal of the array has: see `_is_refusal`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vnx_jobs.model.errors import Verdict

from .process import Ending, Run

_RECORDED: Final = "recorded answer"
_STOROPS: Final = "matched by storops 1.2.12"
_CINDER: Final = "EMC's Cinder driver"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing the array says. `fragment` is found anywhere in the answer, in any case; the first that fits counts."""

    fragment: str
    verdict: Verdict
    means: str
    source: str = _RECORDED
    on: str = ""
    """The command it is said to, if it means something else elsewhere: the beginning of the command's words."""


_V = Verdict
_ALREADY, _BUSY, _REFUSED, _NO_ANSWER = _V.ALREADY, _V.BUSY, _V.REFUSED, _V.NO_ANSWER

CATALOGUE: Final = (
    # The way to the array. A connection that was refused has carried nothing; one that broke may have.
    Sentence("error occurred because of time out", _NO_ANSWER, "the management server did not answer in time"),
    Sentence("End of data stream", _NO_ANSWER, "the connection broke in the middle", _CINDER),
    Sentence("Service Unavailable", _NO_ANSWER, "the management server gave up on the request", _CINDER),
    Sentence("A network error occurred while trying to connect", _V.UNREACHABLE, "no connection to the SP"),
    Sentence("occurred because connection refused", _V.UNREACHABLE, "the SP's management server is not running"),
    Sentence("Could not connect to the specified host", _V.UNREACHABLE, "the SP's address is not known", _STOROPS),
    Sentence("username, password and/or scope", _V.CREDENTIALS, "user, password, scope or security file is wrong"),
    Sentence("Security file not found", _V.CREDENTIALS, "there are no credentials in the security file", _CINDER),
    # Not now.
    Sentence("0x712d8e0e", _BUSY, "the LUN is Preparing", _CINDER),
    Sentence("0x712d8d33", _BUSY, "the LUN is not ready to be expanded", _STOROPS),
    Sentence("destination LUN is not available for migration", _BUSY, "the destination is not ready"),
    Sentence("being used by a feature of the Storage System", _BUSY, "the LUN is migrating", _STOROPS),
    # So already, perhaps by this very command: look.
    Sentence("Physical unit already exists", _ALREADY, "the LUN number is in use"),
    Sentence("0x712d8d04", _ALREADY, "the LUN name is in use"),
    Sentence("0x716d8005", _ALREADY, "the snapshot name is in use"),
    Sentence("0x716d8055", _ALREADY, "the snapshot is attached", _STOROPS),
    Sentence("not currently attached", _ALREADY, "the mount point has no snapshot attached", _STOROPS),
    Sentence("Could not retrieve the specified (pool lun)", _ALREADY, "there is no such LUN", on="lun -destroy"),
    Sentence("specified snapshot does not exist", _ALREADY, "there is no such snapshot", on="snap -destroy"),
    Sentence("already turned on", _ALREADY, "the LUN is compressed", on="compression -on"),
    Sentence("Could not set properties:(Name", _ALREADY, "the LUN name is in use", on="lun -modify"),
    Sentence("not currently migrating", _ALREADY, "there is no session", on="migrate -cancel"),
    Sentence("0x714a8021", _BUSY, "the copy is complete: the session is about to go", _STOROPS, on="migrate -cancel"),
    Sentence("0x716d8021", _ALREADY, "the name of the consistency group is in use", _CINDER),
    Sentence("0x712d8801", _ALREADY, "the consistency group is being destroyed", _CINDER, on="snap -group -destroy"),
    Sentence("Cannot find the consistency group", _ALREADY, "there is no such group", on="snap -group -destroy"),
    Sentence("already been added to this Storage Group", _ALREADY, "the storage group shows the LUN"),
    Sentence("Requested Host LUN Number already in use", _ALREADY, "the host LUN number is in use", _STOROPS),
    Sentence("No such Host LUN in this Storage Group", _ALREADY, "nothing is shown under the host LUN number"),
    Sentence("Storage Group name already in use", _ALREADY, "the storage group's name is in use"),
    Sentence("does not match any storage groups", _ALREADY, "there is no such group", on="storagegroup -destroy"),
    Sentence("not currently connected to the storage group", _ALREADY, "the host does not see the storage group"),
    Sentence("Initiator record already exists", _ALREADY, "the initiator is another host's"),
    # Never.
    Sentence("does not match any storage groups", _REFUSED, "there is no such storage group"),
    Sentence("not a bound ALU number", _REFUSED, "there is no such LUN to show"),
    Sentence("not known by storage system", _REFUSED, "there is no such host"),
    Sentence("port is uninitialized", _REFUSED, "the port has no address", _STOROPS),
    Sentence("Cannot find the consistency group", _REFUSED, "there is no such consistency group"),
    Sentence("members to the consistency group", _REFUSED, "a LUN cannot be a member"),
    Sentence("members from the consistency group", _REFUSED, "a LUN is not a member"),
    Sentence("0x716d8045", _REFUSED, "the LUN is in another consistency group", _CINDER),
    Sentence("Could not retrieve the specified", _REFUSED, "there is no such LUN, snapshot or pool"),
    Sentence("The specified resource does not exist", _REFUSED, "there is no such LUN to snapshot"),
    Sentence("The specified snapshot does not exist", _REFUSED, "there is no such snapshot"),
    Sentence("The specified source LUN does not exist", _REFUSED, "there is no such LUN to migrate"),
    Sentence("not currently migrating", _REFUSED, "there is no session"),
    Sentence("contained in a Storage Group", _REFUSED, "the LUN is shown to hosts"),
    Sentence("LUN mapping still exists", _REFUSED, "the LUN is shown to hosts", _CINDER),
    Sentence("0x716d8025", _REFUSED, "the LUN is in a consistency group"),
    Sentence("0x716d801a", _REFUSED, "the LUN has mount points", _STOROPS),
    Sentence("still has snapshots", _REFUSED, "the LUN has snapshots", _STOROPS),
    Sentence("0x716d8003", _REFUSED, "the snapshot is attached", _STOROPS),
    Sentence("0x716d8008", _REFUSED, "the snapshot belongs to another primary LUN", _STOROPS),
    Sentence("Cannot create the snapshot", _REFUSED, "the LUN cannot be snapshotted"),
    Sentence("Cannot copy the snapshot", _REFUSED, "the snapshot cannot be copied"),
    Sentence("Cannot destroy the snapshot", _REFUSED, "the snapshot cannot be destroyed"),
    Sentence("Cannot unbind LUN because", _REFUSED, "the LUN cannot be destroyed"),
    Sentence("Unable to create the LUN because", _REFUSED, "the LUN cannot be created"),
    Sentence("Cannot attach the snapshot", _REFUSED, "the LUN is no mount point, or the snapshot unfit", _STOROPS),
    Sentence("is not a snapshot mount point", _REFUSED, "the LUN is no mount point"),
    Sentence("0x712d8e04", _REFUSED, "the new size is not larger"),
    Sentence("0x712d8e08", _REFUSED, "the new size is not supported"),
    Sentence("Could not set properties", _REFUSED, "the name is in use, or the property cannot be set"),
    Sentence("affect a File System Storage configuration", _REFUSED, "the LUN belongs to the file side"),
    Sentence("the Storage Pool because it is Destroying", _REFUSED, "the pool is being destroyed", _STOROPS),
    Sentence("Enabler is missing", _REFUSED, "the array lacks the feature"),
    Sentence("not supported by the target storage system", _REFUSED, "the array lacks the feature", _STOROPS),
    Sentence("is not installed", _REFUSED, "the array lacks the feature", _STOROPS),
    Sentence("invalid command line parameters", _REFUSED, "the array does not understand the command"),
    Sentence("Usage:", _REFUSED, "the array does not understand the command"),
    Sentence("Are you sure you want to perform this operation", _REFUSED, "the array asked back and got no answer"),
)
"""In order: the way to the array comes before what the array says, and a sentence said to one command before the same
sentence anywhere."""

_CODE: Final = re.compile(r"0x[0-9a-f]{8}", re.IGNORECASE)
_ARRAY_CODE: Final = re.compile(r"0x7[16][0-9a-f]{6}")
"""Every code recorded from block storage (pools 712d, snapshots 716d, migration 714a) begins like this."""
_DRIVER: Final = re.compile(r"SP [AB]: ")
"""How the block driver of the LUN's owning SP begins what it says (recorded refusals)."""
_TROUBLE: Final = re.compile(r"^(Error|Exception|A network error|Message\s*:)", re.MULTILINE)
"""How a message begins that breaks into a listing; no label of a listing begins so (all recorded listings)."""


@dataclass(frozen=True, slots=True)
class Listing:
    """How the answer to a reading command looks."""

    label: str
    """What the first line begins with."""
    none: str
    """The array's own sentence for "there is none"."""
    may_be_empty: bool = False
    """Whether an empty answer with status 0 means "there is none": true of lists, not of one object asked for."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an answer means. Without a verdict the command did what was asked."""

    verdict: Verdict | None
    text: str = ""
    """The listing that was asked for, or the array's words."""
    code: str = ""
    absent: bool = False
    """The array says that there is none of what was asked for."""


def judge_change(words: Sequence[str], run: Run) -> Judgement:
    """Judge the answer to a changing command."""
    if unanswered := _unanswered(run):
        return unanswered
    text = _said(run)
    if run.status == 0 and not text:
        return Judgement(None)
    sentence = _sentence(words, text)
    if sentence:
        return _failure(sentence.verdict, text, run)
    return _failure(Verdict.REFUSED if _is_refusal(text, run) else Verdict.NO_ANSWER, text, run)


def judge_read(words: Sequence[str], run: Run, listing: Listing) -> Judgement:
    """Judge the answer to a reading command: what is neither a listing nor a known sentence is never an empty list."""
    if unanswered := _unanswered(run):
        return unanswered
    text = _said(run)
    if _is_said(listing.none, text) or (run.status == 0 and not text and listing.may_be_empty):
        return Judgement(None, absent=True)
    if run.status == 0 and text.startswith(listing.label) and not _TROUBLE.search(text):
        return Judgement(None, text)
    sentence = _sentence(words, text)
    return _failure(sentence.verdict if sentence else Verdict.NO_ANSWER, text, run)


def _unanswered(run: Run) -> Judgement | None:
    """Judge a run that gave no whole answer; whatever it printed proves nothing."""
    match run.ending:
        case Ending.ANSWERED if run.cut:
            return Judgement(Verdict.NO_ANSWER, "the answer is longer than any listing; it was not kept")
        case Ending.ANSWERED:
            return None
        case Ending.KILLED:
            return Judgement(Verdict.NO_ANSWER, f"naviseccli was killed after {run.seconds:.1f} seconds")
        case Ending.LOST:
            text = "naviseccli's exit status was lost: this process must not ignore SIGCHLD"
            return Judgement(Verdict.NO_ANSWER, text)
        case Ending.TOO_LATE:
            return Judgement(Verdict.NO_SLOT, "the time for this turn is over; nothing was sent")
        case Ending.NO_PROGRAM:
            text = f"naviseccli cannot be run ({run.complaint}): mend the setting `naviseccli`; nothing was sent"
            return Judgement(Verdict.CREDENTIALS, text)


def _failure(verdict: Verdict, text: str, run: Run) -> Judgement:
    driver = _DRIVER.match(text)
    told = text[driver.end() :] if driver else text
    sentence = " ".join(told.splitlines())  # some are of two lines; what users read is of one
    return Judgement(verdict, sentence or f"status {run.status} without a word", _code(text))


def _is_refusal(text: str, run: Run) -> bool:
    """Say whether a text that is not in the catalogue is still certainly a refusal, so that nothing was changed.

    It bears a code of block storage whose low byte is the exit status, as in every recorded refusal with both; or the
    block driver of an SP says it, which has then received the command and ended it.
    """
    code = _code(text)
    coded = _ARRAY_CODE.fullmatch(code) and run.status == int(code, 16) & 0xFF
    return bool(run.status and (coded or _DRIVER.match(text)))


def _said(run: Run) -> str:
    """Return what the array said. Errors stand on stdout (recorded with stderr empty); the loader's stand on stderr."""
    text = run.text.strip()
    return text if text or run.status == 0 else run.complaint.strip()


def _is_said(sentence: str, text: str) -> bool:
    return " ".join(text.split()).rstrip(".") == sentence.rstrip(".")


def _sentence(words: Sequence[str], text: str) -> Sentence | None:
    command, said = " ".join(words), text.lower()
    fits = (one for one in CATALOGUE if one.fragment.lower() in said and command.startswith(one.on))
    return next(fits, None)


def _code(text: str) -> str:
    found = _CODE.search(text)
    return found[0].lower() if found else ""
