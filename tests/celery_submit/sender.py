"""A service of somebody else's that submits by Celery: an app of its own that knows an address, a prefix and a name."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from celery import Celery

from tests.acceptance.site import ARRAY, Site

LIMIT: Final = 40.0
FIELDS: Final = {"operation": "create-volume", "array": ARRAY, "name": "web-01", "size_gb": 5, "pool": "pool_1"}
QUEUE: Final = "vnx.submit"


def until(done: Callable[[], Any], limit: float = LIMIT) -> Any:
    """Wait until something is true, and return it."""
    end = time.monotonic() + limit
    while not (found := done()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)
    return found


class Sender:
    """Sends messages, by Celery and by plain commands, and reads answers."""

    def __init__(self, site: Site) -> None:
        self.site, self.prefix = site, site.settings.prefix
        self.redis = site.house.server.client
        url = site.environment["VNX_JOBS_REDIS_URL"]
        self.app = Celery("theirs", broker=url, backend=url, set_as_current=False)
        options = {"global_keyprefix": f"{self.prefix}mq:"}
        self.app.conf.update(broker_transport_options=options, result_backend_transport_options=options)

    def send(self, *args: Any, task: str = "vnx.submit", **more: Any) -> Any:
        """Send a message and return the answer."""
        return self.app.send_task(task, args=list(args), queue=QUEUE, **more).get(timeout=LIMIT)

    def send_again(self, *args: Any, task: str = "vnx.submit", task_id: str) -> Any:
        """Send a message that was answered before, as a broker that delivers twice, and return the second answer.

        It is read where it is stored: Celery's own client has the first one still, and would return it.
        """
        self.redis.delete(f"{self.prefix}mq:celery-task-meta-{task_id}")
        self.app.send_task(task, args=list(args), queue=QUEUE, task_id=task_id)
        return until(lambda: self.answer(task_id))["result"]

    def push(self, item: str | bytes) -> None:
        """Put something on the list as it stands."""
        self.redis.lpush(f"{self.prefix}mq:{QUEUE}", item)

    def answer(self, task: str) -> dict[str, Any] | None:
        """Return the stored answer to a task."""
        found = self.redis.get(f"{self.prefix}mq:celery-task-meta-{task}")
        return None if found is None else json.loads(found)

    def jobs(self) -> list[str]:
        """Return the names of all jobs' volumes."""
        return [record.name for record in self.site.house.store.find()]

    def start(self, **environment: str) -> None:
        """Start a worker; with the fault, if `DYING` is given."""
        before = dict(self.site.environment)
        include: tuple[str, ...] = ()
        if environment:
            root, include = str(Path(__file__).parents[2]), ("-I", "tests.celery_submit.dying")
            self.site.environment.update({"DYING_MARK": str(self.site.folder / "died"), "PYTHONPATH": root})
            self.site.environment.update(environment)
        try:
            self.site.start_worker(1, include=include)
        finally:
            self.site.environment.clear()
            self.site.environment.update(before)
        number = len(self.site.workers) - 1
        until(lambda: self.site.logged(number, "worker_ready"))
