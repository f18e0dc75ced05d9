"""The heartbeat of the system: ticks of sweep, schedules, call backs and watch, a thread each, beside a worker's pool.

Any number of them may run: the sweep, the schedules, and the watch of each array are done by whoever holds the role's
lease. A thread an array: an array that hangs delays only itself. While no thread hangs, a byte a second goes to the
worker, which starts this process again when none comes any more.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable

import structlog

from vnx_jobs.adapters.redis.witness import WORKER_VARIABLE
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.hooks import deliverer as calling
from vnx_jobs.model.errors import JobError, StateServerError
from vnx_jobs.observability.logs import log_to
from vnx_jobs.schedules import scheduler as schedules
from vnx_jobs.settings import Settings, load
from vnx_jobs.sweep import PERIOD, sweep
from vnx_jobs.wiring import House

from .heart import Heart
from .stopping import StoppingHouse


def beat(what: str, tick: Callable[[], int], period: float, stop: threading.Event) -> None:
    """Call `tick` every `period` seconds until told to stop; a failure is logged and the next tick tries again."""
    while not stop.wait(period):
        try:
            tick()
        except JobError as error:
            structlog.get_logger().error("tick_failed", what=what, why=error.message)
        except Exception:  # noqa: BLE001 -- a heart that stops at its first surprise is none; it is logged whole
            structlog.get_logger().exception("tick_failed", what=what)


def sweeping(settings: Settings, stop: threading.Event) -> None:
    """Sweep until told to stop."""
    house, worker = House(settings), os.environ[WORKER_VARIABLE]
    landings = {name: array.landing for name, array in settings.arrays.items()}
    beat("sweep", lambda: sweep(house.store, house.bell, worker, landings), PERIOD, stop)
    with contextlib.suppress(StateServerError):  # then its lease ends by itself
        house.store.release("sweep", worker)
    house.close()


def scheduling(settings: Settings, stop: threading.Event) -> None:
    """Fire schedules until told to stop."""
    house = House(settings)
    beat("schedules", lambda: house.scheduler.tick(house.owner), schedules.PERIOD, stop)
    with contextlib.suppress(StateServerError):  # then its lease ends by itself
        house.store.release(schedules.ROLE, house.owner)
    house.close()


def calling_back(settings: Settings, stop: threading.Event) -> None:
    """Deliver call backs until told to stop. None is waited for: what is not noted is delivered again."""
    house = House(settings)
    deliverer = house.hooks.deliverer(house.store, lambda record: JobDocument.of(record).told())
    beat("call backs", deliverer.tick, calling.PERIOD, stop)
    house.close()


def watching(settings: Settings, array: str, stop: threading.Event) -> None:
    """Watch one array until told to stop."""
    house = StoppingHouse(settings, stop.is_set)
    watch = house.watch(array)
    beat(f"watch {array}", watch.look, watch.period, stop)
    with contextlib.suppress(StateServerError):
        house.store.release(f"watch:{array}", house.owner)  # or the next watch would wait for the lease to end
    house.close()


def main() -> None:
    """Run all threads until the worker ends, or asks this process to."""
    log_to()
    settings, worker = load(), os.getppid()
    stop = Heart(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threads = [threading.Thread(target=sweeping, args=(settings, stop), name="sweep")]
    threads += [threading.Thread(target=scheduling, args=(settings, stop), name="schedules")]
    threads += [threading.Thread(target=calling_back, args=(settings, stop), name="call backs")]
    threads += [
        threading.Thread(target=watching, args=(settings, array, stop), name=f"watch {array}")
        for array in settings.arrays
    ]
    for thread in threads:
        thread.daemon = True  # a watch may sit in a slow array command: leaving does not wait for it
        thread.start()
    while not stop.wait(PERIOD):
        try:
            stop.pulse()
        except BrokenPipeError:
            stop.set()
        if os.getppid() != worker:  # the worker was killed
            stop.set()
    for thread in threads:
        thread.join(timeout=PERIOD)


if __name__ == "__main__":
    main()
