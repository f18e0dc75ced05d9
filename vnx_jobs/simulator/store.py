"""The state folder: one SQLite file behind one lock file.

Commands are short and change things, so they take turns: an exclusive `flock` on `array.lock` is held for the
length of a transaction. The kernel wakes the next one and gives the lock back when its holder is killed; SQLite
never has to answer "database is locked". A transaction cut off by `kill -9` is rolled back by the next command from
SQLite's journal. `synchronous=OFF` trades safety against power failure, which a simulation does not need, for not
waiting for the disk.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

LAYOUT = "1"
PATIENCE_SECONDS = 60.0


class NotAState(Exception):  # noqa: N818 - the words say it: the folder is not a state
    """The folder holds no simulated array (or one of another layout)."""


def connect(folder: str) -> sqlite3.Connection:
    """Open the state. Whoever only reads may do so beside whatever commands run. Raises NotAState."""
    path = f"{folder}/array.db"
    if not os.path.exists(path):  # noqa: PTH110 - pathlib costs 15 ms of a command's 40
        raise NotAState(f"{folder or '.'} holds no simulated array; make one with: vnx-sim init {folder or 'DIR'}")
    db = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA synchronous=OFF")
    return db


class Turn:
    """One command's turn at the state: the lock and one transaction.

    Leaving the block commits; leaving it by an error rolls back.
    """

    def __init__(self, folder: str, db: sqlite3.Connection) -> None:
        self._folder = folder
        self._db = db

    def __enter__(self) -> sqlite3.Connection:
        self._lock = os.open(f"{self._folder}/array.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            self._db.execute("BEGIN IMMEDIATE")
        except BaseException:
            os.close(self._lock)
            raise
        return self._db

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._db.execute("COMMIT" if kind is None else "ROLLBACK")
        finally:
            os.close(self._lock)
