"""Faults on demand: what can go wrong, when it does, and for how long.

A fault of the *way* (`before`, `after`) befalls commands whose words contain its match; a fault of a *thing* (`state`)
makes a LUN, a session, a pool or a port be in a bad way, and the rules ask for it by name.
"""

from __future__ import annotations

import time

from .record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

BEFORE, AFTER, STATE = "before", "after", "state"

_HOLD = (
    "hold:SECONDS[:at-once]: the command lands so much later, also when its client is dead by then; "
    "the client gets the time-out text at that time, or at once."
)

CATALOGUE: dict[str, tuple[str, str]] = {
    "sp-down": (BEFORE, "sp-down[:a|b]: the management server of that SP (or of both) refuses the connection."),
    "network-error": (BEFORE, "network-error[:a|b]: the SP cannot be reached over the network."),
    "timeout": (BEFORE, "timeout: nothing happens; the client gets the time-out text."),
    "timeout-after": (AFTER, "timeout-after: the command is carried out; the client gets the time-out text."),
    "drop-connection": (BEFORE, "drop-connection: nothing happens; the connection ends in the middle."),
    "drop-connection-after": (AFTER, "drop-connection-after: carried out; then the connection ends in the middle."),
    "hang": (BEFORE, "hang:SECONDS: nothing happens for so long; then the command goes on as usual."),
    "hang-after": (AFTER, "hang-after:SECONDS: carried out; then no answer for so long."),
    "lost-answer": (AFTER, "lost-answer[:STATUS]: carried out; the client ends with a status (255) and no text."),
    "silent-failure": (BEFORE, "silent-failure[:STATUS]: nothing happens; a status (1) and no text."),
    "garbled": (AFTER, "garbled: carried out; the answer is cut and damaged."),
    "busy": (BEFORE, "busy: nothing happens; the management server says that its service is unavailable."),
    "unknown-text": (BEFORE, "unknown-text: nothing happens; a text that no client knows, status 255."),
    "not-so-fast": (AFTER, "not-so-fast:SECONDS: the answer takes at least so long, whatever the latency."),
    "credentials": (BEFORE, "credentials: the array refuses every login."),
    "hold": (BEFORE, _HOLD),
    "lun-preparing": (STATE, "lun-preparing:LUN: that LUN is preparing until the fault is cleared."),
    "lun-file-owned": (STATE, "lun-file-owned:LUN: that LUN belongs to the file side and cannot be expanded."),
    "lun-offline": (STATE, "lun-offline:LUN: that LUN's state is Offline."),
    "migrate-stopped-full": (
        STATE,
        "migrate-stopped-full:LUN[:PERCENT]: that source's session stops, destination full.",
    ),
    "migrate-faulted": (STATE, "migrate-faulted:LUN[:PERCENT]: that source's session faults."),
    "migrate-synced": (STATE, "migrate-synced:LUN: that source's copy is done, yet the session does not end."),
    "no-feature": (STATE, "no-feature:-NAME: that enabler is not installed."),
    "port-uninitialized": (STATE, "port-uninitialized:SP:PORT: that port takes no initiators."),
    "attach-needs-rw": (STATE, "attach-needs-rw: a snapshot that is not read/write cannot be attached."),
    "pool-destroying": (STATE, "pool-destroying[:POOL]: that pool (or each) is being destroyed."),
    "pool-full": (STATE, "pool-full[:POOL]: that pool (or each) has no space left."),
}


@record
class Fault:
    """A fault that was asked for. Lasting when neither `times` nor `until` (epoch seconds) is set."""

    id: int
    name: str
    args: tuple[str, ...]
    match: str
    skip: int
    times: int | None
    until: float | None

    @property
    def seconds(self) -> float:
        """The fault's first argument as a time."""
        return float(self.args[0]) if self.args and self.args[0] else 0.0

    def status(self, default: int) -> int:
        """Return the fault's first argument as an exit status."""
        return int(self.args[0]) if self.args and self.args[0] else default


class Faults:
    """The faults in force, as one command meets them."""

    def __init__(self, db: sqlite3.Connection, now: float) -> None:
        self._db = db
        rows = db.execute("SELECT id, name, args, match, skip, times, until FROM fault ORDER BY id").fetchall()
        faults = [Fault(id_, name, tuple(args.split(":")), *rest) for id_, name, args, *rest in rows]
        self._inforce = [
            fault
            for fault in faults
            if (fault.until is None or fault.until > now) and (fault.times is None or fault.times > 0)
        ]

    def of(self, name: str, *args: str) -> Fault | None:
        """Return the fault of a thing: the first of that name whose arguments begin so (or that names none)."""
        for fault in self._inforce:
            given = tuple(arg for arg in fault.args if arg)
            wanted = tuple(arg.lower() for arg in args)
            if fault.name == name and tuple(arg.lower() for arg in given[: len(args)]) in (wanted, ()):
                return fault
        return None

    def of_lun(self, name: str, number: int, lun_name: str) -> Fault | None:
        """Return the fault of a LUN, named by number or by name."""
        if not self._inforce:
            return None
        return self.of(name, str(number)) or self.of(name, lun_name)

    def meet(self, words: tuple[str, ...], sp: str, past: frozenset[int]) -> Fault | None:
        """Return the fault of the way that befalls this command, and count it. `past` were met already."""
        said = " ".join(words)
        for fault in self._inforce:
            way = CATALOGUE[fault.name][0]
            if way == STATE or fault.id in past or fault.match not in said or not _concerns(fault, sp):
                continue
            if fault.skip > 0:
                self._db.execute("UPDATE fault SET skip = skip - 1 WHERE id = ?", (fault.id,))
                continue
            if fault.times is not None:
                self._db.execute("UPDATE fault SET times = times - 1 WHERE id = ?", (fault.id,))
            return fault
        return None


def _concerns(fault: Fault, sp: str) -> bool:
    if fault.name not in ("sp-down", "network-error"):
        return True
    return fault.args[0].upper() in ("", sp)


@record
class Wish:
    """What `vnx-sim fault` was asked for. Lasting when neither `times` nor `seconds` is set."""

    spec: str
    match: str = ""
    skip: int = 0
    times: int | None = None
    seconds: float | None = None


def add(db: sqlite3.Connection, wish: Wish) -> None:
    """Put a fault in force. Raises KeyError when no fault has that name."""
    name, _, args = wish.spec.partition(":")
    CATALOGUE[name]
    until = None if wish.seconds is None else time.time() + wish.seconds
    db.execute(
        "INSERT INTO fault (name, args, match, skip, times, until) VALUES (?, ?, ?, ?, ?, ?)",
        (name, args, wish.match, wish.skip, wish.times, until),
    )


def clear(db: sqlite3.Connection, name: str | None) -> None:
    """End the faults of a name (with or without arguments), or all."""
    if name is None:
        db.execute("DELETE FROM fault")
        return
    bare, _, args = name.partition(":")
    db.execute("DELETE FROM fault WHERE name = ? AND (? = '' OR args = ?)", (bare, args, args))
