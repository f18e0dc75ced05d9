"""Logs that stay small: a log that grows beyond a limit is put aside, and the last few put aside are kept."""

import os
import shutil
from pathlib import Path
from typing import Final

LIMIT: Final = 10 << 20
"""Bytes."""
KEPT: Final = 3


def bound(log: Path, limit: int = LIMIT) -> bool:
    """Put a log aside as LOG.1 if it has outgrown the limit; say whether it has. LOG.1 becomes LOG.2, and so on.

    Its writers keep the file open, so it is copied and emptied; they must have opened it for appending. A line that is
    written between the last byte copied and the emptying is lost. Raises OSError.
    """
    if not log.exists() or log.stat().st_size <= limit:
        return False
    for number in range(KEPT - 1, 0, -1):
        if _aside(log, number).exists():
            _aside(log, number).rename(_aside(log, number + 1))
    target = os.open(_aside(log, 1), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with log.open("rb+") as source, os.fdopen(target, "wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
        source.truncate(0)
    return True


def _aside(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
