"""Signatures, in the form of the Standard Webhooks, and the secret of an installation that all keys are made from.

The secret is a file, on each machine that signs. It is never in the state server, in a record, a log or an argument.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vnx_jobs.model.errors import Code, Refused

_BYTES: Final = 32
_OTHERS: Final = 0o077
"""What group and others may do with a file."""


@dataclass(frozen=True, slots=True)
class Secret:
    """The secret of an installation, by its file; its bytes are read when they are used, and kept nowhere."""

    file: Path

    def make(self) -> None:
        """Make the file if there is none, readable by its owner alone. Raises Refused(credentials)."""
        if self.file.exists():
            return
        draft = self.file.with_name(f"{self.file.name}.{secrets.token_hex(4)}")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as made:
                made.write(secrets.token_hex(_BYTES) + "\n")
                made.flush()
                os.fsync(made.fileno())
            with contextlib.suppress(FileExistsError):  # somebody else was faster: theirs holds
                self.file.hardlink_to(draft)
        except OSError as error:
            raise Refused(Code.CREDENTIALS, f"{self.file} cannot be made: {error.strerror}") from None
        finally:
            draft.unlink(missing_ok=True)

    def mark(self) -> str:
        """Return what tells this secret from others, and nothing else of it. Raises Refused(credentials)."""
        return hmac.new(self._read(), b"mark", hashlib.sha256).hexdigest()[:16]

    def key(self, name: str, generation: str) -> bytes:
        """Return the key of a hook. Raises Refused(credentials)."""
        return hmac.new(self._read(), f"hook\n{name}\n{generation}".encode(), hashlib.sha256).digest()

    def _read(self) -> bytes:
        try:
            with self.file.open("rb") as opened:
                if os.fstat(opened.fileno()).st_mode & _OTHERS:
                    raise Refused(Code.CREDENTIALS, f"{self.file} may be read by others: chmod 600 {self.file}")
                found = opened.read(4096).strip()
        except OSError as error:
            text = f"{self.file}, the secret that call backs are signed with, cannot be read: {error.strerror}"
            raise Refused(Code.CREDENTIALS, text) from None
        if len(found) < _BYTES:
            raise Refused(Code.CREDENTIALS, f"{self.file} is too short for a secret: {_BYTES} bytes at least")
        return found


def shown(key: bytes) -> str:
    """Return a key as receivers are given it."""
    return "whsec_" + base64.b64encode(key).decode()


def signed(key: bytes, message: str, seconds: int, body: bytes) -> Mapping[str, str]:
    """Return the headers that prove a body. `seconds`: when it is sent, since 1970."""
    told = f"{message}.{seconds}.".encode() + body
    signature = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    return {"webhook-id": message, "webhook-timestamp": str(seconds), "webhook-signature": f"v1,{signature}"}
