"""Where commands go: to the service that is named, or nowhere else than this machine."""

from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource


@dataclass(frozen=True, slots=True)
class Where:
    """The service that commands are for."""

    url: str
    token_file: Path | None
    ca_file: Path | None


def where_of(context: click.Context) -> Where | None:
    """Return the service that the program's options name; None if they name none.

    Raises UsageError for the file of a service that is not named, unless it stands in the environment.
    """
    url, token_file, ca_file = (context.params.get(name) for name in ("url", "token_file", "ca_file"))
    if url:
        return Where(url, token_file, ca_file)
    for name in () if context.resilient_parsing else ("token_file", "ca_file"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name.replace('_', '-')} is for a service: name it by --url", context)
    return None
