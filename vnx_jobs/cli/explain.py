"""`vnx-jobs explain`: what an operation does, in the sentences that its own table of steps holds."""

from typing import Final

import click

from vnx_jobs.documents.operations import FieldDocument, OperationDocument, VariantDocument
from vnx_jobs.documents.plans import PlannedStep
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.specs import OPERATIONS as ASKED
from vnx_jobs.model.specs import SEVERAL
from vnx_jobs.model.step import Operation
from vnx_jobs.operations import OPERATIONS
from vnx_jobs.steps.work import Work

from . import known
from .output import Form, in_form, show_one

VARIANTS: Final = {
    "manage-volume": (("under another name", "manage-and-rename-volume"),),
    "create-volume": (("with provisioning=compressed", "create-compressed-volume"),),
    "migrate-volume": (
        ("with provisioning=compressed", "migrate-compressed-volume"),
        ("of a snap copy", "promote-volume"),
        ("of a foreign mount point", "promote-mount-point"),
    ),
    "promote-volume": (
        ("of a foreign mount point", "promote-mount-point"),
        ("through a backup host", "promote-through-host"),
    ),
    "clone": (
        ("with snapcopy=true", "snap-copy"),
        ("of a snap copy", "clone-of-snap-copy"),
        ("of a snapshot", "clone-of-snapshot"),
        ("of a member of a group's snapshot", "clone-of-group-snapshot"),
    ),
    "snap-copy": (("of a snap copy", "snap-copy-of-snap-copy"), ("of a snapshot", "snap-copy-of-snapshot")),
    "create-snapshot": (("of a snap copy", "create-snapshot-of-snap-copy"),),
    "attach-volume": (
        ("with initiators that the array does not know", "register-and-attach"),
        ("of a known host that sees no storage group", "connect-and-attach"),
    ),
    "clean-up": (
        ("of a mount point", "clean-up-mount-point"),
        ("of a LUN", "clean-up-lun"),
        ("of a migration session", "clean-up-session"),
        ("of a mapping", "clean-up-mapping"),
    ),
    "backup": (("of a snap copy", "backup-of-snap-copy"), ("of a consistency group", "backup-of-group")),
    "restore-backup": (("with overwrite=true", "restore-backup-onto"), ("with to_file=true", "restore-backup-to-file")),
    "delete-volume": (("of a snap copy", "delete-snap-copy"), ("of a foreign mount point", "delete-mount-point")),
}
"""The closer tables that a request may run instead, and when."""

SAME: Final = {"retype-volume": "migrate-volume", "clone-group": "clone-of-group-snapshot"}
"""Words that ask for a table of another name."""


@click.command()
@click.argument("operation", shell_complete=known.operations)
@in_form
def explain(operation: str, *, form: Form) -> None:
    """Say what an operation does, step by step, and how each step is undone.

    For example: vnx-jobs explain clone
    """
    table = OPERATIONS.get(SAME.get(operation, operation))
    if table is None:
        raise Refused(Code.INVALID, f"there is no operation {operation!r} (there are {', '.join(sorted(OPERATIONS))})")
    document = explanation(table, operation)
    show_one(form, document, lambda: _tell(document))


def explanation(table: Operation[Work], word: str) -> OperationDocument:
    """Return an operation for programs, by the word that asks for it."""
    return OperationDocument(
        operation=word,
        says=f"For each volume of the snapshot, by a job: {table.says}" if word in SEVERAL else table.says,
        fields=_fields(word),
        steps=tuple(
            PlannedStep(number=number, name=step.name, says=step.says, undo=step.undo_says)
            for number, step in enumerate(table.steps, start=1)
        ),
        no_way_back_after=table.no_way_back if table.no_way_back < len(table.steps) else None,
        variants=tuple(VariantDocument(when=when, operation=name) for when, name in VARIANTS.get(table.name, ())),
    )


def _fields(name: str) -> tuple[FieldDocument, ...]:
    spec = ASKED.get(name) or SEVERAL.get(name)
    if spec is None:
        return ()
    return tuple(
        FieldDocument(name=field, required=about.is_required())
        for field, about in spec.model_fields.items()
        if field not in {"operation", "array"}
    )


def _tell(document: OperationDocument) -> None:
    click.echo(f"{document.operation}: {document.says}")
    fields = [field.name if field.required else f"[{field.name}]" for field in document.fields]
    if fields:
        click.echo(f"fields: {' '.join(fields)}")
    for step in document.steps:
        click.echo(f"{step.number:>3}. {step.name}: {step.says}")
        click.echo(f"     undo: {step.undo}")
        if step.number == document.no_way_back_after:
            click.echo("     --- no way back: from here the job goes forward, or is STUCK ---")
    for variant in document.variants:
        click.echo(f"{variant.when} it runs: vnx-jobs explain {variant.operation}")
