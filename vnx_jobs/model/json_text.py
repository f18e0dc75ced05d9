"""JSON from outside, read so that it means one thing to every reader, and can be stored."""

import json
import re
from typing import Any, Final

_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""How halves of characters are written. Two of them may be a whole one: then they can be encoded."""
_SHOWN: Final = 100


class JsonError(ValueError):
    """A text is no JSON that could be taken; says why, in a clause."""


def read_json(text: str) -> Any:  # noqa: ANN401 -- whatever the text holds
    """Return what a text holds. Raises JsonError, also for a name given twice and for what is no text."""
    try:
        found = json.loads(text, object_pairs_hook=_once)
        if _HALF.search(text):
            json.dumps(found, ensure_ascii=False).encode()
    except JsonError:
        raise
    except RecursionError:
        raise JsonError("it is nested too deeply") from None
    except UnicodeEncodeError:
        raise JsonError("it holds half a character, which is no text") from None
    except json.JSONDecodeError as error:
        raise JsonError(f"it is no JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    except ValueError as error:  # a number too long to be read
        raise JsonError(f"it is no JSON: {str(error).partition(';')[0]}") from None
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose names are given once each: of two, readers take the first, or the last, or neither."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise JsonError(f"{name[:_SHOWN]!r} is given twice")
        found[name] = value
    return found
