"""What jobs let hosts see, and the ports that hosts log in at."""

import json
from collections.abc import Mapping

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
        return self.attached(array).get(uid, ())

    def attached(self, array: str) -> Mapping[str, tuple[Attachment, ...]]:
        """Return where jobs of ours attached volumes."""
        found: dict[str, tuple[Attachment, ...]] = {}
        for field, document in sorted(self._server.hash(f"attached:{array}").items()):
            uid, _, group = field.partition(" ")
            found[uid] = (*found.get(uid, ()), Attachment(group, *json.loads(document)))
        return found

    def keep_attachment(self, array: str, uid: str, attachment: Attachment) -> None:
        """Note an attachment."""
        document = json.dumps([attachment.hlu, attachment.mode])
        self._server.call("attached", array, f"{uid} {attachment.group}", document)

    def forget_attachment(self, array: str, uid: str, group: str) -> None:
        """Forget an attachment."""
        self._server.call("attached", array, f"{uid} {group}", "")
