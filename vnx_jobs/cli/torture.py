"""`vnx-jobs torture`: the real stack under load and misfortune, judged by what the simulated array witnessed."""

import secrets
import shutil
import signal
import tempfile
from pathlib import Path
from typing import NoReturn

import click

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.observability.logs import log_to
from vnx_jobs.torture.run import Plan
from vnx_jobs.torture.run import torture as run

from .exits import Exit


@click.command()
@click.option("--jobs", type=click.IntRange(min=1), default=50, show_default=True, help="How many jobs to ask for.")
@click.option(
    "--minutes", type=click.FloatRange(min=0.1), default=1.0, show_default=True, help="How long misfortune lasts."
)
@click.option("--seed", type=int, help="Replay the load and the misfortunes of an earlier run.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Run in this new folder, and keep it.")
def torture(jobs: int, minutes: float, seed: int | None, keep: Path | None) -> int:
    """Show that no accepted job is lost, doubled or left half-done.

    For example: vnx-jobs torture --jobs 20 --minutes 0.5

    Starts a state server, two workers and a simulated array in a fresh folder; asks for a mixed load of jobs; meanwhile
    kills and stops processes, loses messages and answers, and lets the array misbehave. When all misfortune is over it
    judges by the array's audit log, the array's state and the records.
    """
    drawn = secrets.randbelow(1_000_000) if seed is None else seed
    home = _home(keep)
    log_to(level="error")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)  # whatever ends the run, what it started is ended too
    _say(f"seed {drawn}; everything is in {home}")
    verdict = None
    try:
        verdict = run(home, Plan(jobs, minutes * 60, drawn), _say)
        for line in verdict.lines:
            click.echo(line)
    finally:
        if keep is None and verdict is not None and verdict.well:
            shutil.rmtree(home)
        else:
            click.echo(f"evidence: {home}", err=True)
            click.echo(f"replay: vnx-jobs torture --jobs {jobs} --minutes {minutes:g} --seed {drawn}", err=True)
    click.echo("every promise was kept" if verdict.well else "error: a promise was broken")
    return Exit.WELL if verdict.well else Exit.FAILED


def _home(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="vnx-jobs-torture-"))
    if keep.exists() and any(keep.iterdir()):
        raise Refused(Code.INVALID, f"{keep} is not empty: name a new folder")
    return keep.absolute()


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _say(phase: str) -> None:
    click.echo(f"* {phase}", err=True)
