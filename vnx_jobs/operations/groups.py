"""Operations on consistency groups."""

from typing import Final

from vnx_jobs.model.step import operation
from vnx_jobs.steps.groups import (
    add_members,
    check_free_members,
    check_group,
    check_members,
    destroy_group,
    make_group,
    remove_members,
    take_group_snapshot,
)
from vnx_jobs.steps.snapshots import check_snapshot, destroy_named_snapshot

CREATE_GROUP: Final = operation(
    "create-group",
    "Make a consistency group of volumes.",
    check_free_members,
    make_group,
)

DELETE_GROUP: Final = operation(
    "delete-group",
    "Delete a consistency group; its volumes and snapshots stay.",
    check_group,
    destroy_group,
)

ADD_TO_GROUP: Final = operation(
    "add-to-group",
    "Add volumes to a consistency group.",
    check_free_members,
    add_members,
)

REMOVE_FROM_GROUP: Final = operation(
    "remove-from-group",
    "Take volumes out of a consistency group.",
    check_members,
    remove_members,
)

CREATE_GROUP_SNAPSHOT: Final = operation(
    "create-group-snapshot",
    "Take a snapshot of all members of a consistency group at one moment.",
    take_group_snapshot,
)

DELETE_GROUP_SNAPSHOT: Final = operation(
    "delete-group-snapshot",
    "Delete the snapshot of a consistency group.",
    check_snapshot,
    destroy_named_snapshot,
)

TABLES: Final = (
    CREATE_GROUP,
    DELETE_GROUP,
    ADD_TO_GROUP,
    REMOVE_FROM_GROUP,
    CREATE_GROUP_SNAPSHOT,
    DELETE_GROUP_SNAPSHOT,
)
