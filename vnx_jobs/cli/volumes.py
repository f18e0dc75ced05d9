"""`vnx-jobs volumes` and `vnx-jobs volume show`: what is known of an array's volumes, without asking it."""

import click

from vnx_jobs.documents.volumes import VolumeDocument
from vnx_jobs.reads import Volume

from .exits import Exit
from .screen import local_time, show_facts, show_json, show_table
from .session import array_meant, opened


@click.command()
@click.argument("array", required=False)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def volumes(array: str | None, *, as_json: bool) -> int:
    """List the volumes of an array, as it last showed them.

    ARRAY is not needed when exactly one is configured.
    """
    with opened() as house:
        found = house.reads.volumes(array_meant(house.settings, array))
    if as_json:
        show_json([VolumeDocument.of(one).told() for one in found])
        return Exit.WELL
    rows = [
        (
            one.name,
            f"{one.size_gb:g}",
            one.metadata["snapcopy"],
            one.source or "",
            one.pool,
            one.provisioning,
            one.state,
        )
        for one in found
    ]
    show_table(("name", "GB", "snapcopy", "source", "pool", "provisioning", "state"), rows, empty="no volumes")
    return Exit.WELL


@click.group()
def volume() -> None:
    """Look at one volume."""


@volume.command()
@click.argument("array")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def show(array: str, name: str, *, as_json: bool) -> int:
    """Show one volume with its metadata."""
    with opened() as house:
        found = house.reads.volume(array, name)
    if as_json:
        show_json(VolumeDocument.of(found).told())
    else:
        show_facts(_facts(found))
    return Exit.WELL


def _facts(found: Volume) -> list[tuple[str, str]]:
    return [
        ("name", found.name),
        ("array", found.array),
        ("size", f"{found.size_gb:g} GB"),
        ("pool", found.pool),
        ("provisioning", found.provisioning),
        ("tiering", found.tiering),
        ("SP", found.sp),
        *found.metadata.items(),
        ("readonly", "" if found.readonly is None else str(found.readonly)),
        ("source", found.source or ""),
        ("snapshot", found.snapshot or ""),
        ("number", str(found.number)),
        ("uid", found.uid),
        ("state", found.state),
        ("seen", local_time(found.seen)),
    ]
