"""The one Lua script, put together from its rooms, and the connection it runs over."""

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any, Final, TypeAlias, TypeVar, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from vnx_jobs.model.errors import StateServerError
from vnx_jobs.ports import Ring

_ROOMS: Final = ("claims", "records", "turns", "orders", "sweep", "roles", "inventory", "main")
_ANSWER_LIMIT: Final = 10.0
"""Seconds until a command counts as unanswered."""
_LISTEN_LIMIT: Final = 5.0

T = TypeVar("T")
Answer: TypeAlias = tuple[Any, tuple[Ring, ...]]
"""What an operation answers, and whom its caller is to ring."""


class UnansweredError(StateServerError):
    """No answer came: the command may have been carried out, and may be sent again if it can be repeated."""


def connect(url: str) -> redis.Redis:
    """Return a client that gives up within ten seconds and never repeats a command by itself.

    A command whose answer is lost may have been carried out: who repeats it must know that it can be repeated.
    Raises StateServerError for an address that is none.
    """
    try:
        return redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=5,
            socket_timeout=_ANSWER_LIMIT,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:  # its text may hold a part of the password
        raise StateServerError("the state server's address must be redis://[user:password@]HOST:PORT/0") from None


def source() -> str:
    """Return the script's text."""
    folder = files(__package__) / "lua"
    return "\n".join((folder / f"{room}.lua").read_text() for room in _ROOMS)


class Server:
    """The state server: runs operations of the script, reads hashes. Every failure becomes a StateServerError."""

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self.client = client
        self.prefix = prefix
        self._script = client.register_script(source())

    def call(self, name: str, *arguments: object) -> Answer:
        """Run one operation."""
        return self._guarded(lambda: _read(self._script(keys=[self.prefix], args=[name, json.dumps(arguments)])))

    def call_many(self, name: str, calls: Sequence[Sequence[object]]) -> list[Answer]:
        """Run one operation many times in one pipelined call; each is atomic by itself."""

        def run() -> list[Answer]:
            with self.client.pipeline(transaction=False) as pipe:
                for arguments in calls:
                    self._script(keys=[self.prefix], args=[name, json.dumps(arguments)], client=pipe)
                answers = pipe.execute(raise_on_error=False)  # whose own error would repeat the whole command
            return [_read(answer) for answer in map(_raised, answers)]

        return self._guarded(run)

    def hash(self, name: str) -> dict[str, str]:
        """Read a whole hash; empty if there is none."""
        return cast("dict[str, str]", self._guarded(lambda: self.client.hgetall(self.prefix + name)))

    def hashes(self, names: Sequence[str]) -> list[dict[str, str]]:
        """Read many hashes in one pipelined call."""

        def run() -> list[dict[str, str]]:
            with self.client.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.hgetall(self.prefix + name)
                return list(pipe.execute())

        return self._guarded(run)

    def parts(self, wanted: Sequence[tuple[str, Sequence[str]]]) -> list[dict[str, str]]:
        """Read some fields of hashes (all, where none is named) in one pipelined call; what is missing is left out."""

        def run() -> list[Any]:
            with self.client.pipeline(transaction=False) as pipe:
                for name, fields in wanted:
                    if fields:
                        pipe.hmget(self.prefix + name, list(fields))
                    else:
                        pipe.hgetall(self.prefix + name)
                return list(pipe.execute())

        found = self._guarded(run)
        return [_part(fields, one) for (_, fields), one in zip(wanted, found, strict=True)]

    def string(self, name: str) -> str | None:
        """Read a string; None if there is none."""
        return cast("str | None", self._guarded(lambda: self.client.get(self.prefix + name)))

    def field(self, name: str, field: str) -> str | None:
        """Read one field of a hash."""
        return cast("str | None", self._guarded(lambda: self.client.hget(self.prefix + name, field)))

    def ordered(self, name: str) -> list[str]:
        """Read the members of a sorted set, by score."""
        return cast("list[str]", self._guarded(lambda: self.client.zrange(self.prefix + name, 0, -1)))

    def members(self, name: str) -> set[str]:
        """Read the members of a set."""
        return cast("set[str]", self._guarded(lambda: self.client.smembers(self.prefix + name)))

    def events(self, after: str, seconds: float) -> list[tuple[str, dict[str, str]]]:
        """Read events younger than `after`; waits up to `seconds`, at most five, for the first."""
        stream = self.prefix + "events"
        block = max(1, round(min(seconds, _LISTEN_LIMIT) * 1000))
        found = self._guarded(lambda: self.client.xread({stream: after}, block=block))
        return [
            event for _, events in cast("list[tuple[str, list[tuple[str, dict[str, str]]]]]", found) for event in events
        ]

    @staticmethod
    def _guarded(run: Callable[[], T]) -> T:
        """Run something that speaks to the server, and say its failures in one line without the address's password."""
        try:
            return run()
        except redis.AuthenticationError as error:
            raise StateServerError("the state server refused the login: check its user and password") from error
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise UnansweredError(
                f"the state server does not answer ({type(error).__name__}): see `vnx-jobs doctor`"
            ) from error
        except redis.RedisError as error:
            if "command not allowed when used memory" in str(error):
                text = "the state server is out of memory: raise maxmemory or let ended jobs expire"
                raise StateServerError(text) from error
            raise StateServerError(f"the state server refused a command: {error}") from error


def _part(fields: Sequence[str], found: dict[str, str] | list[str | None]) -> dict[str, str]:
    if isinstance(found, dict):
        return found
    return {field: one for field, one in zip(fields, found, strict=True) if one is not None}


def _raised(answer: object) -> object:
    if isinstance(answer, Exception):
        raise answer
    return answer


def _read(answer: object) -> Answer:
    result, flat = cast("tuple[Any, list[Any]]", answer)
    rings = tuple(Ring(flat[at], int(flat[at + 1]), int(flat[at + 2])) for at in range(0, len(flat), 3))
    return result, rings
