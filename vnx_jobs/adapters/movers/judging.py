"""What came of a reader or a writer, as the port says it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vnx_jobs.ports.mover import MoverError, MoverFault, Passed

from .group import Ended

Faults = Mapping[str, MoverFault]
"""What a reader or writer says is the matter -> the port's word for it. Of all else, other programs know more."""

_KILLED: Final[Faults] = {"ended": "ended"}
"""What gave the bytes was killed."""
SOURCE: Final[Faults] = {"short-read": "short-read", "device": "device"}
"""A reader of the device that is backed up."""
IMAGE: Final[Faults] = {"short-read": "repository", "device": "repository"}
"""A reader of what a repository holds."""
TARGET: Final[Faults] = {
    "short-read": "short-read",
    "device": "device",
    "space": "space",
    "bytes": "repository",
    **_KILLED,
}
"""A writer of what a repository gave."""
TWIN: Final[Faults] = {"device": "device", "space": "space", "bytes": "short-read", **_KILLED}
"""A writer of what another device gave."""
STORE: Final[Faults] = {"device": "repository", "space": "space", "bytes": "short-read", **_KILLED}
"""A writer of what a repository is to hold."""


def trouble(ended: Ended, told_in: Path, faults: Faults) -> MoverError | None:
    """Return the error that a reader or writer told, if that is its own."""
    told = ended.traces.outcome(told_in)
    fault = faults.get(told.get("fault", ""))
    return MoverError(told["text"], fault) if fault else None


def passed(ended: Ended) -> Passed | None:
    """Return what the writer says passed, if all is well."""
    told = ended.traces.outcome(ended.traces.written)
    return Passed(told["size"], told["digest"]) if ended.status == 0 and "digest" in told else None
