"""`vnx-jobs completion`: what makes a shell complete words. All but one thing is the library's."""

from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from .exits import Exit

VARIABLE: Final = "_VNX_JOBS_COMPLETE"
"""By which a shell asks the program for words."""
_ADDED: Final = "COMPREPLY+=($value)"
_NO_SPACE: Final = f"{_ADDED}\n            [[ $value == *= ]] && compopt -o nospace"


class _Bash(BashComplete):
    """Puts no space after NAME=, where a value is to be typed."""

    source_template = BashComplete.source_template.replace(_ADDED, _NO_SPACE)


_SHELLS: Final[dict[str, type[ShellComplete]]] = {"bash": _Bash, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def completion(shell: str) -> int:
    """Print what makes a shell complete the words of vnx-jobs.

    For example: vnx-jobs completion bash

    In ~/.bashrc: source <(vnx-jobs completion bash). In ~/.zshrc: source <(vnx-jobs completion zsh). For fish: vnx-jobs
    completion fish > ~/.config/fish/completions/vnx-jobs.fish.
    """
    root = click.get_current_context().find_root()
    click.echo(_SHELLS[shell](root.command, {}, "vnx-jobs", VARIABLE).source())
    return Exit.WELL
