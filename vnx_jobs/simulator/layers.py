"""Which layers make which image: a tree of layers in the state.

A LUN points to its *top*, the layer that its hosts write; a snapshot's image points to a layer that nobody writes
any more. Freezing a LUN makes its top an image and lays a new, empty top over it, so it costs the same for a byte
and for a terabyte, and so do attach, copy, restore and migration: they move pointers. A layer that nothing points
to and that only one layer lies on is merged with that one; its cost is what was written since.
"""

from __future__ import annotations

import os

from . import blocks, devices

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from .locks import Locks

_CHAIN = """
WITH RECURSIVE chain (id, parent, file, depth) AS (
    SELECT id, parent, file, 0 FROM layer WHERE id = ?
    UNION ALL SELECT layer.id, layer.parent, layer.file, depth + 1 FROM layer JOIN chain ON layer.id = chain.parent
) SELECT file FROM chain ORDER BY depth
"""


def chain(db: sqlite3.Connection, layer: int | None) -> list[int]:
    """List the files of an image, newest first."""
    return [] if layer is None else [file for (file,) in db.execute(_CHAIN, (layer,))]


def lay(db: sqlite3.Connection, parent: int | None) -> int:
    """Lay a new, empty layer over another; return its number."""
    file = db.execute("INSERT INTO file DEFAULT VALUES").lastrowid
    made = db.execute("INSERT INTO layer (parent, file) VALUES (?, ?)", (parent, file)).lastrowid
    if made is None:
        raise AssertionError("an insert has a row")
    return made


class Layers:
    """The layers of one state, as one command sees them."""

    def __init__(self, folder: str, db: sqlite3.Connection, locks: Locks) -> None:
        self._folder = folder
        self._db = db
        self._locks = locks
        self.has_discarded = False

    def freeze(self, lun: int, top: int | None) -> tuple[int | None, int]:
        """Make what a LUN holds an image that nobody writes; return the image's layer and the LUN's new top.

        The caller records the new top. Hosts are kept out until the command ends.
        """
        self._locks.freeze(lun)
        if top is None:
            return None, lay(self._db, None)
        self.absorb(lun, top)
        if self.is_written(top):
            return top, lay(self._db, top)
        (parent,) = self._db.execute("SELECT parent FROM layer WHERE id = ?", (top,)).fetchone()
        return parent, top

    def absorb(self, lun: int, top: int) -> None:
        """Let a LUN's top hold what hosts wrote to the LUN's device, if it has one."""
        row = self._db.execute("SELECT device FROM lun WHERE id = ?", (lun,)).fetchone()
        if row is not None and row[0] == devices.LIVE:
            devices.absorb(self._folder, lun, chain(self._db, top))

    def lay(self, parent: int | None) -> int:
        """Lay a new, empty layer over another; return its number."""
        return lay(self._db, parent)

    def is_written(self, layer: int) -> bool:
        """Say whether a layer itself (not what it lies on) holds any bytes."""
        row = self._db.execute("SELECT file FROM layer WHERE id = ?", (layer,)).fetchone()
        return row is not None and blocks.written(self._folder, row[0])

    def drop(self, layer: int | None) -> None:
        """Put away a layer, and those under it, that nothing needs any more; merge what became a link in a chain."""
        while layer is not None and not self._is_pointed_to(layer):
            parent, file = self._db.execute("SELECT parent, file FROM layer WHERE id = ?", (layer,)).fetchone()
            over = [child for (child,) in self._db.execute("SELECT id FROM layer WHERE parent = ? LIMIT 2", (layer,))]
            if len(over) == 1:
                self._merge(over[0], layer, parent, file)
            if over:
                return
            self._db.execute("DELETE FROM layer WHERE id = ?", (layer,))
            self._discard(file)
            layer = parent

    def settle(self, layer: int | None) -> None:
        """Merge a layer that no host writes any more with the one under it, where nothing else needs that one."""
        if layer is not None:
            (parent,) = self._db.execute("SELECT parent FROM layer WHERE id = ?", (layer,)).fetchone()
            self.drop(parent)

    def _is_pointed_to(self, layer: int) -> bool:
        found = self._db.execute(
            "SELECT EXISTS (SELECT 1 FROM image WHERE layer = ?1) OR EXISTS (SELECT 1 FROM lun WHERE top = ?1)",
            (layer,),
        ).fetchone()
        return bool(found[0])

    def _merge(self, child: int, layer: int, parent: int | None, file: int) -> None:
        """Copy the child's blocks into the file under it and let the child have that file.

        Nobody but the child reads that file, and the child's own blocks hide the copies: being killed here changes no
        image. The top of an attached snapshot stays apart, since its having a file says that it was modified.
        """
        if self._db.execute("SELECT 1 FROM image WHERE layer = ? AND mount IS NOT NULL", (child,)).fetchone():
            return
        for (lun,) in self._db.execute("SELECT id FROM lun WHERE top = ?", (child,)).fetchall():
            self._locks.freeze(lun)
        self._locks.rearrange()
        (newer,) = self._db.execute("SELECT file FROM layer WHERE id = ?", (child,)).fetchone()
        if blocks.written(self._folder, newer):
            with blocks.Layer(self._folder, newer) as above, blocks.Layer(self._folder, file, create=True) as below:
                for block, data in blocks.extents([above]):
                    below.put(block, data)
        self._db.execute("UPDATE layer SET parent = ?, file = ? WHERE id = ?", (parent, file, child))
        self._db.execute("DELETE FROM layer WHERE id = ?", (layer,))
        self._discard(newer)

    def _discard(self, file: int) -> None:
        for path in blocks.paths("", file):
            self.discard(path)

    def discard(self, path: str) -> None:
        """Have a file removed once this command is committed. The path begins at the state's folder."""
        self._db.execute("INSERT OR IGNORE INTO trash (path) VALUES (?)", (path,))
        self.has_discarded = True


def sweep(folder: str, db: sqlite3.Connection, locks: Locks) -> None:
    """Remove the files that committed commands have discarded. A killed command leaves them to the next one."""
    discarded = [path for (path,) in db.execute("SELECT path FROM trash")]
    if not discarded:
        return
    locks.rearrange()
    for path in discarded:
        try:
            os.unlink(folder + path)  # noqa: PTH108 - pathlib costs 15 ms of a command's 40
        except FileNotFoundError:  # never written, or removed by a command that was killed before it could say so
            continue
    db.execute("DELETE FROM trash")
