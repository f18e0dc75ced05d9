"""The life of one command: words, session, fault, login, rule, answer, log.

`serve` is the whole way. Everything the state learns from a command it learns in one transaction (`_turn`), so a client
that is killed leaves all of its effect or none; the waiting (latency, hanging) is done outside of it.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time

from . import audit, commands, errors, layers, logins, misfortune
from .answer import Answer
from .array import Array
from .call import Call
from .errors import Refused
from .grammar import Args, Command, UsageError, parse, select
from .locks import Locks
from .record import record
from .rules import device_files, migrations, snapshots
from .sessions import Session
from .settings import Settings
from .store import Turn, connect

USAGE_STATUS = 34


@record
class Task:
    """A call that was understood: what is to be run, where, and how long it takes at least (seconds)."""

    db: sqlite3.Connection
    settings: Settings
    command: Command
    args: Args
    least: float


def serve(call: Call) -> Answer:
    """Carry out one call of the program, with its faults and its latency. Raises NotAState."""
    db = connect(call.folder)
    try:
        command, args = _understand(call)
    except (UsageError, Refused) as bad:
        return _refuse_here(call, db, bad)
    settings = Settings.read(db)
    if call.is_local:
        return _turn(call, Task(db, settings, command, args, 0.0))
    with Session(call.folder, settings) as session:
        if not session.granted:
            return _refuse_here(call, db, Refused(errors.BUSY))
        return _turn(call, Task(db, settings, command, args, latency(settings)))


def latency(settings: Settings) -> float:
    """Draw the least time of a call, in seconds."""
    low, high = settings.number("latency_low"), settings.number("latency_high")
    return (low + (high - low) * int.from_bytes(os.urandom(2), "big") / 65535) / 1000


def _understand(call: Call) -> tuple[Command, Args]:
    """Find the command and its arguments. Raises UsageError, NOT_SUPPORTED, PROMPT: what the client itself says."""
    if not call.words:
        raise UsageError("Too few or invalid command line parameters")
    known = commands.of(call.words[0])
    if known is None:
        raise Refused(errors.NOT_SUPPORTED, word=call.words[0])
    try:
        command, said = select(known, call.words)
        args = parse(command, said)
    except UsageError as bad:
        raise UsageError(f"{commands.usage(call.words[0])}\n\n{bad}") from bad
    if command.confirm and not args.has("-o") and not _confirmed():
        raise Refused(errors.PROMPT)
    return command, args


def _confirmed() -> bool:
    """Ask the person at the terminal. Without one the question is the whole answer (recorded)."""
    if not sys.stdin or not sys.stdin.isatty():
        return False
    sys.stdout.write(errors.PROMPT.text)
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _refuse_here(call: Call, db: sqlite3.Connection, refusal: UsageError | Refused) -> Answer:
    """Answer what never reached the array, and log it all the same."""
    status = refusal.status if isinstance(refusal, Refused) else USAGE_STATUS
    answer = Answer(f"{refusal}\n", status)
    with Turn(call.folder, db):
        audit.write(db, call, answer, audit.Note(None, time.time() - call.began))
    return answer


def _turn(call: Call, task: Task) -> Answer:
    """Take the state's lock, do everything the state learns, and afterwards do the waiting."""
    sp = None if call.is_local else task.settings.sp_at(call.invocation.address)
    with Locks(call.folder) as locks, Turn(call.folder, task.db) as db:
        array = Array(call.folder, db, locks, now=time.time(), speed=call.speed, sp=sp or "A")
        fault = None if call.is_local or call.lands else array.faults.meet(call.words, sp or "A", call.past)
        fate = misfortune.before(fault, call)
        answer = fate.answer or _carry_out(array, call, task)
        fate = misfortune.after(fault, fate, answer)
        given = fate.answer or answer
        seconds = max(time.time() - call.began, task.least, fate.pause)
        note = audit.Note(sp, seconds, fault.name if fault else "", changed=answer.changed, is_open=fate.goes_on)
        is_held = fate.lands_after is not None
        entry = audit.write(db, call, given, audit.Note(sp, 0.0, is_open=True) if is_held else note)
    if array.layers.has_discarded or array.has_stale_device:
        _finish(array)
    if fate.lands_after is not None and fault is not None:
        held, landing = call.after(fault.id, entry), call.after(fault.id, None, lands=True)
        misfortune.apart(lambda: _log_as_held(held, given, note), fate.lands_after, lambda: serve(landing))
    _wait_until(max(call.began + task.least, time.time() + fate.pause))
    if fate.goes_on and fault is not None:
        return _turn(call.after(fault.id, entry), task)
    return given


def _log_as_held(call: Call, answer: Answer, note: audit.Note) -> None:
    """Log that a command is held back: only now that there is somebody who carries it out, whatever its client does."""
    with Turn(call.folder, connect(call.folder)) as db:
        audit.write(db, call, answer, note)


def _wait_until(moment: float) -> None:
    pause = moment - time.time()
    if pause > 0:
        time.sleep(pause)


def _carry_out(array: Array, call: Call, task: Task) -> Answer:
    """Let the caller in, let time pass, and do what the command says."""
    try:
        if not call.is_local:
            logins.check(array, call.invocation)
    except Refused as refused:
        return Answer(f"{refused.text}\n", refused.status)
    migrations.advance(array)
    snapshots.expire(array)
    if call.invocation.np and task.command.reads:
        return _effect(array, task, from_last_poll=True)
    answer = _effect(array, task, from_last_poll=False)
    if not call.invocation.np:
        _poll(array)
    return answer


def _effect(array: Array, task: Task, *, from_last_poll: bool) -> Answer:
    """Run a command's handler; a refusal takes back all that it did."""
    array.db.execute("SAVEPOINT effect")
    before = array.db.total_changes
    try:
        text = _as_polled(array, task) if from_last_poll else task.command.run(array, task.args)
    except Refused as refused:
        array.db.execute("ROLLBACK TO effect")
        return Answer(f"{refused.text}\n", refused.status)
    except UsageError as bad:
        array.db.execute("ROLLBACK TO effect")
        return Answer(f"{bad}\n", USAGE_STATUS)
    return Answer(text, 0, not task.command.reads and array.db.total_changes > before)


def _poll(array: Array) -> None:
    """Let the management server see the array as it is now; `-np` will answer from this."""
    array.db.execute("DELETE FROM undo")
    array.db.execute("UPDATE poll SET time = ?", (array.now,))


def _as_polled(array: Array, task: Task) -> str:
    """Answer from the state of the last poll: play the changes since then backwards, read, and undo that."""
    array.db.execute("SAVEPOINT past")
    polled = array.db.execute("SELECT time FROM poll").fetchone()[0]
    for (statement,) in array.db.execute("SELECT statement FROM undo ORDER BY id DESC").fetchall():
        array.db.execute(statement)
    then = Array(array.folder, array.db, array.locks, now=polled, speed=array.speed, sp=array.sp)
    try:
        return task.command.run(then, task.args)
    finally:
        array.db.execute("ROLLBACK TO past")


def _finish(array: Array) -> None:
    """Do what a committed command left to do with files: devices to remake, layers and devices to remove.

    A command that is killed before it comes to this leaves it to the next that has such things to do.
    """
    with Locks(array.folder) as locks, Turn(array.folder, array.db):
        array.use(locks)
        device_files.rebuild_stale(array)
        layers.sweep(array.folder, array.db, locks)
