"""What importing the package, the client and the command line's modules loads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = {
    *("admission", "backups", "decisions", "engine", "operations", "orders", "planning", "plans", "ports", "preview"),
    *("reads", "reconcile", "schedules", "settings", "steps", "submission", "watch", "wiring"),
}
"""Parts of the house that do the work."""


def loaded(statement: str, **variables: str) -> set[str]:
    """Return the modules that a fresh process has loaded after a statement: of others the first word, of ours two."""
    text = f"import sys\n{statement}\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=True, env=os.environ | variables
    )
    names = [name.split(".") for name in done.stdout.splitlines()[-1].split()]
    return {name[1] if name[0] == "vnx_jobs" and len(name) > 1 else name[0] for name in names}


def test_the_package_costs_nothing() -> None:
    """Importing the package loads no library of others'; unknown names are refused as everywhere."""
    assert loaded("import vnx_jobs") & {"pydantic", "httpx", "redis", "celery", "yaml", "structlog"} == set()
    answer = subprocess.run(
        [sys.executable, "-c", "import vnx_jobs; vnx_jobs.Clyent"], capture_output=True, check=False
    )
    assert b"AttributeError: module 'vnx_jobs' has no attribute 'Clyent'" in answer.stderr


def test_a_client_over_http_needs_no_stack() -> None:
    """The client over HTTP loads no part that does the work, and none of the libraries that those need."""
    found = loaded("from vnx_jobs import Client; Client('http://127.0.0.1:1')")
    assert {"httpx", "documents", "client"} <= found
    others = {"redis", "celery", "storops", "fastapi", "uvicorn", "structlog", "yaml", "cronsim"}
    assert found & (PARTS | others | {"adapters", "cli", "api"}) == set()


@pytest.mark.parametrize(
    ("words", "spared"),
    [
        (["--help"], PARTS | {"pydantic", "redis", "structlog", "yaml"}),
        (["jobs", "--help"], {*PARTS - {"ports"}, "redis", "structlog", "httpx"}),
        (["cancel", "--help"], {*PARTS - {"ports"}, "redis", "structlog", "httpx"}),
        (["jobs"], {"submission", "planning", "plans", "reconcile", "celery", "storops", "httpx", "fastapi"}),
    ],
)
def test_a_command_loads_what_it_needs(words: list[str], spared: set[str], valkey_url: str, tmp_path: Path) -> None:
    """Help loads none of the parts, and a command that reads none of those that submit, reconcile or reach arrays."""
    run = f"from vnx_jobs.cli.program import run\nassert run({words!r}) == 0"
    found = loaded(run, VNX_JOBS_REDIS_URL=valkey_url, VNX_JOBS_HOME=str(tmp_path))
    assert "cli" in found
    assert found & spared == set()
