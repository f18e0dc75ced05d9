"""vnx-jobs: an asynchronous job-queue orchestrator for EMC VNX block storage.

`vnx_jobs.Client` is what programs use; it is loaded when it is first asked for, so that importing this costs nothing.
"""

TYPE_CHECKING = False  # type checkers take it for theirs; each command of the simulated array would pay for `typing`
if TYPE_CHECKING:
    from .client import Client

__all__ = ["Client"]


def __getattr__(name: str) -> object:
    if name != "Client":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .client import Client  # noqa: PLC0415 -- see above

    return Client
