"""`vnx-jobs demo`: a manifest run on a simulated array from nothing to nothing, with everything real in between."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from vnx_jobs.batches.checking import Checked, Sound, check, request
from vnx_jobs.batches.fates import RowFate
from vnx_jobs.batches.manifest import read
from vnx_jobs.batches.submitting import submit
from vnx_jobs.documents.batches import ReportDocument
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.record import Record
from vnx_jobs.model.specs import CreateVolume
from vnx_jobs.model.states import State
from vnx_jobs.settings import CONFIG_VARIABLE, HOME_VARIABLE, REDIS_VARIABLE, Settings, load
from vnx_jobs.stack.lifecycle import down, up
from vnx_jobs.stack.places import Places
from vnx_jobs.stack.simulated import provide, simulator
from vnx_jobs.wiring import House

from . import demo_array, demo_backups, reports
from .bars import progress_screen
from .batching import write_report
from .exits import Exit
from .session import opened
from .waiting import wait

_ARRAY: Final = "demo"
_BY: Final = "demo"
_WRITES: Final = ((0, 16_000_000), (1_000_000_000, 4_000_000))
"""Offset and length of the bytes that are written to the source, as a host would."""
_MANIFEST: Final = Path(__file__).parents[2] / "examples" / "provision.yaml"


@click.command()
@click.option("--manifest", type=click.Path(path_type=Path), default=_MANIFEST, help="Run another manifest.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("vnx-jobs-demo-report.json"),
    show_default=True,
    help="Where the report goes, as JSON.",
)
@click.option("--workers", type=click.IntRange(min=1), default=4, show_default=True, help="Worker processes.")
@click.option("--keep", is_flag=True, help="Leave the folder with all logs behind.")
def demo(manifest: Path, report: Path, workers: int, *, keep: bool) -> int:
    """Run examples/provision.yaml on a simulated array, from nothing to nothing.

    For example: vnx-jobs demo --report report.json

    Starts a state server, workers and a simulated array in a fresh folder; fills the first volume with bytes as a host
    would; runs the manifest; compares what the array shows with what was asked for; backs a volume up while it is
    written, and gives it back; stops everything.
    """
    began = time.monotonic()
    if not manifest.exists():
        raise Refused(Code.INVALID, f"there is no manifest {manifest}: name one with --manifest")
    home = Path(tempfile.mkdtemp(prefix="vnx-jobs-demo-"))
    well = False
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)  # whatever ends the demo, what it started is ended too
    try:
        with _stack(home, workers) as settings, opened(settings) as house:
            well = _run(house, home, manifest, report, began)
    finally:
        if keep or not well:
            click.echo(f"logs: {home / 'logs'}", err=True)
        else:
            shutil.rmtree(home)
    return Exit.WELL if well else Exit.FAILED


@contextmanager
def _stack(home: Path, workers: int) -> Iterator[Settings]:
    """Give the settings of a stack that runs in a fresh folder, whatever this user's own settings are."""
    ours = {name: value for name, value in os.environ.items() if name not in {CONFIG_VARIABLE, REDIS_VARIABLE}}
    environment = {**ours, HOME_VARIABLE: str(home)}
    places = Places(home)
    places.make()
    _say(f"making a simulated array in {home}")
    provide(places, _ARRAY, load(environment), config_exists=False)
    demo_backups.equip(places, _ARRAY, _say)
    settings = load(environment)
    try:
        up(settings, workers, _say, environment)
        yield settings
    finally:
        _say("stopping everything")
        down(settings)


def _run(house: House, home: Path, manifest: Path, report: Path, began: float) -> bool:
    """Run the manifest, write the report, and say whether all is as it should be."""
    box = Places(home).array(_ARRAY)
    checked = check(read(manifest, array=_ARRAY), house.submission)
    source = _source(checked)
    _say(f"creating {source.spec.name}, and filling it with bytes as a host would")
    filled = _fill(house, checked, source, box)
    _say(f"running {manifest}")
    fates = submit(checked, house.submission, partial=False, by=_BY)
    reports.complain(manifest, fates)
    records = _wait(house, fates)
    reports.show(checked.manifest.batch, fates, records, None)
    array = demo_array.compare(box, [fate for fate in fates if fate.has_job], records, source.spec.name)
    document = ReportDocument.of(checked.manifest.batch, str(manifest), fates, records).told()
    backups = demo_backups.play(house, _ARRAY, box, _say)
    well = bool(document["well"]) and not array["problems"] and not backups["problems"]
    seconds = round(time.monotonic() - began, 1)
    found = {"source": filled, "array_after": array, "backups": backups}
    write_report(report, {**document, "well": well, "seconds": seconds, **found})
    _tell(array, backups, seconds, report)
    return well


def _source(checked: Checked) -> Sound:
    """Return the first row that creates a volume. Raises Refused if there is none."""
    source = next((one for one in checked.sound if isinstance(one.spec, CreateVolume)), None)
    if source is None:
        raise Refused(Code.INVALID, f"{checked.manifest.file} has no sound create-volume row to begin with")
    return source


def _fill(house: House, checked: Checked, source: Sound, box: Path) -> dict[str, Any]:
    """Create the source ahead of the batch, which finds its job by the row's key, and write to it."""
    job = house.submission.submit(request(checked.manifest.batch, source, by=_BY)).job
    with progress_screen(quiet=True) as screen:
        (record,) = wait(house.reads, [job], screen)
    if record.state is not State.SUCCEEDED:
        raise Refused(Code.ARRAY_REFUSED, f"{record.name} could not be created: {record.error}")
    for offset, length in _WRITES:
        simulator("write", str(box), record.name, "--offset", str(offset), "--random", str(length))
    return {"volume": record.name, "bytes_written": sum(length for _, length in _WRITES)}


def _wait(house: House, fates: list[RowFate]) -> dict[str, Record]:
    with progress_screen(quiet=False) as screen:
        return {one.id: one for one in wait(house.reads, [fate.job for fate in fates if fate.has_job], screen)}


def _tell(array: dict[str, Any], backups: dict[str, Any], seconds: float, report: Path) -> None:
    for problem in (*array["problems"], *backups["problems"]):
        click.echo(f"error: {problem}", err=True)
    if not array["problems"]:
        click.echo(
            f"the array shows exactly {array['volumes']} volumes ({array['snap_copies']} of them snap copies) and "
            f"{array['snapshots']} snapshot(s) that were asked for, and nothing temporary; "
            f"{array['equal_copies']} full copies hold the source's bytes; {array['commands']} array commands"
        )
    if not backups["problems"]:
        click.echo(demo_backups.told(backups))
    click.echo(f"took {seconds:.0f} s; report: {report.absolute()}")


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _say(phase: str) -> None:
    click.echo(f"* {phase}", err=True)
