"""Sending one message: to an address that was judged, by TLS that is verified, within a time and some bytes.

No redirect is followed, no proxy asked, and of the answer nothing counts but its status.
"""

import io
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Final, Self, cast

from vnx_jobs.model.errors import Code, Refused

from .addresses import Addresses, NotAllowedError, Target, target

LIMIT: Final = 15.0
"""Seconds from the first packet to the end of the answer's headers."""
_BYTES: Final = 65_536
"""Bytes of an answer that are read."""
_SAID: Final = 80
"""Characters of an answer's own words that are kept."""
_LEGIBLE: Final = frozenset(range(0x20, 0x7F))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of sending a message."""

    text: str
    """In a few words; nothing of them but the status line is the receiver's."""
    status: int = 0
    """HTTP's; 0 if there is none."""
    retry_after: float = 0.0
    """Seconds that the receiver asks to be left alone for."""

    @property
    def well(self) -> bool:
        """Whether the receiver has it."""
        return 200 <= self.status < 300  # noqa: PLR2004 -- HTTP's range of success


@dataclass(frozen=True, slots=True)
class Poster:
    """Sends messages."""

    addresses: Addresses
    allow_http: bool = False
    ca_file: Path | None = None
    limit: float = LIMIT

    def need(self, url: str) -> None:
        """Raise Refused(invalid) for a URL that nothing would be sent to as things stand."""
        to = target(url, allow_http=self.allow_http)
        try:
            self.addresses.of(to.host, to.port)
        except NotAllowedError as error:
            raise Refused(Code.INVALID, f"{to.host}: {error}") from None
        except OSError:
            raise Refused(Code.INVALID, f"{to.host} has no address") from None

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a message, and say what came of it. Takes as long as names are looked up, and `limit` seconds more."""
        try:
            to = target(url, allow_http=self.allow_http)
            address = self.addresses.of(to.host, to.port)
        except Refused as refused:
            return Answer(refused.message)
        except NotAllowedError as error:
            return Answer(f"not sent: {error}")
        except OSError:
            return Answer("not sent: the host's name has no address")
        try:
            return self._exchange(to, address, headers, body)
        except ssl.SSLCertVerificationError as error:
            return Answer(f"not sent: the certificate is not valid: {error.verify_message}")
        except TimeoutError:
            return Answer(f"no answer within {self.limit:g} s")
        except (OSError, ValueError) as error:
            return Answer(f"no answer: {_legible(str(getattr(error, 'strerror', None) or type(error).__name__))}")
        except HTTPException as error:
            return Answer(f"the answer is not HTTP: {type(error).__name__.strip('_')}")

    def _exchange(self, to: Target, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        end = time.monotonic() + self.limit
        with closing(self._connected(to, address, end)) as channel:
            channel.settimeout(_left(end))
            channel.sendall(_request(to, headers, body))
            heard = cast("socket.socket", _Heard(channel, end))
            answers = [HTTPResponse(heard, method="POST")]  # one that is let go would close what the next one reads
            answers[-1].begin()
            while answers[-1].status < 200:  # noqa: PLR2004 -- HTTP's interim answers: the answer itself follows
                answers.append(HTTPResponse(heard, method="POST"))
                answers[-1].begin()
            response = answers[-1]
            said = _legible(response.reason or "")
            return Answer(f"{response.status} {said}".strip(), response.status, _retry_after(response))

    def _connected(self, to: Target, address: str, end: float) -> socket.socket:
        plain = socket.create_connection((address, to.port), timeout=_left(end))
        if to.scheme == "http":
            return plain
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            plain.settimeout(_left(end))
            return context.wrap_socket(plain, server_hostname=to.host)
        except BaseException:
            plain.close()
            raise


def _request(to: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {to.path} HTTP/1.1", f"Host: {to.authority}", "Connection: close", "User-Agent: vnx-jobs"]
    lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + body


class _TooLongError(HTTPException):
    """A receiver's headers have no end."""


class _Heard(io.RawIOBase):
    """What is read of a connection, within a time and some bytes: a receiver may send a byte now and then for ever."""

    def __init__(self, channel: socket.socket, end: float) -> None:
        super().__init__()
        self._channel, self._end, self._bytes = channel, end, _BYTES
        self._file = io.BufferedReader(self)

    def makefile(self, *_: Any) -> io.BufferedIOBase:  # noqa: ANN401 -- as a socket's
        """Return the file to read from, which is all that is asked of a socket here."""
        return self._file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 -- as the library's
        self._channel.settimeout(_left(self._end))
        if not self._bytes:
            raise _TooLongError
        count = self._channel.recv_into(buffer, min(len(buffer), self._bytes))
        self._bytes -= count
        return count

    def __enter__(self) -> Self:
        return self


def _left(end: float) -> float:
    """Return the seconds left. Raises TimeoutError if none are."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _retry_after(response: HTTPResponse) -> float:
    given = (response.getheader("Retry-After") or "").strip()
    if given.isascii() and given.isdigit():
        return float(given[:9])
    try:
        return max(0.0, parsedate_to_datetime(given).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0


def _legible(text: str) -> str:
    """Return a stranger's words without what a terminal would obey."""
    return "".join(one if ord(one) in _LEGIBLE else "?" for one in text[:_SAID])
