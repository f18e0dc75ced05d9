"""Server-sent events, as a stream of bytes brings them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """One message."""

    id: str
    """Where the stream stands after it."""
    kind: str
    data: str
    """Empty: it says only where the stream stands."""


def messages(parts: Iterable[bytes]) -> Iterator[Message]:
    """Read a stream's messages. Lines end with a line feed alone: a text may hold what else divides lines."""
    last, kind, data = "", "", list[str]()
    for line in _lines(parts):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "id":
                last = value
            case "event":
                kind = value
            case "data":
                data.append(value)
            case "" if not line and (data or last):
                yield Message(last, kind, "\n".join(data))
                kind, data = "", []
            case _:
                pass


def _lines(parts: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
