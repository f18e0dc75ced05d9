"""docs/reference/errors.md: every code of a refusal or a failure, and what it means to callers."""

import ast
import inspect
from collections.abc import Iterator
from typing import Final

from vnx_jobs.documents.problems import exit_status, http_status
from vnx_jobs.model import errors
from vnx_jobs.model.errors import Code

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
    said = dict(_said())
    rows = [f"| `{code}` | {http_status(code)} | {exit_status(code)} | {said.get(code.name, '')} |" for code in Code]
    return _HEAD + "\n".join(rows) + "\n"


def _said() -> Iterator[tuple[str, str]]:
    """Return the sentences that stand below codes where they are declared."""
    (declared,) = [one for one in ast.parse(inspect.getsource(errors)).body if _is_code(one)]
    assert isinstance(declared, ast.ClassDef)  # noqa: S101 -- narrows for the checker; _is_code has seen to it
    for line, below in zip(declared.body, declared.body[1:], strict=False):
        match line, below:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, " ".join(text.split())
            case _:
                pass


def _is_code(one: ast.stmt) -> bool:
    return isinstance(one, ast.ClassDef) and one.name == "Code"
