"""`vnx-jobs volumes`, `sources` and `volume show`: what is known of an array's volumes, without asking it."""

from collections.abc import Sequence
from typing import Final

import click

from vnx_jobs.documents.volumes import SlotsDocument, SourceDocument, VolumeDocument

from . import known
from .exits import Exit
from .output import Column, Form, in_form, show_documents, show_one, tells_facts
from .screen import local_time
from .session import array_meant, opened

_COLUMNS: Final[tuple[Column[VolumeDocument], ...]] = (
    Column("name", lambda one: one.name),
    Column("GB", lambda one: f"{one.size_gb:g}"),
    Column("snapcopy", lambda one: one.metadata["snapcopy"]),
    Column("source", lambda one: one.source or ""),
    Column("pool", lambda one: one.pool),
    Column("provisioning", lambda one: one.provisioning),
    Column("state", lambda one: one.state),
    Column("tiering", lambda one: one.tiering, wide=True),
    Column("SP", lambda one: one.sp, wide=True),
    Column("number", lambda one: str(one.number), wide=True),
    Column("snapshot", lambda one: one.snapshot or "", wide=True),
    Column("uid", lambda one: one.uid, wide=True),
    Column("seen", lambda one: local_time(one.seen), wide=True),
)
_SOURCES: Final[tuple[Column[SourceDocument], ...]] = (
    Column("name", lambda one: one.name),
    Column("snap copies", lambda one: _places(one.copies)),
    Column("mount points", lambda one: _places(one.mounts)),
    Column("snapshots", lambda one: _places(one.snapshots)),
    Column("waiting", lambda one: str(one.copies.waiting + one.mounts.waiting + one.snapshots.waiting)),
    Column("which", lambda one: ", ".join(one.snap_copies), wide=True),
    Column("uid", lambda one: one.uid, wide=True),
)


def _places(slots: SlotsDocument) -> str:
    return f"{slots.used} of {slots.limit}"


@click.command()
@click.argument("array", required=False, shell_complete=known.arrays)
@in_form
def volumes(array: str | None, *, form: Form) -> int:
    """List the volumes of an array, as it last showed them.

    For example: vnx-jobs volumes vnx-1 --output csv

    ARRAY is not needed when exactly one is configured.
    """
    with opened() as house:
        found = house.reads.volumes(array_meant(house.settings, array))
    return show_volumes(form, [VolumeDocument.of(one) for one in found])


def show_volumes(form: Form, found: Sequence[VolumeDocument]) -> Exit:
    """Write a list of volumes."""
    show_documents(form, found, _COLUMNS, VolumeDocument, empty="no volumes")
    return Exit.WELL


@click.command()
@click.argument("array", required=False, shell_complete=known.arrays)
@in_form
def sources(array: str | None, *, form: Form) -> int:
    """List what snap copies and snapshots are made of, and how many places each has left.

    For example: vnx-jobs sources vnx-1

    ARRAY is not needed when exactly one is configured.
    """
    with opened() as house:
        found = house.reads.sources(array_meant(house.settings, array))
    return show_sources(form, [SourceDocument.of(one) for one in found])


def show_sources(form: Form, found: Sequence[SourceDocument]) -> Exit:
    """Write a list of sources."""
    show_documents(form, found, _SOURCES, SourceDocument, empty="no volumes")
    return Exit.WELL


@click.group()
def volume() -> None:
    """Look at one volume."""


@volume.command()
@click.argument("array", shell_complete=known.arrays)
@click.argument("name", shell_complete=known.volumes)
@in_form
def show(array: str, name: str, *, form: Form) -> int:
    """Show one volume with its metadata.

    For example: vnx-jobs volume show vnx-1 db-01
    """
    with opened() as house:
        found = house.reads.volume(array, name)
    return show_volume(form, VolumeDocument.of(found))


def show_volume(form: Form, found: VolumeDocument) -> Exit:
    """Write all that there is to say of a volume."""
    show_one(form, found, tells_facts(*_facts(found)))
    return Exit.WELL


def _facts(found: VolumeDocument) -> list[tuple[str, str]]:
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
