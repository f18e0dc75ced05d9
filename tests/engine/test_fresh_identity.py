"""Whatever takes away or changes what a user has is preceded by a fresh look at whether it is what was meant."""

from typing import Final

import pytest

from vnx_jobs.operations import OPERATIONS

CHANGES: Final = ("destroy-volume", "destroy-mount-point", "destroy-named-", "destroy-group", "destroy-replaced")
OTHERS: Final = (
    "unmap-",
    "remove-members",
    "add-members",
    "restore-",
    "rename-",
    "extend-",
    "hide-left",
    "cancel-left",
)
CHECKS: Final = (
    *("check-identity", "check-writers", "check-snapshot", "check-restore", "check-attached", "check-group"),
    *("check-members", "check-free-members", "check-leftover", "check-left-snapshot", "check-left-session"),
)
"""Steps that compare what a list shows with what was meant; the list is begun after the claims were granted."""
DANGEROUS: Final = sorted(
    name for name, one in OPERATIONS.items() if any(step.name.startswith((*CHANGES, *OTHERS)) for step in one.steps)
)


@pytest.mark.parametrize("name", DANGEROUS)
def test_a_fresh_look_stands_before_the_deed(name: str) -> None:
    """Before the first such step of a table stands a step that reads a shared list and changes nothing."""
    steps = OPERATIONS[name].steps
    deed = next(at for at, step in enumerate(steps) if step.name.startswith((*CHANGES, *OTHERS)))
    looks = [step for step in steps[:deed] if step.name in CHECKS]
    assert looks
    assert all(step.lists and not step.writes for step in looks)


def test_what_overwrites_looks_first() -> None:
    """A volume that a backup is written onto, or that is migrated, is compared before anything is begun."""
    over = [name for name in OPERATIONS if name.startswith(("restore-backup-onto", "migrate-", "promote-"))]
    assert len(over) == 6
    assert {OPERATIONS[name].steps[0].name for name in over} == {"check-identity"}
