"""What a request for jobs holds, whichever door it comes by: read and judged by its form, before anything is done."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.names import name_problem

from .answers import KEY_FORM, MAX_KEY, MAX_MANY

_KNOWN: Final = ("batch", "first", "jobs")
_MAX_NAME: Final = 100
_MAX_PLACE: Final = 1_000_000_000


def texts(given: dict[str, Any], field: str) -> tuple[str, ...]:
    """Take a list of texts out of a request. Raises Refused(invalid) for anything else."""
    found = given.pop(field, [])
    if not (isinstance(found, list) and all(isinstance(one, str) for one in found)):
        raise Refused(Code.INVALID, f"{field} must be a list of texts")
    return tuple(found)


def need_key(key: object) -> str:
    """Return an idempotency key. Raises Refused(invalid) for what is none, as an empty one is."""
    if not (isinstance(key, str) and len(key) <= MAX_KEY and re.fullmatch(KEY_FORM, key)):
        raise Refused(Code.INVALID, f"key must be a text of at most {MAX_KEY} printable ASCII characters")
    return key


def rows_of(fields: Mapping[str, Any]) -> Sequence[tuple[dict[str, Any], tuple[str, int]]]:
    """Return the rows of a request for many jobs, each with its batch and its place there. Raises Refused(invalid)."""
    if strange := sorted(set(fields) - set(_KNOWN)):
        raise Refused(Code.INVALID, f"there is no field {strange[0]!r} (there are {', '.join(_KNOWN)})")
    rows, batch, first = fields.get("jobs"), fields.get("batch", ""), fields.get("first", 0)
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows) and 0 < len(rows) <= MAX_MANY):
        raise Refused(Code.INVALID, f"jobs must be a list of 1 to {MAX_MANY} objects")
    if not isinstance(batch, str) or (batch and (problem := name_problem(batch, _MAX_NAME))):
        raise Refused(Code.INVALID, f"batch {problem if isinstance(batch, str) else 'must be a text'}")
    if isinstance(first, bool) or not (isinstance(first, int) and 0 <= first < _MAX_PLACE):
        raise Refused(Code.INVALID, f"first must be a whole number from 0 to {_MAX_PLACE - 1}")
    return [(row, (batch, place)) for place, row in enumerate(rows, start=first)]


def arrays_of(rows: object) -> str:
    """Return the arrays that rows name, for the audit trail."""
    listed = rows if isinstance(rows, list | tuple) else ()
    named = {str(row.get("array", "")) for row in listed if isinstance(row, dict)}
    return ",".join(sorted(named)[:10])[:_MAX_NAME]
