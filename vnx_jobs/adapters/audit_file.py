"""A copy of the audit trail in a file: a line of JSON each, on the disk before the next is written."""

import errno
import json
import os
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import structlog

from vnx_jobs.model.authority import AuditEntry


class AuditFile:
    """Appends lines to a file that only its owner reads; several processes may write to the same one.

    The file is opened for each line, so it may be moved away at any time. A line that cannot be kept, on a full disk
    say, is logged, and stands in the state server alone: what it tells of has been done by then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._torn = False

    def write(self, entry: AuditEntry) -> None:
        """Append a line, and see it on the disk. A torn one is ended before the next, so that it spoils no other."""
        when = datetime.fromtimestamp(entry.when / 1000, UTC) if entry.when else datetime.now(UTC)
        told = asdict(entry) | {"when": when.isoformat(timespec="milliseconds")}
        line = json.dumps(told, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            try:
                self._append(line)
            except OSError as error:
                with suppress(OSError):
                    structlog.get_logger().error("audit_file_failed", file=str(self._path), why=error.strerror)

    def _append(self, line: bytes) -> None:
        text = b"\n" + line if self._torn else line
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            written = os.write(file, text)
            self._torn = written < len(text)
            if self._torn:
                raise OSError(errno.ENOSPC, "only a part of a line could be written")
            os.fsync(file)
        finally:
            os.close(file)
