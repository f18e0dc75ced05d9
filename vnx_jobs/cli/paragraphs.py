"""Sentences of any length, wrapped for the screen: names and ids are never broken, so that they can be copied."""

import shutil
import sys
import textwrap
from typing import Final

import click

_WIDTH: Final = 80
"""Columns where nobody looks."""
_WIDEST: Final = 110
"""Longer lines are hard to read."""


def show_paragraph(text: str, label: str = "", indent: int = 0) -> None:
    """Write a text, its lines indented, the label before the first one."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH
    lines = textwrap.wrap(
        text,
        min(columns, _WIDEST),
        initial_indent=label.ljust(indent),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    click.echo("\n".join(lines))
