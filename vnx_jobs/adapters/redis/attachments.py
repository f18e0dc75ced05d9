"""What jobs let hosts see, and the ports that hosts log in at."""

import json

from vnx_jobs.model.hosts import Attachment, FrontPort

from . import codec
from .server import Server


class RedisAttachments:
    """Implements AttachmentInventory."""

    _server: Server

    def ports(self, array: str) -> tuple[FrontPort, ...]:
        """Return the front-end ports of the last list."""
        return codec.ports(self._server.hash(f"inv:{array}:ports").values())

    def attachments(self, array: str, uid: str) -> tuple[Attachment, ...]:
        """Return where jobs of ours attached a volume."""
        stored = self._server.hash(f"attached:{array}")
        kept = {field.partition(" "): document for field, document in sorted(stored.items())}
        return tuple(Attachment(group, *json.loads(one)) for (of, _, group), one in kept.items() if of == uid)

    def keep_attachment(self, array: str, uid: str, attachment: Attachment) -> None:
        """Note an attachment."""
        document = json.dumps([attachment.hlu, attachment.mode])
        self._server.call("attached", array, f"{uid} {attachment.group}", document)

    def forget_attachment(self, array: str, uid: str, group: str) -> None:
        """Forget an attachment."""
        self._server.call("attached", array, f"{uid} {group}", "")
