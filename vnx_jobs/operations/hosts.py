"""What hosts see."""

from typing import Final

from vnx_jobs.model.step import operation
from vnx_jobs.steps.initiators import (
    check_new_host,
    connect_host,
    learn_paths,
    make_storage_group,
    register_initiator,
)
from vnx_jobs.steps.mappings import (
    check_attachable,
    check_attached,
    forget_attachments,
    map_volume,
    tell_connections,
    unmap_volume,
)

ATTACH_VOLUME: Final = operation(
    "attach-volume",
    "Let a host see volumes, each under a host LUN number of its own; its mapping step stands once for each volume.",
    check_attachable,
    map_volume,
    tell_connections,
)

REGISTER_AND_ATTACH: Final = operation(
    "register-and-attach",
    "Let a host see volumes, initiators of which the array does not know; each path and each volume has a step.",
    check_new_host,
    make_storage_group,
    register_initiator,
    learn_paths,
    map_volume,
    tell_connections,
)

CONNECT_AND_ATTACH: Final = operation(
    "connect-and-attach",
    "Let a host see volumes that the array knows and that sees no storage group; each new path and volume has a step.",
    check_new_host,
    make_storage_group,
    connect_host,
    register_initiator,
    learn_paths,
    map_volume,
    tell_connections,
)

DETACH_VOLUME: Final = operation(
    "detach-volume",
    "Let a host see volumes no longer; its unmapping step stands once for each volume.",
    check_attached,
    unmap_volume,
    forget_attachments,
)

TABLES: Final = (
    ATTACH_VOLUME,
    REGISTER_AND_ATTACH,
    CONNECT_AND_ATTACH,
    DETACH_VOLUME,
)
