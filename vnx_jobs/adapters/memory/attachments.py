"""The twin in memory of what jobs let hosts see, and of the ports that hosts log in at."""

from collections.abc import Mapping

from vnx_jobs.model.hosts import Attachment, FrontPort

from .server import MemoryServer


class MemoryAttachments:
    """Implements AttachmentInventory."""

    _server: MemoryServer

    def ports(self, array: str) -> tuple[FrontPort, ...]:
        """Return the front-end ports of the last list."""
        with self._server.moment():
            entries = sorted(self._server.lists.get((array, "ports"), {}).items())
            return tuple(entry.thing for _, entry in entries if isinstance(entry.thing, FrontPort))

    def attachments(self, array: str, uid: str) -> tuple[Attachment, ...]:
        """Return where jobs of ours attached a volume."""
        return self.attached(array).get(uid, ())

    def attached(self, array: str) -> Mapping[str, tuple[Attachment, ...]]:
        """Return where jobs of ours attached volumes."""
        found: dict[str, tuple[Attachment, ...]] = {}
        with self._server.moment():
            for (box, uid, _), one in sorted(self._server.attached.items()):
                if box == array:
                    found[uid] = (*found.get(uid, ()), one)
        return found

    def keep_attachment(self, array: str, uid: str, attachment: Attachment) -> None:
        """Note an attachment."""
        with self._server.moment():
            self._server.attached[array, uid, attachment.group] = attachment

    def forget_attachment(self, array: str, uid: str, group: str) -> None:
        """Forget an attachment."""
        with self._server.moment():
            self._server.attached.pop((array, uid, group), None)
