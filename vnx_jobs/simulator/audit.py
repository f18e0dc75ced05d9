"""The log of every command, kept in the state and written in the command's own transaction."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from .command import Answer, Call

BETWEEN_WORDS = "\x1f"


def write(  # noqa: PLR0913 - one argument for each thing the log says
    db: sqlite3.Connection,
    call: Call,
    answer: Answer,
    *,
    sp: str | None,
    seconds: float,
    fault: str,
    changed: bool = False,
    open_: bool = False,
) -> int:
    """Log a command; return the entry's number. An open entry has no status yet: its command hangs."""
    row = (
        call.began if not call.lands else time.time(),
        round(seconds, 4),
        BETWEEN_WORDS.join(call.invocation.without_password()),
        sp,
        int(call.invocation.np),
        None if open_ else answer.status,
        call.caller,
        os.getpid(),
        "changed" if changed else "none",
        answer.text.strip().partition("\n")[0],
        "landed" if call.lands else fault,
    )
    if call.entry is not None:
        db.execute(
            "UPDATE audit SET seconds = ?, status = ?, effect = ?, answer = ? WHERE id = ?",
            (row[1], row[5], row[8], row[9], call.entry),
        )
        return call.entry
    made = db.execute(
        "INSERT INTO audit (time, seconds, argv, sp, np, status, caller, pid, effect, answer, fault) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    ).lastrowid
    return made or 0


def entries(db: sqlite3.Connection, after: int = 0) -> list[tuple[int, dict[str, object]]]:
    """Return the entries behind a number, each with its own number."""
    names = ("time", "seconds", "argv", "sp", "np", "status", "caller", "pid", "effect", "answer", "fault")
    rows = db.execute(f"SELECT id, {', '.join(names)} FROM audit WHERE id > ? ORDER BY id", (after,))  # noqa: S608 - the names stand above
    found: list[tuple[int, dict[str, object]]] = []
    for number, *values in rows:
        entry: dict[str, object] = dict(zip(names, values, strict=True))
        entry["argv"] = str(entry["argv"]).split(BETWEEN_WORDS)
        entry["np"] = bool(entry["np"])
        found.append((number, entry))
    return found
