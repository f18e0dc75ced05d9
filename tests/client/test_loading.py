"""What importing the package, and the client, loads."""

import subprocess
import sys


def loaded(statement: str) -> set[str]:
    """Return the first words of all modules that a fresh process has loaded after a statement."""
    text = f"import sys; {statement}; print(' '.join({{one.partition('.')[0] for one in sys.modules}}))"
    return set(subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.split())


def test_the_package_costs_nothing() -> None:
    """Importing the package loads no library of others'; unknown names are refused as everywhere."""
    assert loaded("import vnx_jobs") & {"pydantic", "httpx", "redis", "celery", "yaml", "structlog"} == set()
    answer = subprocess.run(
        [sys.executable, "-c", "import vnx_jobs; vnx_jobs.Clyent"], capture_output=True, check=False
    )
    assert b"AttributeError: module 'vnx_jobs' has no attribute 'Clyent'" in answer.stderr


def test_a_client_over_http_needs_no_stack() -> None:
    """The client over HTTP loads neither the state server's library nor Celery, storops or the service's."""
    found = loaded("from vnx_jobs import Client; Client('http://127.0.0.1:1')")
    assert "httpx" in found
    assert found & {"redis", "celery", "storops", "fastapi", "uvicorn"} == set()
