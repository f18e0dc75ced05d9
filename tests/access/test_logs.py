"""What a log says of an error: where it happened, and nothing of what was in the variables there."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from vnx_jobs.observability.logs import log_to


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Send the log to a text, and put back what was set before."""
    handlers, level = logging.root.handlers[:], logging.root.level
    text = io.StringIO()
    log_to(text)
    yield text
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def _break(password: str) -> None:
    raise RuntimeError(f"refused after {len(password)} characters")


@pytest.mark.parametrize("logger", ["ours", "a library's"])
def test_a_traceback_shows_no_variable(log: io.StringIO, logger: str) -> None:
    """An error's line has its place and its text, for us and for libraries, and no local variable's value."""
    try:
        _break("hunter2" + "x" * 3)
    except RuntimeError:
        if logger == "ours":
            structlog.get_logger().exception("broke")
        else:
            logging.getLogger("library").exception("broke")
    line = json.loads(log.getvalue())
    assert line["event"] == "broke"
    assert "refused after 10 characters" in json.dumps(line)
    assert "_break" in json.dumps(line)
    assert "hunter2" not in log.getvalue()
