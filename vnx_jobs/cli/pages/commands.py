"""docs/commands.md: every command with its words, its options and an example, as they are declared."""

import inspect
import re
from collections.abc import Iterator
from typing import Final

import click

from vnx_jobs.cli.dispatch import BESIDE
from vnx_jobs.cli.exits import MEANINGS
from vnx_jobs.cli.program import program

_EXAMPLE: Final = re.compile(r"For example: (vnx-jobs .+?)(?:\n\n|\Z)", re.DOTALL)
_EVERYWHERE: Final = frozenset({"chosen", "as_json"})
"""What the page says once for all commands."""
_HEAD: Final = """\
# Commands

Made from the code (`python -m vnx_jobs.cli.pages docs`): every command, with the words that follow it, its
options, and an example. `vnx-jobs COMMAND --help` says the same. Every example is run by a test; `$JOB`,
`$ARCHIVE` and `$LETTER` stand for a job's id, a backup's name and a dead letter's.

## How answers are written

Every command marked with `-o` takes `-o, --output FORM`; `--json` is short for `--output json`.

| form | |
|---|---|
| `table` | what people look for first, in lines of 80 columns at most, as far as names allow; long texts are cut |
| `wide` | a table with more columns, and nothing is cut |
| `json`, `yaml` | the whole document; its keys are stable, and new ones may come |
| `csv` | lines with a header; a document within has its columns (`copies.used`), a list is JSON in its cell |

JSON, YAML and CSV are the documents of the HTTP API ([api.md](api.md)). Colours are for terminals, and left out
where the environment has `NO_COLOR`. Progress and complaints go to standard error. `vnx-jobs completion` makes a
shell complete words.

## How commands end

| status | meaning |
|---|---|
"""
_ELSEWHERE: Final = """
## From another machine

With `--url URL` before the command, or `VNX_JOBS_URL`, the HTTP service at that address is asked, with the token in
`--token-file` or `VNX_JOBS_TOKEN_FILE`: [remote.md](remote.md). These commands are given beside the state server alone:

| command | why |
|---|---|
"""


def page() -> str:
    """Return the page."""
    statuses = "".join(f"| {int(status)} | {meaning} |\n" for status, meaning in MEANINGS.items())
    parts = [_part(words, command) for words, command in every_command()]
    codes = "\nA refusal has a code: [reference/errors.md](reference/errors.md).\n"
    return "\n".join([f"{_HEAD}{statuses}{codes}{_ELSEWHERE}{_beside()}", *parts])


def _beside() -> str:
    """Return the rows of the commands that no service does, by why that is."""
    reasons = dict.fromkeys(BESIDE.values())
    rows = {why: ", ".join(f"`{words}`" for words in BESIDE if BESIDE[words] == why) for why in reasons}
    return "".join(f"| {commands} | {why} |\n" for why, commands in rows.items()).rstrip()


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Return the commands that can be run, with their words, in the order of `--help`."""
    yield from _within(program, click.Context(program), "")


def example_of(command: click.Command) -> str:
    """Return the example in a command's help. Raises ValueError if there is none."""
    found = _EXAMPLE.search(inspect.cleandoc(command.help or ""))
    if found is None:
        raise ValueError(f"{command.name} has no example")
    return " ".join(found[1].split())


def _within(group: click.Group, context: click.Context, before: str) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _within(command, context, f"{before}{name} ")
        elif command is not None:
            yield f"{before}{name}", command


def _part(words: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"vnx-jobs {words}")
    usage = " ".join([f"vnx-jobs {words}", *_usage(command, context)])
    said = _EXAMPLE.sub("\n\n", inspect.cleandoc(command.help or "")).strip()
    marked = any(one.name == "as_json" for one in command.params)
    lines = [f"\n## {words}\n", _escaped(re.sub(r"\n{3,}", "\n\n", said)), ""]
    written = dict.fromkeys([f"{usage}{' [-o FORM]' if marked else ''}", example_of(command)])
    lines += [*(f"    {line}" for line in written), ""]
    rows = [row for one in command.params if (row := _row(one, context))]
    if rows:
        lines += ["| option | |", "|---|---|", *rows, ""]
    return "\n".join(lines).rstrip()


def _usage(command: click.Command, context: click.Context) -> Iterator[str]:
    if any(isinstance(one, click.Option) and one.name not in _EVERYWHERE for one in command.params):
        yield "[OPTIONS]"
    for one in command.params:
        if isinstance(one, click.Argument):
            yield one.make_metavar(context)


def _row(one: click.Parameter, context: click.Context) -> str | None:
    if not isinstance(one, click.Option) or one.name in _EVERYWHERE:
        return None
    record = one.get_help_record(context)
    if record is None:
        return None
    names, says = record
    return f"| `{names.replace('|', ' or ')}` | {_escaped(' '.join(says.split()))} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
