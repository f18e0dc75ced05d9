"""What hosts see."""

from typing import Final

from vnx_jobs.model.step import operation
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

DETACH_VOLUME: Final = operation(
    "detach-volume",
    "Let a host see volumes no longer; its unmapping step stands once for each volume.",
    check_attached,
    unmap_volume,
    forget_attachments,
)

TABLES: Final = (
    ATTACH_VOLUME,
    DETACH_VOLUME,
)
