"""What stands in a message: CloudEvents 1.0, structured mode, JSON."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
JOB_ENDED: Final = "vnx-jobs.job.ended"
BATCH_ENDED: Final = "vnx-jobs.batch.ended"
TEST: Final = "vnx-jobs.hook.test"


def body(installation: str, message: str, kind: str, subject: str, at: int, data: Mapping[str, Any]) -> bytes:  # noqa: PLR0913, PLR0917 -- an argument an attribute
    """Return the bytes of a message; the same ones for the same arguments. `at`: milliseconds since 1970."""
    told = {
        "specversion": "1.0",
        "id": message,
        "source": f"urn:vnx-jobs:{installation}",
        "type": kind,
        "subject": subject,
        "time": datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": dict(data),
    }
    return json.dumps(told, separators=(",", ":")).encode()
