"""The options of a retention policy."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.retention import ALL, Policy

F = TypeVar("F", bound=Callable[..., Any])
_NUMBER: Final = click.IntRange(min=ALL)
_PERIODS: Final = ("hourly", "daily", "weekly", "monthly", "yearly")
_NAMES: Final = {"hourly": "hours", "daily": "days", "weekly": "weeks", "monthly": "months", "yearly": "years"}


def policy_options(command: F) -> F:
    """Give a command the options that say how many backups are kept."""
    command = click.option(
        "--zone", default="UTC", show_default=True, metavar="ZONE", help="By whose clocks they begin."
    )(command)
    for period in reversed(_PERIODS):
        says = f"Keep the newest of each of N {_NAMES[period]}."
        command = click.option(f"--{period}", type=_NUMBER, default=0, metavar="N", help=says)(command)
    says = "Keep the newest N; -1 for all, here and below."
    return click.option("--last", type=_NUMBER, default=0, metavar="N", help=says)(command)


def policy_of(numbers: Mapping[str, Any]) -> Policy:
    """Return the policy that the options say. Raises Refused(invalid)."""
    try:
        return Policy(**numbers)
    except ValueError as error:
        raise Refused(Code.INVALID, str(error)) from error
