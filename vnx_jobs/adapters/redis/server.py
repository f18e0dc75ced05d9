"""The connection to the state server: it runs operations of the script, and reads."""

import contextlib
import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha1
from typing import Any, Final, TypeAlias, TypeVar, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from vnx_jobs.model.errors import StateServerError
from vnx_jobs.ports import Ring

from .script import source
from .sent import Sent, UnderWay
from .witness import OwnWitness, Witness

_SCANNED: Final = 5000
"""Keys that the server looks at in one go, a millisecond or two, when all are searched."""
_ANSWER_LIMIT: Final = 10.0
"""Seconds until a command counts as unanswered."""
_LISTEN_LIMIT: Final = 5.0
_REPLICA_LIMIT: Final = 5.0
_FULL: Final = 0.8
"""The part of the server's memory that submissions may fill: the rest is for the jobs under way."""

T = TypeVar("T")
Answer: TypeAlias = tuple[Any, tuple[Ring, ...]]
"""What an operation answers, and whom its caller is to ring."""


class UnansweredError(StateServerError):
    """No answer came: the command may have been carried out, and may be sent again if it can be repeated."""


class FrozenError(UnansweredError):
    """The state server has changed hands and takes nothing new for a while; nothing was carried out."""


class _ChangedHandsError(redis.ConnectionError):
    """A new connection reached another server than the one before; nothing was sent over it."""


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


def rings_of(flat: Sequence[Any]) -> tuple[Ring, ...]:
    """Read whom the caller is to ring: id, cursor, last, and so on."""
    return tuple(Ring(flat[at], int(flat[at + 1]), int(flat[at + 2])) for at in range(0, len(flat), 3))


def patiently(call: Callable[[], T]) -> T:
    """Repeat a call that may be repeated, for some seconds, while the server is away."""
    retrying = Retrying(
        retry=retry_if_exception_type(UnansweredError),
        stop=stop_after_attempt(5),
        wait=wait_exponential(multiplier=0.2, max=2),
        reraise=True,
    )
    return retrying(call)


class Server:
    """The state server: runs operations of the script, reads hashes. Every failure becomes a StateServerError.

    Each new connection asks the server who it is, and each operation says so: a server that came up anew, and may have
    lost its last changes, is noticed before it changes anything (see lua/hands.lua).
    """

    def __init__(
        self, client: redis.Redis, prefix: str, witness: Witness | None = None, *, replicas: int = 0, worker: str = ""
    ) -> None:
        """Speak through a client, for a worker if one is named.

        `replicas` is how many must have a durable change before it counts as made.
        """
        self.client = client
        self.prefix = prefix
        self.witness = witness or OwnWitness()
        self._replicas = replicas
        self._worker = worker
        self._reached: str | None = None
        self.use(source())
        client.connection_pool.connection_kwargs["redis_connect_func"] = self._connected

    def use(self, script: str) -> None:
        """Run this script's operations."""
        self._script = script
        self._sha = sha1(script.encode(), usedforsecurity=False).hexdigest()

    def call(self, name: str, *arguments: object, durable: bool = False) -> Answer:
        """Run one operation; `durable` as with `call_many`."""
        if durable and self._replicas:
            return self.call_many(name, [arguments], durable=True)[0]
        return self._guarded(lambda: self._read(self.client.evalsha(self._sha, 1, *self._words(name, arguments))))

    def call_many(self, name: str, calls: Sequence[Sequence[object] | str], *, durable: bool = False) -> list[Answer]:
        """Run one operation many times in one pipelined call; each is atomic by itself. A str is JSON already.

        `durable`: come back when the replicas that the settings ask for have it. Raises StateServerError if they do not
        in time: it is carried out, but a failover could lose it.
        """
        return self.begin_many(name, calls, durable=durable).answers()

    def begin_many(
        self, name: str, calls: Sequence[Sequence[object] | str], *, durable: bool = False
    ) -> UnderWay[list[Answer]]:
        """Send what `call_many` sends; its answers are waited for when they are asked for. Raises nothing."""
        return UnderWay(
            lambda: self._sent(name, calls, durable=durable), partial(self._arrived, name, durable), self._guarded
        )

    def _sent(self, name: str, calls: Sequence[Sequence[object] | str], *, durable: bool) -> Sent:
        commands: list[tuple[str | int, ...]] = [
            ("EVALSHA", self._sha, 1, *self._words(name, arguments)) for arguments in calls
        ]
        if durable and self._replicas:
            commands.append(("WAIT", self._replicas, round(_REPLICA_LIMIT * 1000)))
        return Sent(self.client, commands)

    def _arrived(self, name: str, durable: bool, sent: Sent) -> list[Answer]:  # noqa: FBT001 -- of `call_many`
        answers = [_raised(answer) for answer in sent.answers()]
        have = cast("int", answers.pop()) if durable and self._replicas else self._replicas
        read = [self._read(answer) for answer in answers]
        if have < self._replicas:
            text = f"{name} is done, but only {have} of {self._replicas} replicas have it: see `durability`"
            raise StateServerError(text)
        return read

    def _words(self, name: str, arguments: Sequence[object] | str) -> tuple[str, ...]:
        if self._reached is None:
            self.client.ping()  # for the sake of the connection, which learns whom it has reached
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return self.prefix, name, text, self._reached or "", self._worker

    def _read(self, answer: object) -> Answer:
        result, flat, changes = cast("tuple[Any, list[Any], int]", answer)
        if self._reached:
            self.witness.saw(self._reached, changes)
        if isinstance(result, list) and result and result[0] == "frozen":
            raise FrozenError(f"{result[1]}; try again in a moment")
        return result, rings_of(flat)

    def _connected(self, connection: Any) -> None:  # noqa: ANN401 -- redis does not type its connections
        """Set up a new connection, and learn whom it has reached."""
        connection.on_connect()
        connection.send_command("INFO", "server")
        found = None
        with contextlib.suppress(redis.ResponseError):  # a user that may not ask: then no server is told from another
            found = re.search(r"run_id:(\w+)", str(connection.read_response()))
        before, self._reached = self._reached, found[1] if found else ""
        if before not in {None, self._reached}:
            raise _ChangedHandsError

    def need_room(self) -> None:
        """Raise StateServerError if the server's memory is so full that jobs under way might soon find none."""
        said = self._guarded(lambda: self.client.info("memory"))
        used, limit = int(said.get("used_memory", 0)), int(said.get("maxmemory", 0))
        if limit and used > limit * _FULL:
            text = (
                f"the state server's memory is {used * 100 // limit} % full: raise maxmemory or let ended jobs expire"
            )
            raise StateServerError(text)

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

    def ordered(self, name: str, *, last: int = 0, since: int = 0) -> list[str]:
        """Read the members of a sorted set, by score; all, or so many of the last, or those of a score and above."""

        def run() -> object:
            if since:
                return self.client.zrange(self.prefix + name, since, "+inf", byscore=True)
            return self.client.zrange(self.prefix + name, -last, -1)

        return cast("list[str]", self._guarded(run))

    def line(self, name: str) -> list[str]:
        """Read a list, from its beginning."""
        return cast("list[str]", self._guarded(lambda: self.client.lrange(self.prefix + name, 0, -1)))

    def members(self, name: str) -> set[str]:
        """Read the members of a set."""
        return cast("set[str]", self._guarded(lambda: self.client.smembers(self.prefix + name)))

    def held_keys(self, stem: str) -> set[str]:
        """Return the keys of claims that begin with a text and are held. Looks at every key there is."""
        pattern = f"{self.prefix}h:{stem}*"
        found = self._guarded(lambda: list(self.client.scan_iter(match=pattern, count=_SCANNED)))
        return {str(key).removeprefix(f"{self.prefix}h:") for key in found}

    def events(self, after: str, seconds: float, most: int | None = None) -> list[tuple[str, dict[str, str]]]:
        """Read events younger than `after`, `most` at once; waits up to `seconds`, at most five, for the first."""
        stream, block = self.prefix + "events", max(1, round(min(seconds, _LISTEN_LIMIT) * 1000))
        found: Any = self._guarded(lambda: self.client.xread({stream: after}, count=most, block=block))
        return [event for _, events in found for event in events]

    def outermost(self, name: str, *, oldest: bool) -> str:
        """Return the id of a stream's oldest or newest entry; empty if it has none."""
        read = self.client.xrange if oldest else self.client.xrevrange
        found: Any = self._guarded(lambda: read(self.prefix + name, count=1))
        return str(found[0][0]) if found else ""

    def _known_to_each_other(self, run: Callable[[], T]) -> T:
        """Run something again that was not carried out, since we did not know the server, or it not our script."""
        for _ in range(2):
            try:
                return run()
            except _ChangedHandsError:
                continue  # it says now whom it speaks to
            except redis.exceptions.NoScriptError:
                self.client.script_load(self._script)
        return run()

    def _guarded(self, run: Callable[[], T]) -> T:
        """Run something that speaks to the server, and say its failures in one line without the address's password."""
        try:
            return self._known_to_each_other(run)
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
