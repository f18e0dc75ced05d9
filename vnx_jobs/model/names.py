"""Names from outside are checked here; names that we give are made here."""

import re
import secrets
import time
from base64 import b32encode
from typing import Final

MAX_LUN_NAME: Final = 64
"""Characters of a LUN name. No public source states the limit; 64 is storops' limit of an array's own name."""
MAX_SNAPSHOT_NAME: Final = 64
"""Characters of a snapshot name that we accept. Real arrays showed names of 111; one limit keeps names portable."""
MAX_BACKUP_NAME: Final = MAX_SNAPSHOT_NAME - 27
"""Characters that a name may have to which a dash and a job's id are added."""

_ALLOWED = re.compile(r"[A-Za-z0-9_.:+][A-Za-z0-9_.:+ -]*")
_INSTALLATION = re.compile(r"[a-z0-9]{1,8}")
_ARRAY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_OURS = re.compile(r"vj(?P<installation>[a-z0-9]{1,8})-(?P<job>[0-9A-HJKMNP-TV-Z]{26})-(?P<what>[a-z]+)[0-9]{0,2}")
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TO_CROCKFORD: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _CROCKFORD)


def name_problem(name: str, limit: int = MAX_LUN_NAME) -> str | None:
    """Say what is wrong with a user-given object name, in one clause, or None if it may be sent to an array."""
    problem: str | None = None
    if not name:
        problem = "is empty"
    elif len(name) > limit:
        problem = f"has {len(name)} characters, more than {limit}"
    elif name.startswith("-"):
        problem = "begins with a dash, which the array's command line would read as an option"
    elif name in {".", ".."}:
        problem = "is a step in a path, not a name: no address of the HTTP API could hold it"
    elif name != name.strip():
        problem = "begins or ends with a blank"
    elif not _ALLOWED.fullmatch(name):
        problem = "may hold only letters, digits, blanks and _ . : + - (no control characters, none but ASCII)"
    elif name.startswith("vj") and _OURS.fullmatch(name):
        problem = "has the form kept for temporary objects of vnx-jobs"
    elif name.upper() in {"N/A", "NONE"}:
        problem = "is a word that the array uses for 'nothing'"
    return problem


def installation_problem(installation: str) -> str | None:
    """Say what is wrong with an installation's short name (part of every temporary object's name), or None."""
    return None if _INSTALLATION.fullmatch(installation) else "must be 1 to 8 lower-case letters or digits"


def array_problem(name: str) -> str | None:
    """Say what is wrong with an array's name in the settings (part of keys, and of a simulated array's folder)."""
    return (
        None
        if _ARRAY.fullmatch(name)
        else "must be up to 64 letters, digits and _ . - and begin with a letter or digit"
    )


def new_job_id(now: float | None = None) -> str:
    """Return a new ULID: 48 bits of milliseconds, 80 random bits, 26 characters that sort by time. Never reused."""
    value = int((time.time() if now is None else now) * 1000) << 80 | secrets.randbits(80)
    return b32encode(value.to_bytes(20))[6:].decode().translate(_TO_CROCKFORD)  # 160 bits are 32 letters


def is_job_id(text: str) -> bool:
    """Say whether a text has the form of a job id."""
    return len(text) == 26 and not set(text) - set(_CROCKFORD)  # noqa: PLR2004 -- a ULID's length, by its definition


def job_mark(installation: str, job: str) -> str:
    """Return what a job writes on an object that bears a user's name, so that it is known for its own."""
    return f"vj{installation}-{job}"


def backup_name(stem: str, job: str) -> str:
    """Name a snapshot that a job leaves to the users: unlike a temporary object's, they may use this name."""
    return f"{stem}-{job}"


def temporary_name(installation: str, job: str, what: str) -> str:
    """Name an object that a job makes for itself: at most 46 characters, unique for ever because job ids are.

    `what` is a word, and a number of two digits at most if the job makes several.
    """
    return f"{job_mark(installation, job)}-{what}"


def job_of(name: str, installation: str) -> str | None:
    """Return the id of the job that made a temporary object of this installation, or None for anybody else's name."""
    match = _OURS.fullmatch(name)
    return match["job"] if match and match["installation"] == installation else None


def use_of(name: str) -> str:
    """Return what a temporary object is for (the word that its name ends with), or nothing for any other name."""
    match = _OURS.fullmatch(name)
    return match["what"] if match else ""


def marked_by(mark: str, installation: str) -> str | None:
    """Return the id of the job of this installation that wrote a mark, or None for any other text."""
    job = mark.removeprefix(job_mark(installation, ""))
    return job if job != mark and is_job_id(job) else None


def born(job: str) -> int:
    """Return when a job's id was made: milliseconds since 1970 of its maker's clock."""
    value = 0
    for letter in job[:10]:
        value = value << 5 | _CROCKFORD.index(letter)
    return value
