"""What borg's log lines mean."""

import json
import re
from collections.abc import Iterator
from typing import Final

from vnx_jobs.ports.mover import MoverError, MoverFault

_BY_ID: Final[dict[str, MoverFault]] = {
    "PassphraseWrong": "credentials",
    "NoPassphraseFailure": "credentials",
    "PasscommandFailure": "credentials",
    "LockTimeout": "locked",
    "LockError": "locked",
    "LockErrorT": "locked",
    "Archive.DoesNotExist": "no-archive",
    "Repository.InsufficientFreeSpaceError": "space",
    "Repository.StorageQuotaExceeded": "space",
}
"""Every other mistake of borg's is the repository's."""
_FULL: Final = re.compile(r"\[Errno (28|27|122)\]|No space left on device|File too large|Disk quota exceeded")
_READER: Final = re.compile(r"^Command .* exited with status")
_RAISED: Final = re.compile(r"^[\w.]*(Error|Exception|Interrupt)\b.*$", re.MULTILINE)


def trouble(status: int, complaints: str) -> MoverError:
    """Return the error that a borg program tells by its exit status and its log, a JSON object a line."""
    worst: tuple[str, str] = ("", "")
    for level, text, identifier in _lines(complaints):
        if level in {"ERROR", "CRITICAL"} or not worst[0]:
            worst = (text, identifier)
    text, identifier = worst
    if status < 0:
        return MoverError(f"borg was ended by signal {-status}", "ended")
    if _FULL.search(complaints):
        return MoverError(f"borg: {_one_line(text)}", "space")
    if _READER.search(text):
        return MoverError("the reader was ended, and said nothing of the device", "ended")
    told = _one_line(text) or f"ended with status {status} and said nothing"
    return MoverError(f"borg: {told}", _BY_ID.get(identifier, "repository"))


def _lines(complaints: str) -> Iterator[tuple[str, str, str]]:
    for line in complaints.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("type") == "log_message":
            yield told.get("levelname", ""), told.get("message", ""), told.get("msgid", "")


def _one_line(text: str) -> str:
    """Return the line of a message that says what went wrong: of a traceback, the error."""
    raised = [match[0] for match in _RAISED.finditer(text)]
    return raised[-1] if raised else (text.strip().splitlines() or [""])[0]
