"""Every command of the program, by its words."""

from collections.abc import Iterator

import click

from vnx_jobs.cli.program import program


def every_command() -> dict[str, click.Command]:
    """Return the commands that can be run, by their words: `backups list`."""
    context = click.Context(program)
    return dict(_within(program, context, ""))


def _within(group: click.Group, context: click.Context, before: str) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _within(command, context, f"{before}{name} ")
        else:
            yield f"{before}{name}", command
