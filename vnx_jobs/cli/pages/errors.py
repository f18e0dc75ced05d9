"""docs/reference/errors.md: every code of a refusal or a failure, and what it means to callers."""

from typing import Final

from vnx_jobs.documents.meanings import exit_status, http_status
from vnx_jobs.model import errors
from vnx_jobs.model.errors import Code

from .said import said_in

_HEAD: Final = """\
# Error codes

Made from the code (`python -m vnx_jobs.cli.pages docs`). A request that is refused, and a job that failed, have
one of these codes: in the answer of the HTTP API (`code`, and `type` as `urn:vnx-jobs:CODE`), in a job's document
(`code`), in the audit trail (`outcome`), and in what the Python client and `vnx.submit` raise and return. Codes
are never renamed. Beside each stand the HTTP status of the answer, and the status that a command ends with; jobs
that were accepted and fail later end a command that waits for them with 1.

| code | HTTP | exit | |
|---|---|---|---|
"""


def page() -> str:
    """Return the page."""
    said = said_in(errors, "Code")
    rows = [f"| `{code}` | {http_status(code)} | {exit_status(code)} | {said.get(code.name, '')} |" for code in Code]
    return _HEAD + "\n".join(rows) + "\n"
