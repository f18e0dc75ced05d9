"""Runs under borg's own interpreter: fills its repositories faster than one process an archive could.

`list`: reads lines `NAME ISO-TIME` and lets the repository's manifest name just these archives, without content.
`live`: reads lines `create NAME ISO-TIME` and `prune OPTION..`, and does each with borg's own commands, in one process.
"""

import hashlib
import os
import sys
from datetime import UTC, datetime

from borg.archiver import Archiver
from borg.cache import Cache
from borg.helpers import Manifest
from borg.logger import setup_logging
from borg.repository import Repository


def name_archives(lines: list[str]) -> None:
    """Let the manifest name archives; `borg prune --dry-run` looks at nothing else."""
    setup_logging()
    with Repository(os.environ["BORG_REPO"], exclusive=True) as repository:
        manifest, key = Manifest.load(repository, Manifest.NO_OPERATION_CHECK)
        for name in list(manifest.archives):
            del manifest.archives[name]
        for line in lines:
            name, at = line.split()
            taken = datetime.fromisoformat(at).astimezone(UTC)
            manifest.archives[name] = (hashlib.sha256(name.encode()).digest(), taken)
        with Cache(repository, key, manifest, sync=False) as cache:
            cache.begin_txn()  # it is then as new as the manifest, and borg looks for no archive's chunks
            manifest.write()
            repository.commit(compact=False)
            cache.commit()


def live(lines: list[str]) -> None:
    """Create and prune; `--timestamp` is UTC."""
    borg = Archiver()
    for line in lines:
        verb, *words = line.split()
        words = ["--timestamp", words[1], f"::{words[0]}", "empty"] if verb == "create" else words
        if borg.run(borg.parse_args([verb, *words])) != 0:
            sys.exit(f"borg could not {line}")


if __name__ == "__main__":
    {"list": name_archives, "live": live}[sys.argv[1]](sys.stdin.read().splitlines())
