"""What stands behind a fault's name, checked when the fault is asked for and not when a command meets it.

Apart from `faults`, which every command loads: regular expressions cost a command's time.
"""

from __future__ import annotations

import re

from .faults import CATALOGUE

_SECONDS = r":\d{1,9}(\.\d+)?"
_STATUS = r"(:([01]?\d?\d|2[0-4]\d|25[0-5]))?"
_SP = r"(:[abAB])?"
_LUN = r":[^:]+"
_PERCENT = r"(:(100|\d?\d))?"

_BEHIND_NAME = {
    "sp-down": _SP,
    "network-error": _SP,
    "hang": _SECONDS,
    "hang-after": _SECONDS,
    "not-so-fast": _SECONDS,
    "hold": _SECONDS + "(:at-once)?",
    "lost-answer": _STATUS,
    "silent-failure": _STATUS,
    "lun-preparing": _LUN,
    "lun-file-owned": _LUN,
    "lun-offline": _LUN,
    "migrate-stopped-full": _LUN + _PERCENT,
    "migrate-faulted": _LUN + _PERCENT,
    "migrate-synced": _LUN,
    "no-feature": r":-\w+",
    "port-uninitialized": r":[abAB]:\d{1,3}",
    "pool-destroying": "(:.+)?",
    "pool-full": "(:.+)?",
}


def check(spec: str) -> None:
    """Check a fault as a person wrote it. Raises ValueError, which says how it is written."""
    name, colon, behind = spec.partition(":")
    if name not in CATALOGUE:
        raise ValueError(f"no fault is called {name}; `vnx-sim fault --list` names them")
    if not re.fullmatch(_BEHIND_NAME.get(name, ""), colon + behind):
        raise ValueError(f"{spec} does not read as {CATALOGUE[name][1]}")
