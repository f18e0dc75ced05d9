"""The program's commands and how it ends: every mistake of a user is one line, never a traceback."""

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import click
from click.shell_completion import CompletionItem

from vnx_jobs.model.errors import JobError

from .dispatch import over_http
from .exits import MEANINGS, Exit, of_error
from .where import Where, where_of

_COMMANDS: Final = {
    "up": ("stack", "Start the embedded stack in the background."),
    "down": ("stack", "End the embedded stack."),
    "serve": ("serving", "Serve the HTTP API until it is interrupted."),
    "demo": ("demo", "Run examples/provision.yaml on a simulated array, from nothing to nothing."),
    "torture": ("torture", "Show that no accepted job is lost, doubled or left half-done."),
    "submit": ("submitting", "Submit one job."),
    "batch": ("batching", "Submit the jobs of a manifest: FILE.yaml, FILE.jsonl or FILE.csv."),
    "batches": ("batches", "Look at batches, and tell all jobs of one what to do."),
    "jobs": ("jobs", "List jobs, newest first."),
    "job": ("jobs", "Show one job."),
    "watch": ("watching", "Follow jobs until all are over."),
    "arrays": ("arrays", "List the arrays: held, away or at work."),
    "reconcile": ("reconcile", "Compare an array with what is on record of it."),
    "cancel": ("ordering", "Cancel a job and undo what it did."),
    "pause": ("ordering", "Stop a job at its next step boundary, or begin nothing on an array."),
    "resume": ("ordering", "Let a paused job go on, a stuck one try again, or an array begin jobs."),
    "undo": ("ordering", "Undo a stuck job."),
    "abandon": ("ordering", "Give a stuck job up, leaving what it left."),
    "retry": ("ordering", "Try a job again that did not succeed."),
    "explain": ("explain", "Say what an operation does, step by step, and how each step is undone."),
    "volumes": ("volumes", "List the volumes of an array, as it last showed them."),
    "sources": ("volumes", "List what snap copies and snapshots are made of, and how many places each has left."),
    "volume": ("volumes", "Look at one volume."),
    "backup": ("backing_up", "Back volumes up while they are in use."),
    "restore": ("backing_up", "Write a backup onto a new volume, onto one that exists, or into a new file."),
    "drill": ("backing_up", "Prove that a backup can be restored."),
    "backups": ("backups", "Look at backups, pin, check and prune them."),
    "schedules": ("schedules", "Have jobs submitted again and again."),
    "hooks": ("hooks", "Have receivers called back when jobs or batches have ended."),
    "tokens": ("tokens", "Say who may use the HTTP API: make, list and revoke tokens."),
    "audit": ("audit", "Show who did what, oldest first."),
    "dead": ("dead", "Look at messages that could not be understood."),
    "completion": ("completion", "Print what makes a shell complete the words of vnx-jobs."),
    "doctor": ("doctor", "Check settings, state server, workers and arrays, and say what to do."),
}
"""Each command's module and what it does. Modules are loaded when their command runs: `--help` answers at once."""


_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""How a system says that what was written could not be kept."""


_FILE: Final = click.Path(path_type=Path, dir_okay=False)


class _Commands(click.Group):
    """Loads a command when it is asked for."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 -- as its parent
    ) -> click.Context:
        """Note whether the commands speak over HTTP, before one of them is looked for."""
        context = super().make_context(info_name, args, parent, **extra)
        context.obj = where_of(context)
        return context

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"{__package__}.{_COMMANDS[cmd_name][0]}")
        command = cast("click.Command", getattr(module, cmd_name))
        where: Where | None = ctx.obj
        return command if where is None else over_http(command, cmd_name, where)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands without loading any of them."""
        named = [
            CompletionItem(name, help=says) for name, (_, says) in _COMMANDS.items() if name.startswith(incomplete)
        ]
        return named + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in _COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Exit statuses"):
            formatter.write_dl([(str(int(status)), meaning) for status, meaning in MEANINGS.items()])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vnx-jobs")
@click.option(
    "--url", envvar="VNX_JOBS_URL", show_envvar=True, metavar="URL", help="Speak over HTTP to the service at URL."
)
@click.option(
    "--token-file", envvar="VNX_JOBS_TOKEN_FILE", show_envvar=True, type=_FILE, help="The file of the token for it."
)
@click.option(
    "--ca-file",
    envvar="VNX_JOBS_CA_FILE",
    show_envvar=True,
    type=_FILE,
    help="Certificates (PEM) that it is verified by.",
)
def program(url: str | None, token_file: Path | None, ca_file: Path | None) -> None:
    """Run jobs on EMC VNX arrays: create, copy and delete volumes, one at a time or by the thousand."""
    del url, token_file, ca_file  # `_Commands.make_context` reads them: they say what the commands are


def run(words: Sequence[str]) -> int:
    """Run the program and return its exit status."""
    if sys.stdout is None:  # closed by whoever called
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 -- it stays open to the end
    for word in words:
        if not _is_text(word):
            return _complain(f"{word!r} is not UTF-8 text", Exit.REFUSED)
    try:
        result = program.main(list(words), prog_name="vnx-jobs", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return Exit.REFUSED
    except click.ClickException as error:
        return _complain(f"{_first_lower(error.format_message())}{_hint(error)}", Exit.REFUSED)
    except JobError as error:
        return _complain(error.message, of_error(error))
    except (BrokenPipeError, SystemExit):  # click makes the one into the other
        _drop_output()  # the reader has gone: nothing more to say
        return Exit.WELL
    except OSError as error:
        return _failed_by_system(error)
    except click.Abort:
        return _complain("interrupted", Exit.INTERRUPTED)
    return result if isinstance(result, int) else Exit.WELL


def _failed_by_system(error: OSError) -> Exit:
    if error.filename is None and error.errno in _FULL:
        _drop_output()
        return _complain(f"the output cannot be written: {error.strerror}", Exit.UNSAID)
    return _complain(f"{error.filename or 'the system'}: {error.strerror or error}", Exit.REFUSED)


def _drop_output() -> None:
    """Let go of what is still to be written, so that the end of the process does not try it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_text(word: str) -> bool:
    """Say whether a word of the command line can be written down: it may hold bytes that are no text."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _complain(message: str, status: Exit) -> Exit:
    click.echo(f"error: {' '.join(message.split())}", err=True)
    return status


def _first_lower(text: str) -> str:
    return text[:1].lower() + text[1:].removesuffix(".")


def _hint(error: click.ClickException) -> str:
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f" (see `{error.ctx.command_path} --help`)"
    return ""
