"""A program that attaches or detaches one volume with os-brick, as root: asked on its input, it answers on its output.

Both are JSON; the answer has the device's `path`, or an `error` of one line.
"""

import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from vnx_jobs.adapters.hosts.brick_paths import BrickPaths, Library
from vnx_jobs.model.hosts import Connection
from vnx_jobs.ports.hosts import HostError

LOCKS: Final = Path("/run/vnx-jobs")
"""One place for a host, whoever asks: two that look for new disks at one time confuse each other."""


def main() -> None:
    """Do what is asked, within its limit."""
    told: dict[str, str] = {}
    try:
        asked = json.loads(sys.stdin.readline())
        _end_after(asked["limit"])
        if asked.get("bound"):
            threading.Thread(target=_end_with_caller, daemon=True).start()
        told = _done(sys.argv[1], asked)
    except HostError as error:
        told = {"error": str(error)}
    json.dump(told, sys.stdout)


def _done(verb: str, asked: dict[str, Any]) -> dict[str, str]:
    if os.geteuid() != 0:
        raise HostError("volumes are attached as root: see `helper` of backup_hosts in docs/hosts.md")
    about = asked["connection"]
    connection = Connection(**{**about, "fibre": tuple(about["fibre"]), "iscsi": tuple(about["iscsi"])})
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    paths = BrickPaths(connection, _library(), multipath=asked["multipath"])
    with _alone():
        if verb == "attach":
            return {"path": str(paths.attach())}
        paths.detach()
        return {}


def _library() -> Library:
    """Load os-brick and set up what it keeps for the whole process."""
    try:
        import os_brick  # noqa: PLC0415 -- an optional extra, and slow
        from os_brick import exception, privileged  # noqa: PLC0415 -- as above
        from os_brick.initiator import connector, linuxscsi  # noqa: PLC0415 -- as above
        from oslo_concurrency import lockutils, processutils  # noqa: PLC0415 -- as above
        from oslo_config import cfg  # noqa: PLC0415 -- as above
    except ImportError as error:
        raise HostError(f"os-brick is missing ({error.name}): pip install 'vnx-jobs[host]'") from error
    cfg.CONF([], project="vnx-jobs", default_config_files=[], default_config_dirs=[])
    lockutils.set_defaults(str(LOCKS))
    os_brick.setup(cfg.CONF)
    privileged.default.set_client_mode(False)  # this is the privileged process: no helper of its helper
    return Library(
        connector=connector.InitiatorConnector.factory,
        scsi=linuxscsi.LinuxSCSI(""),
        errors=(exception.BrickException,),
        command_error=processutils.ProcessExecutionError,
    )


@contextmanager
def _alone() -> Iterator[None]:
    descriptor = os.open(LOCKS / "attach.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _end_after(seconds: int) -> None:
    """End this process, and what it has started, when its time is over: what it began, the next call takes up."""

    def over(*_: object) -> None:
        os.write(sys.stdout.fileno(), json.dumps({"error": f"not done within {seconds} s"}).encode())
        os.killpg(0, signal.SIGKILL)  # the caller started it in a session of its own

    signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)


def _end_with_caller() -> None:
    """End this process, and what it has started, when nobody holds the other end of its input any more."""
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
