"""Cursors: where the next part of a list begins, in a form that nobody is to look into."""

import base64
import binascii
import json
from typing import Final

from vnx_jobs.model.errors import Code, Refused

_LONGEST: Final = 1000


def cursor_of(*parts: str | int) -> str:
    """Return the cursor that stands for a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def parts_of(cursor: str, kind: str, count: int) -> list[str]:
    """Return what a cursor stands for, behind the word that says what list it is of.

    Raises Refused(invalid) for one that no list of this kind gave.
    """
    try:
        padded = cursor[:_LONGEST] + "=" * (-len(cursor[:_LONGEST]) % 4)
        found = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error, RecursionError):
        found = None
    if not (isinstance(found, list) and len(found) == count + 1 and found[0] == kind):
        raise gone()
    if not all(isinstance(one, str) for one in found):
        raise gone()
    return [str(one) for one in found[1:]]


def gone() -> Refused:
    """Return the refusal of a cursor that leads nowhere."""
    return Refused(Code.INVALID, "cursor: it is none that this list gave; begin at the beginning, without it")
