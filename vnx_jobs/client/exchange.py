"""Requests to the service: each is made once, and answered by a document or an error."""

import ipaddress
import json
import re
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
from pydantic import ValidationError

from vnx_jobs.documents.document import Document
from vnx_jobs.model.errors import Code

from .errors import AnswerError, Refused, UnreachableError
from .sse import Message, messages

_ANSWER: Final = 60.0
"""Seconds until a request counts as unanswered, beside those that it asks to wait."""
_CONNECT: Final = 5.0
_IDLE: Final = 3.0
"""Seconds for which a connection is kept that nobody uses: shorter than the service's five, which closes it then."""
_SILENCE: Final = 45.0
"""Seconds after which a stream that says nothing counts as lost: the service says every 15 that it lives."""
_BEARER: Final = re.compile(r"[\x21-\x7e]+")
_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})
"""What OpenSSL calls an answer that is no TLS."""
_AWAY: Final = frozenset({502, 503, 504})
"""What a proxy answers in place of a service that is away."""

END: Final = "end"
"""The kind of a stream's last message, when what it is about has ended."""

D = TypeVar("D", bound=Document)


class _Bearer(httpx.Auth):
    """Adds the token to each request, and shows it to nobody."""

    def __init__(self, token: str) -> None:
        self._value = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request with the token."""
        request.headers["Authorization"] = self._value
        yield request


class Exchange:
    """Speaks to one service. For any number of threads."""

    def __init__(self, address: str, token: str | None, ca_file: Path | None) -> None:
        """Speak to the service at an address. Raises Refused(invalid) for what is no address, or no token."""
        url = _url(address)
        if token is not None and not _BEARER.fullmatch(token):
            raise Refused(Code.INVALID, "the token has signs that no token has: is there a line end in it?")
        self.name = str(url).rstrip("/")
        self._http = httpx.Client(
            base_url=url,
            auth=None if token is None else _Bearer(token),
            timeout=httpx.Timeout(_ANSWER, connect=_CONNECT),
            limits=httpx.Limits(keepalive_expiry=_IDLE),
            trust_env=not _is_local(url.host),  # no proxy leads to this machine
            verify=_trusted(ca_file, needed=url.scheme == "https"),
        )

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def get(self, model: type[D], path: str, asked: Mapping[str, Any] | None = None, seconds: float = 0) -> D:
        """Return a document; the service may wait so many seconds before it answers."""
        told = self.ask("GET", path, asked=asked, seconds=seconds)
        with understood(path):
            return model.model_validate(told)

    def list_of(self, model: type[D], path: str) -> list[D]:
        """Return the documents of a list."""
        told = self.ask("GET", path)
        with understood(path):
            return [model.model_validate(one) for one in told]

    def post(
        self, model: type[D], path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> D:
        """Return the document that a change is answered by."""
        told = self.ask("POST", path, body, headers=headers)
        with understood(path):
            return model.model_validate(told)

    def ask(  # noqa: PLR0913 -- what a request may have
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        asked: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = 0,
    ) -> Any:  # noqa: ANN401 -- whatever JSON holds: the caller makes a document of it
        """Return what the service answers. Of bytes the headers say what they are.

        Raises Refused, UnreachableError, AnswerError.
        """
        told = {"Content-Type": "application/json"} if body is not None else {}
        query = {name: value for name, value in (asked or {}).items() if value is not None and value != ""}
        with self._answered():
            answer = self._http.request(
                method,
                path,
                params=query,
                content=body if body is None or isinstance(body, bytes) else json.dumps(body).encode(),
                headers={**told, **(headers or {})},
                timeout=httpx.Timeout(_ANSWER + seconds, connect=_CONNECT),
            )
        if not answer.is_success:
            raise self._problem(answer)
        with understood(path):
            return answer.json() if answer.content else None

    def stream(self, path: str, after: str) -> Iterator[Message]:
        """Return a stream's messages from after an event on; none at all if there is nothing more to come.

        A stream that is cut off ends with UnreachableError.
        """
        headers = {"Last-Event-ID": after} if after else {}
        quiet = httpx.Timeout(_CONNECT, read=_SILENCE)
        with self._answered(), self._http.stream("GET", path, headers=headers, timeout=quiet) as answer:
            if not answer.is_success:
                answer.read()
                raise self._problem(answer)
            if answer.status_code == httpx.codes.NO_CONTENT:
                yield Message("", END, "")
                return
            if not answer.headers.get("Content-Type", "").startswith("text/event-stream"):
                raise AnswerError(f"{self.name} answers {path} with no stream of events")
            yield from messages(answer.iter_bytes())

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """Say in one line that no answer came."""
        try:
            yield
        except (httpx.RequestError, httpx.StreamError) as error:
            wrong = _wrong_tls(error)
            text = f"{self.name} does not answer: {wrong or _why(error)}"
            raise UnreachableError(text, lasting=bool(wrong)) from None

    def _problem(self, answer: httpx.Response) -> Refused | UnreachableError | AnswerError:
        """Return the error that an answer tells of."""
        try:
            refused = refusal(answer.json(), _seconds(answer.headers.get("Retry-After", "")))
        except (ValueError, LookupError, TypeError):
            text = f"{self.name} answers {answer.status_code} to {answer.request.url.path}, and not as vnx-jobs does"
            return UnreachableError(text) if answer.status_code in _AWAY else AnswerError(text)
        match refused.code:
            case Code.STATE_SERVER:
                return UnreachableError(refused.message, refused.retry_after)
            case Code.INTERNAL:
                return AnswerError(refused.message)
            case _:
                return refused


def _wrong_tls(error: BaseException) -> str:
    """Say what is wrong with TLS, and what mends it; empty if no answer came for another reason."""
    below: BaseException | None = error
    while below is not None:  # httpx raises an error of its own from that of the connection
        if isinstance(below, ssl.SSLCertVerificationError):
            what = below.verify_message.rstrip(".")
            return f"its certificate is not trusted ({what}): name the CA file of who vouches for it"
        if isinstance(below, ssl.SSLError) and below.reason in _NO_TLS:
            return "it does not speak TLS there: http:// or another port?"
        below = below.__cause__ or below.__context__
    return ""


def _why(error: httpx.RequestError | httpx.StreamError) -> str:
    """Say why no answer came; to one that is cut off so a service that died looks like one that speaks TLS alone."""
    if isinstance(error, httpx.RemoteProtocolError) and error.request.url.scheme == "http":
        return f"{error} (does it speak TLS there? then https://)"
    return str(error).strip() or type(error).__name__


def refusal(problem: Mapping[str, Any], retry_after: float = 0.0) -> Refused:
    """Return the refusal that a problem document tells. Raises LookupError or TypeError for another one."""
    refused = Refused(str(problem["code"]), str(problem["detail"]), problem.get("job"), retry_after)
    refused.report = problem.get("report")
    return refused


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else 0.0


@contextmanager
def understood(path: str) -> Iterator[None]:
    """Say in one line that an answer is none that this version understands."""
    try:
        yield
    except (ValidationError, ValueError, LookupError, TypeError) as error:
        text = f"the answer to {path} is none that this version understands ({type(error).__name__})"
        raise AnswerError(text) from None


def _url(address: str) -> httpx.URL:
    """Return the address of a service. Raises Refused(invalid); what is wrong may hold a secret, and is not told."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        raise Refused(Code.INVALID, "the address of a service is http(s)://HOST[:PORT], and a token is given beside it")
    return url


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trusted(ca_file: Path | None, *, needed: bool) -> ssl.SSLContext:
    """Return what certificates are verified by. Raises Refused(invalid) for a file that holds none.

    Where none will be shown none is trusted, and nothing read: to read those of the system takes a tenth of a second.
    """
    if not needed and ca_file is None:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise Refused(Code.INVALID, f"{ca_file} cannot be used: {error.strerror or error}") from None
