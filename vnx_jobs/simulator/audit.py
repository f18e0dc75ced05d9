"""The log of every command, kept in the state and written in the command's own transaction."""

from __future__ import annotations

import os
import time

from .answer import Answer
from .call import Call
from .record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

BETWEEN_WORDS = "\x1f"
COLUMNS = ("time", "seconds", "argv", "sp", "np", "status", "caller", "pid", "effect", "answer", "fault")


@record
class Note:
    """What the log says beside the call and its answer. An open note has no status yet: its command hangs."""

    sp: str | None
    seconds: float
    fault: str = ""
    changed: bool = False
    is_open: bool = False


def write(db: sqlite3.Connection, call: Call, answer: Answer, note: Note) -> int:
    """Log a command, or close the entry that it opened; return the entry's number."""
    status = None if note.is_open else answer.status
    effect = "changed" if note.changed else "none"
    first_line = answer.text.strip().partition("\n")[0]
    if call.entry is not None:
        db.execute(
            "UPDATE audit SET seconds = ?, status = ?, effect = ?, answer = ?, fault = COALESCE(NULLIF(?, ''), fault) "
            "WHERE id = ?",
            (round(note.seconds, 4), status, effect, first_line, note.fault, call.entry),
        )
        return call.entry
    made = db.execute(
        "INSERT INTO audit (time, seconds, argv, sp, np, status, caller, pid, effect, answer, fault) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            time.time() if call.lands else call.began,
            0.0 if call.lands else round(note.seconds, 4),
            BETWEEN_WORDS.join(call.invocation.without_password()),
            note.sp,
            int(call.invocation.np),
            status,
            call.caller,
            os.getpid(),
            effect,
            first_line,
            "landed" if call.lands else note.fault,
        ),
    ).lastrowid
    return made or 0


def entries(db: sqlite3.Connection, after: int = 0) -> list[tuple[int, dict[str, object]]]:
    """Return the entries behind a number, each with its own number."""
    rows = db.execute(f"SELECT id, {', '.join(COLUMNS)} FROM audit WHERE id > ? ORDER BY id", (after,))  # noqa: S608 - the names stand above
    found: list[tuple[int, dict[str, object]]] = []
    for number, *values in rows:
        entry: dict[str, object] = dict(zip(COLUMNS, values, strict=True))
        entry["argv"] = str(entry["argv"]).split(BETWEEN_WORDS)
        entry["np"] = bool(entry["np"])
        found.append((number, entry))
    return found
