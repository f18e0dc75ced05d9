"""Commands of software that this array does not have: mirrors and quality of service."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.grammar import Args, Command


def _no_mirror(array: Array, args: Args) -> str:
    del array, args
    raise Refused(errors.MIRROR_MISSING)


def _no_quality(array: Array, args: Args) -> str:
    del array, args
    raise Refused(errors.QOS_MISSING)


COMMANDS = (
    Command(("mirror", "-sync"), _no_mirror, rest=True),
    Command(("mirror", "-async"), _no_mirror, rest=True),
    Command(("nqm",), _no_quality, rest=True),
)
