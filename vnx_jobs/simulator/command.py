"""The life of one command: words, session, fault, login, rule, answer, log.

`serve` is the whole way. Everything the state learns from a command it learns in one transaction (`_turn`), so a client
that is killed leaves all of its effect or none; the waiting (latency, hanging) is done outside of it.
"""

from __future__ import annotations

import os
import sys
import time

from . import audit, commands, errors, layers, logins, misfortune
from .array import Array
from .errors import Refused
from .grammar import Args, Command, UsageError, parse, select
from .invocation import Invocation
from .locks import Locks
from .record import record
from .rules import migrations, snapshots
from .sessions import Session
from .settings import Settings
from .store import Turn, connect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

USAGE_STATUS = 34


@record
class Answer:
    """What a client gets: a text on stdout and an exit status. `changed` says whether the array has changed."""

    text: str
    status: int = 0
    changed: bool = False


@record
class Call:
    """One call of the program. `began` is when its process started; `past` are faults it has already met."""

    folder: str
    invocation: Invocation
    caller: str
    speed: float
    began: float
    past: frozenset[int] = frozenset()
    entry: int | None = None
    lands: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command."""
        return self.invocation.words

    @property
    def is_local(self) -> bool:
        """Whether no SP is asked: `security -certificate` concerns the client itself (storops sends it without -h)."""
        return [word.lower() for word in self.words[:2]] == ["security", "-certificate"]

    def after(self, fault: int, entry: int | None, *, lands: bool = False) -> Call:
        """Return the same call, past a fault."""
        return Call(
            self.folder, self.invocation, self.caller, self.speed, self.began, self.past | {fault}, entry, lands
        )


def serve(call: Call) -> Answer:
    """Carry out one call of the program, with its faults and its latency. Raises NotAState."""
    settings = _settings(call.folder)
    try:
        command, args = _understand(call)
    except (UsageError, Refused) as bad:
        return _refuse_here(call, bad)
    if call.is_local:
        return _turn(call, settings, command, args, 0.0)
    with Session(call.folder, settings) as session:
        if not session.granted:
            busy = Refused(errors.BUSY)
            return _refuse_here(call, busy)
        return _turn(call, settings, command, args, latency(settings))


def _settings(folder: str) -> Settings:
    db = connect(folder)
    try:
        return Settings.read(db)
    finally:
        db.close()


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


def _refuse_here(call: Call, refusal: UsageError | Refused) -> Answer:
    """Answer what never reached the array, and log it all the same."""
    status = refusal.status if isinstance(refusal, Refused) else USAGE_STATUS
    answer = Answer(f"{refusal}\n", status)
    with Turn(call.folder) as db:
        audit.write(db, call, answer, sp=None, seconds=time.time() - call.began, fault="")
    return answer


def _turn(call: Call, settings: Settings, command: Command, args: Args, least: float) -> Answer:
    """Take the state's lock, do everything the state learns, and afterwards do the waiting."""
    sp = None if call.is_local else settings.sp_at(call.invocation.address)
    with Locks(call.folder) as locks, Turn(call.folder) as db:
        array = Array(call.folder, db, locks, now=time.time(), speed=call.speed, sp=sp or "A")
        fault = None if call.is_local or call.lands else array.faults.meet(call.words, sp or "A", call.past)
        fate = misfortune.before(fault, call)
        answer = fate.answer or _carry_out(array, call, command, args)
        fate = misfortune.after(fault, fate, answer)
        given = fate.answer or answer
        seconds = max(time.time() - call.began, least + fate.pause)
        entry = audit.write(
            db,
            call,
            given,
            sp=sp,
            seconds=seconds,
            fault=fault.name if fault else "",
            changed=answer.changed,
            open_=fate.goes_on,
        )
    _sweep(call.folder)
    if fate.lands_after is not None and fault is not None:
        misfortune.land_later(call.after(fault.id, None, lands=True), fate.lands_after)
    _wait_until(max(call.began + least, time.time() + fate.pause))
    if fate.goes_on and fault is not None:
        return _turn(call.after(fault.id, entry), settings, command, args, 0.0)
    return given


def _wait_until(moment: float) -> None:
    pause = moment - time.time()
    if pause > 0:
        time.sleep(pause)


def _carry_out(array: Array, call: Call, command: Command, args: Args) -> Answer:
    """Let the caller in, let time pass, and do what the command says."""
    try:
        if not call.is_local:
            logins.check(array, call.invocation)
    except Refused as refused:
        return Answer(f"{refused.text}\n", refused.status)
    _let_time_pass(array)
    if call.invocation.np and command.reads:
        return _effect(array, command, args, _as_polled)
    answer = _effect(array, command, args, _as_it_is)
    if not call.invocation.np:
        _poll(array)
    return answer


def _effect(array: Array, command: Command, args: Args, how: Callable[[Array, Command, Args], str]) -> Answer:
    """Run a command's handler; a refusal takes back all that it did."""
    array.db.execute("SAVEPOINT effect")
    before = array.db.total_changes
    try:
        text = how(array, command, args)
    except Refused as refused:
        array.db.execute("ROLLBACK TO effect")
        return Answer(f"{refused.text}\n", refused.status)
    except UsageError as bad:
        array.db.execute("ROLLBACK TO effect")
        return Answer(f"{bad}\n", USAGE_STATUS)
    return Answer(text, 0, not command.reads and array.db.total_changes > before)


def _as_it_is(array: Array, command: Command, args: Args) -> str:
    return command.run(array, args)


def _let_time_pass(array: Array) -> None:
    migrations.advance(array)
    snapshots.expire(array)


def _poll(array: Array) -> None:
    """Let the management server see the array as it is now; `-np` will answer from this."""
    array.db.execute("DELETE FROM undo")
    array.db.execute("UPDATE poll SET time = ?", (array.now,))


def _as_polled(array: Array, command: Command, args: Args) -> str:
    """Answer from the state of the last poll: play the changes since then backwards, read, and undo that."""
    array.db.execute("SAVEPOINT past")
    polled = array.db.execute("SELECT time FROM poll").fetchone()[0]
    for (statement,) in array.db.execute("SELECT statement FROM undo ORDER BY id DESC").fetchall():
        array.db.execute(statement)
    then = Array(array.folder, array.db, array.locks, now=polled, speed=array.speed, sp=array.sp)
    try:
        return command.run(then, args)
    finally:
        array.db.execute("ROLLBACK TO past")


def _sweep(folder: str) -> None:
    """Remove the files that the committed command has discarded."""
    db = connect(folder)
    discarded = db.execute("SELECT 1 FROM trash LIMIT 1").fetchone()
    db.close()
    if discarded:
        with Locks(folder) as locks, Turn(folder) as turn:
            layers.sweep(folder, turn, locks)
