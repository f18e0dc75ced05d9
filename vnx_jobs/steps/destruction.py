"""Destruction: the end of a volume that users know, by its number and after a last comparison. Never brought back."""

from collections.abc import Callable

from vnx_jobs.model.outcome import Absent, Done, Finding, Outcome, Present
from vnx_jobs.ports import Array

from .identity import still_meant
from .work import JobStep, Work, destroying


def _destruction(name: str, says: str, command: Callable[[Array, int], None]) -> JobStep:
    def destroy(work: Work) -> Outcome:
        if (other := still_meant(work)) is not None:
            return other
        command(work.array, work.fact_number("number"))
        return Done(gone=(work.job.name,), access=work.unmarked)

    return destroying(name, says, destroy, _look_for_gone)


def _look_for_gone(work: Work) -> Finding:
    lun = work.array.lun(work.fact_number("number"))
    if lun is not None and lun.uid == work.fact("uid"):
        return Absent()
    return Present(gone=(work.job.name,), access=work.unmarked)


destroy_volume = _destruction(
    "destroy-volume",
    "Destroy the LUN; the array refuses while it has snapshots or is mapped to a host.",
    lambda array, number: array.destroy_lun(number),
)

destroy_mount_point = _destruction(
    "destroy-mount-point",
    "Destroy the mount point; from here on the snap copy is gone for hosts.",
    lambda array, number: array.destroy_mount_point(number),
)
