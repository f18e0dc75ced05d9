"""`vnx-jobs up` and `vnx-jobs down`."""

import click

from vnx_jobs.settings import config_path, load
from vnx_jobs.stack.lifecycle import Up, run_in_foreground
from vnx_jobs.stack.lifecycle import down as end_stack
from vnx_jobs.stack.lifecycle import up as start_stack
from vnx_jobs.stack.places import Places
from vnx_jobs.stack.simulated import provide
from vnx_jobs.stack.trust import check_state_server

from .exits import Exit


@click.command()
@click.option("--foreground", is_flag=True, help="Stay at the terminal; ends with an interrupt.")
@click.option("--simulated-array", metavar="NAME", help="Make a simulated array first, and settings that name it.")
@click.option("--workers", type=click.IntRange(min=1), help="Worker processes (default: as the settings say).")
@click.option("--unsafe", is_flag=True, help="Use a state server that may forget jobs.")
def up(*, foreground: bool, simulated_array: str | None, workers: int | None, unsafe: bool) -> int:
    """Start the embedded stack in the background.

    For example: vnx-jobs up --simulated-array sim

    State server (unless the settings name one), workers, and with --simulated-array an array to try things on.
    """
    settings = load()
    if simulated_array is not None:
        places = Places(settings.home)
        places.make()
        if provide(places, simulated_array, settings, config_exists=config_path().exists()):
            click.echo(f"made simulated array {simulated_array}, and {places.config}", err=True)
        settings = load()
    if unsafe:
        settings = settings.model_copy(update={"unsafe_state_server": True})
    check_state_server(settings)
    start = run_in_foreground if foreground else start_stack
    result = start(settings, workers or settings.workers, _tell)
    if result is not None:
        _show(result)
    return Exit.WELL


@click.command()
def down() -> int:
    """End the embedded stack.

    For example: vnx-jobs down

    Jobs under way are kept, and go on when the stack is started again.
    """
    settings = load()
    click.echo("the stack has ended" if end_stack(settings) else f"no stack runs in {settings.home}")
    return Exit.WELL


def _tell(phase: str) -> None:
    click.echo(phase, err=True)


def _show(result: Up) -> None:
    state = "runs already" if result.already else "runs"
    click.echo(f"the stack {state} (supervisor {result.supervisor}); `vnx-jobs down` ends it")
    for note in result.notes:
        click.echo(f"note: {note}", err=True)
