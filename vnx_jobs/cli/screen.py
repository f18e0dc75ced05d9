"""What is written to the screen: JSON for programs, tables for people, plain ones when nobody is looking."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import click


def show_json(document: object) -> None:
    """Write a document."""
    click.echo(json.dumps(document, indent=2))


def show_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Write a table: with colours on a terminal, plain columns otherwise; `empty` if it has no rows.

    Columns without a single value are left out on a terminal, where room is short.
    """
    if not rows:
        click.echo(empty)
    elif sys.stdout.isatty():
        filled = [at for at in range(len(head)) if any(row[at] for row in rows)]
        _drawn([head[at] for at in filled], [[row[at] for at in filled] for row in rows])
    else:
        _plain(head, rows)


def show_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Write names and values below each other, leaving out those without a value."""
    told = [(name, value) for name, value in facts if value]
    width = max(len(name) for name, _ in told) + 2
    for name, value in told:
        click.echo(f"{name + ':':<{width}}{value}")


def instant(milliseconds: int) -> str | None:
    """Return a time as ISO 8601 in UTC, for programs; None for never."""
    if not milliseconds:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def local_time(milliseconds: int) -> str:
    """Return a time as people at this machine read it; empty for never."""
    if not milliseconds:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


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
