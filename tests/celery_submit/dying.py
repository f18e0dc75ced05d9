"""A fault in a worker: the first message is submitted; then its process, worker or state server is killed."""

import os
import signal
from pathlib import Path
from typing import Any

from workers.submitting import Desk

_one = Desk.one


def _dying(desk: Desk, fields: dict[str, Any]) -> dict[str, Any]:
    answer = _one(desk, fields)
    mark, whose = Path(os.environ["DYING_MARK"]), os.environ["DYING"]
    if not mark.exists():
        mark.write_text("")
        if whose == "worker":
            os.killpg(os.getpgid(os.getpid()), signal.SIGKILL)
        os.kill(os.getpid() if whose == "process" else int(whose), signal.SIGKILL)
    return answer


setattr(Desk, "one", _dying)  # noqa: B010 -- a fault is planted
