"""The Python client of vnx-jobs: `Client`, over HTTP or straight to the state server with the same interface.

`client` has what users call, `door` what it needs of the other side: `over_http` and `direct` are the two ways there.
"""

from vnx_jobs.model.retention import Policy

from .asking import Ask, Asked
from .client import OLDEST, Client
from .errors import AnswerError, ClientError, EventsLostError, Refused, UnreachableError, WaitTimeoutError

__all__ = [
    "OLDEST",
    "AnswerError",
    "Ask",
    "Asked",
    "Client",
    "ClientError",
    "EventsLostError",
    "Policy",
    "Refused",
    "UnreachableError",
    "WaitTimeoutError",
]
