"""The inventory's port for attachments: what jobs of ours let hosts see, and how it is to be opened."""

from collections.abc import Mapping
from typing import Protocol

from vnx_jobs.model.hosts import Attachment, FrontPort


class AttachmentInventory(Protocol):
    """What is known of hosts. The array tells which LUNs it shows; how they are opened stands here alone."""

    def ports(self, array: str) -> tuple[FrontPort, ...]:
        """Return the front-end ports that the last list showed; empty if none was read yet."""
        ...

    def attachments(self, array: str, uid: str) -> tuple[Attachment, ...]:
        """Return where jobs of ours attached a volume, by storage group.

        Somebody else may have taken such a mapping away since: the list of storage groups tells.
        """
        ...

    def attached(self, array: str) -> Mapping[str, tuple[Attachment, ...]]:
        """Return where jobs of ours attached volumes, by UID and storage group."""
        ...

    def keep_attachment(self, array: str, uid: str, attachment: Attachment) -> None:
        """Note an attachment; one of the same volume and storage group is replaced."""
        ...

    def forget_attachment(self, array: str, uid: str, group: str) -> None:
        """Forget an attachment. Idempotent."""
        ...
