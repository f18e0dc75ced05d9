"""What is written to the screen for people: tables, plain ones when nobody is looking, and facts."""

import sys
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from itertools import zip_longest
from typing import Final

import click

COLUMNS: Final = 80
"""How long the lines of a table are at most where nobody looks."""
_NARROWEST: Final = 10
"""Characters that a cut column has at least."""


class Fit(Enum):
    """What becomes of a text that is too long for its line."""

    WHOLE = "whole"
    """It stays whole: a name or an id that is cut cannot be copied."""
    CUT = "cut"
    """Its end is left out: another command tells all of it."""
    CARRIED = "carried"
    """It goes on below: nothing of it may be lost."""


def show_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str, fits: Sequence[Fit] = ()) -> None:
    """Write a table: with colours on a terminal, plain columns otherwise; `empty` if it has no rows.

    `fits` says of each column how it is made to fit where nobody looks; without it nothing is. Columns without a single
    value are left out on a terminal, where room is short.
    """
    rows = [[printable(cell) for cell in row] for row in rows]
    if not rows:
        click.echo(empty)
    elif sys.stdout.isatty():
        filled = [at for at in range(len(head)) if any(row[at] for row in rows)]
        _drawn([head[at] for at in filled], [[row[at] for at in filled] for row in rows])
    else:
        _fitted(head, rows, fits or [Fit.WHOLE] * len(head))


def show_whole_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Write a table as wide as it is, a line a row; `empty` if it has no rows."""
    if rows:
        _plain(head, [[printable(cell) for cell in row] for row in rows])
    else:
        click.echo(empty)


def printable(text: str) -> str:
    """Return a text that moves no cursor and begins no line: some of what tables show was sent by somebody else."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in text)


def show_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Write names and values below each other, leaving out those without a value."""
    told = [(name, value) for name, value in facts if value]
    width = max(len(name) for name, _ in told) + 2
    for name, value in told:
        click.echo(f"{name + ':':<{width}}{value}")


def local_time(at: datetime | int | None) -> str:
    """Return a time, or milliseconds since 1970, as people at this machine read it; empty for never."""
    if not at:
        return ""
    moment = at if isinstance(at, datetime) else datetime.fromtimestamp(at / 1000, UTC)
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def duration(seconds: float) -> str:
    """Return a duration in a few characters."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004 -- seconds of a minute
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} h" if hours else f"{minutes}:{rest:02} min"


def _plain(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [[name.upper() for name in head], *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _fitted(head: Sequence[str], rows: Sequence[Sequence[str]], fits: Sequence[Fit]) -> None:
    """Write a table of lines as long as the screen at most, if its whole columns leave so much room."""
    widths = _widths(head, rows, fits)
    lines: list[Sequence[str]] = []
    for row in rows:
        cells = [_cell(cell, width, fit) for cell, width, fit in zip(row, widths, fits, strict=True)]
        lines += zip_longest(*cells, fillvalue="")
    _plain(head, lines)


def _widths(head: Sequence[str], rows: Sequence[Sequence[str]], fits: Sequence[Fit]) -> list[int]:
    """Return how wide each column is: the widest of those that may be narrower give way first."""
    widths = [max(len(line[at]) for line in (head, *rows)) for at in range(len(head))]
    least = [max(len(name), _NARROWEST) for name in head]
    while sum(widths) + 2 * (len(head) - 1) > COLUMNS:
        giving = [at for at, fit in enumerate(fits) if fit is not Fit.WHOLE and widths[at] > least[at]]
        if not giving:
            break
        widths[max(giving, key=lambda at: widths[at])] -= 1
    return widths


def _cell(text: str, width: int, fit: Fit) -> list[str]:
    """Return the lines of a cell."""
    if len(text) <= width or fit is Fit.WHOLE:
        return [text]
    if fit is Fit.CUT:
        return [f"{text[: width - 1].rstrip()}…"]
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _drawn(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 -- only a terminal needs it
    from rich.console import Console  # noqa: PLC0415 -- as above
    from rich.table import Table  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=0)
    for name in head:
        table.add_column(name, no_wrap=name in {"job", "archive"})  # what is cut cannot be copied
    for row in rows:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    Console().print(table)


_STYLES = {
    "SUCCEEDED": "green",
    "FAILED": "red",
    "STUCK": "bold red",
    "CANCELLED": "yellow",
    "ok": "green",
    "warning": "yellow",
    "wrong": "red",
}
