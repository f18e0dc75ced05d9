"""What happened to a job, as the record scripts tell it in the moment in which it happens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one job."""

    id: str
    """Its place in the order of all events: milliseconds of the state server's clock, a hyphen, a number."""
    job: str
    array: str
    batch: str
    word: str
    """What happened."""
    state: str
    """The job's state from then on."""
    step: str
    why: str

    @property
    def at(self) -> int:
        """When it happened: milliseconds since 1970."""
        return int(self.id.partition("-")[0])

    @property
    def order(self) -> tuple[int, int]:
        """What events are ordered by."""
        return place_of(self.id)


def place_of(event: str) -> tuple[int, int]:
    """Return the place that an event's id stands for. Raises ValueError for a text that is none."""
    at, _, number = event.partition("-")
    if not (at.isascii() and number.isascii() and at.isdigit() and number.isdigit()):
        raise ValueError("an event's id is two numbers with a hyphen between them")
    place = int(at[:21]), int(number[:21])
    if max(place) >= 1 << 64:
        raise ValueError("an event's id is two numbers below 2^64")
    return place
