"""The few shapes that listings have."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Rows = Iterable[tuple[str, object]]


def labelled(rows: Rows) -> str:
    """Write a block of `Label:  value`; an empty value leaves the bare label."""
    return "".join(f"{label}:  {value}\n" if value != "" else f"{label}:\n" for label, value in rows)


def aligned(rows: Rows, width: int) -> str:
    """Write a block whose values stand in one column."""
    return "".join(f"{label + ':':<{width}}{value}".rstrip() + "\n" for label, value in rows)


def blocks(texts: Iterable[str]) -> str:
    """Divide blocks by one empty line."""
    return "\n".join(texts)


def gigabytes(count: int) -> str:
    """Write blocks of 512 bytes as GB."""
    return f"{count / 2097152:.3f}"


def capacity(label: str, count: int) -> list[tuple[str, object]]:
    """Write a capacity in blocks and in GB."""
    return [(f"{label} (Blocks)", count), (f"{label} (GBs)", gigabytes(count))]


def moment(seconds: float) -> str:
    """Write a time as the array does, in local time."""
    return time.strftime("%m/%d/%y %H:%M:%S", time.localtime(seconds))


def yes(value: object) -> str:
    """Write a truth value as Yes or No."""
    return "Yes" if value else "No"
