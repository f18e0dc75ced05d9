"""Numbers as `vnx-sim` takes them on its command line."""

from __future__ import annotations

import argparse
import math


def natural(said: str) -> int:
    """Read a whole number that is not negative."""
    if not (said.isdecimal() and len(said) <= 18):  # noqa: PLR2004 - what the state can hold
        raise argparse.ArgumentTypeError(f"{said} is not a whole number of 0 or more")
    return int(said)


def positive(said: str) -> int:
    """Read a whole number of 1 or more."""
    value = natural(said)
    if value == 0:
        raise argparse.ArgumentTypeError("0 is not a whole number of 1 or more")
    return value


def seconds(said: str) -> float:
    """Read a finite time that is not negative."""
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"{said} is not a time in seconds")
    return value
