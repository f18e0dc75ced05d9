"""Starts the copiers of a backup host on this machine: `python -m workers.backup_host HOST [--node NAME]`.

It becomes a Celery worker that takes this host's queue alone, with as many processes as the settings allow copies.
"""

import argparse
import os
import sys
from typing import Final

from vnx_jobs.adapters.celery.bell import copiers_queue
from vnx_jobs.model.errors import JobError
from vnx_jobs.settings import load

HOST_VARIABLE: Final = "VNX_JOBS_BACKUP_HOST"
_NO_ROOT_WARNING: Final = "ignore:You're running the worker"


def command(host: str, copies: int, node: str) -> tuple[str, ...]:
    """Return the command of the worker; no two workers may bear one node name."""
    celery = (sys.executable, "-W", _NO_ROOT_WARNING, "-m", "celery", "-q", "-A", "workers.copying", "worker")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return (*celery, *quiet, "-Q", copiers_queue(host), "-c", str(copies), "-n", node)


def main(words: list[str] | None = None) -> None:
    """Become the worker. Exits with a line on stderr if the settings do not name the host."""
    parser = argparse.ArgumentParser(prog="backup_host", description="Run the copiers of a backup host.")
    parser.add_argument("host", help="the backup host's name in the settings")
    parser.add_argument("--node", default="", help="the worker's node name (default: copier-HOST@ this machine)")
    given = parser.parse_args(words)
    try:
        about = load().backup_host(given.host)
    except JobError as error:
        sys.exit(f"error: {error.message}")
    os.environ[HOST_VARIABLE] = given.host
    words = list(command(given.host, about.copies, given.node or f"copier-{given.host}@%h"))
    os.execv(words[0], words)  # noqa: S606 -- an argument list, no shell


if __name__ == "__main__":
    main()
