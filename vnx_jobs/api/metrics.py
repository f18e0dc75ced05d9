"""What is counted, in the text form that Prometheus reads."""

from collections.abc import Iterable
from typing import Final

from .doors import Visit
from .tally import head, line

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def exposition(guest: Visit) -> str:
    """Return what a caller may know: of the arrays that he sees, and of this process."""
    return "\n".join([*_jobs(guest), *_arrays(guest), *guest.doors.tally.lines(), *_streams(guest)]) + "\n"


def _jobs(guest: Visit) -> Iterable[str]:
    yield from head("vnx_jobs_live", "gauge", "Jobs that have not ended.")
    for (array, state), count in sorted(guest.house.pages.counts().items()):
        if guest.caller.sees(array):
            yield line("vnx_jobs_live", count, array=array, state=str(state))


def _arrays(guest: Visit) -> Iterable[str]:
    found = {name: guest.house.reads.standing(name) for name in guest.arrays}
    gauges = {
        "under_way": ("Jobs whose chain is under way.", {name: one.under_way for name, one in found.items()}),
        "ready": ("Jobs that wait for a place for their chain.", {name: one.ready for name, one in found.items()}),
        "held": ("Whether somebody holds it.", {name: int(bool(one.held)) for name, one in found.items()}),
        "away": ("Whether it does not answer.", {name: int(bool(one.away)) for name, one in found.items()}),
        "frozen": ("Whether nothing moves on it.", {name: int(bool(one.frozen)) for name, one in found.items()}),
    }
    for word, (says, values) in gauges.items():
        yield from head(f"vnx_jobs_array_{word}", "gauge", says)
        for name, value in values.items():
            yield line(f"vnx_jobs_array_{word}", value, array=name)


def _streams(guest: Visit) -> Iterable[str]:
    yield from head("vnx_jobs_http_streams", "gauge", "Streams of events and long polls that are open.")
    yield line("vnx_jobs_http_streams", guest.doors.hub.count)
