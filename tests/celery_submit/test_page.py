"""docs/celery.md is true: its Python is run, and its message is pushed by a plain command."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.celery_submit.sender import Sender, until

pytestmark = pytest.mark.real

PAGE = (Path(__file__).parents[2] / "docs" / "celery.md").read_text()
ANSWERS, MESSAGE = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_the_page(sender: Sender) -> None:
    """The service in Python and the message of other languages each get an answer of the page's form, and a job."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {"URL": sender.site.environment["VNX_JOBS_REDIS_URL"]}
    exec(code.replace("vj:", sender.prefix), names)  # noqa: S102 -- it is the page's
    sender.push(MESSAGE)
    stored = until(lambda: sender.answer("order-4712"))
    created, _, refused = map(json.loads, ANSWERS.splitlines())
    for answer, name in ((names["answer"], "web-01"), (stored["result"], "web-02")):
        assert (list(answer), answer["created"]) == (list(created), True)
        assert sender.site.house.reads.job(answer["job"]).name == name
    assert sender.site.house.reads.job(names["answer"]["job"]).by == "shop@celery"
    answer = sender.send({"operation": "delete-volume", "array": "box"})
    assert (list(answer), list(answer["refused"])) == (list(refused), list(refused["refused"]))
