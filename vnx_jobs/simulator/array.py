"""The array as one command sees it: the state, the time, and what this command may ask of both."""

from __future__ import annotations

from .faults import Faults
from .layers import Layers
from .records import GB_BLOCKS
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from .locks import Locks


class Array:
    """What a command works on. `now` is seconds since the epoch; `speed` divides the array's times."""

    def __init__(  # noqa: PLR0913 - one argument for each thing that a command depends on
        self, folder: str, db: sqlite3.Connection, locks: Locks, *, now: float, speed: float, sp: str
    ) -> None:
        self.folder = folder
        self.db = db
        self.now = now
        self.speed = speed
        self.sp = sp
        self.settings = Settings.read(db)
        self.faults = Faults(db, now)
        self.use(locks)
        self.has_stale_device = False

    def use(self, locks: Locks) -> None:
        """Work with these locks from here on."""
        self.locks = locks
        self.layers = Layers(self.folder, self.db, locks)

    def has(self, enabler: str) -> bool:
        """Say whether an enabler is installed."""
        return enabler in self.settings.enablers and self.faults.of("no-feature", enabler) is None

    def later(self, seconds: float) -> float:
        """Return the time when something that takes an array so long is done."""
        return self.now + seconds / self.speed

    def one(self, query: str, *values: object) -> tuple[object, ...] | None:
        """Return a query's first row."""
        row: tuple[object, ...] | None = self.db.execute(query, values).fetchone()
        return row

    def count(self, query: str, *values: object) -> int:
        """Return the number that a query counts."""
        row = self.one(query, *values)
        return int(str(row[0])) if row and row[0] is not None else 0


def blocks_of(capacity: int, qualifier: str) -> int:
    """Turn a capacity and its size qualifier (-sq) into blocks of 512 bytes."""
    factor = {"mb": 2048, "gb": GB_BLOCKS, "tb": GB_BLOCKS * 1024, "bc": 1}[qualifier]
    return capacity * factor
