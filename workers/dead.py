"""Dead letters of a worker's main process: kept with the reason, and never the cause of a second failure."""

from contextlib import closing

import structlog

from vnx_jobs.model.errors import JobError
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

LONGEST = 10_000
"""Characters of a message that are kept."""


def keep(house: House, why: str, task: str, message: str) -> None:
    """Put a message among the dead letters; if the state server does not hear of it, the log does."""
    structlog.get_logger().warning("dead_letter", why=why, task=task[:100])
    try:
        house.dead_letters.put(_told(why), _told(task)[:200], _told(message)[:LONGEST])
    except JobError as error:
        structlog.get_logger().error("dead_letter_lost", why=error.message)


def bury(why: str, task: str, message: str) -> None:
    """Do so in a main process, whose connections the pool's processes would share: with one for the purpose."""
    with closing(House(load())) as house:
        keep(house, why, task, message)


def _told(text: str) -> str:
    return text.encode(errors="replace").decode()
