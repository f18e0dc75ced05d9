"""Commands that go out in one piece, and whose answers are read later: the server works while their sender does.

A thread that waits for them would not do: while another one computes, it is woken so late, and so often, that the
server stands still for half of the time.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

import redis

from vnx_jobs.model.errors import StateServerError

T = TypeVar("T")


class Sent:
    """Commands on their way over a connection that is theirs until their answers are read, or nobody will."""

    def __init__(self, client: redis.Redis, commands: Sequence[Sequence[str | int]]) -> None:
        """Send. Raises redis' errors of a connection; then the commands may have been carried out, some or all."""
        self._connection: Any
        self._pool: Any = client.connection_pool  # untyped upstream, as its connections are
        connection: Any = self._pool.get_connection()
        self._connection, self._expected = connection, len(commands)
        try:
            connection.send_packed_command(connection.pack_commands(commands))
        except BaseException:
            self.give_up()
            raise

    def answers(self) -> list[object]:
        """Wait for all answers; a refusal stands in its place as the exception that it is."""
        if self._connection is None:
            raise StateServerError("these answers were read before, or given up")
        try:
            found = [self._answer() for _ in range(self._expected)]
        except BaseException:
            self.give_up()
            raise
        self._pool.release(self._connection)
        self._connection = None
        return found

    def give_up(self) -> None:
        """Close the connection: nobody will read what still arrives."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect()
            self._pool.release(connection)

    def _answer(self) -> object:
        try:
            return cast("object", self._connection.read_response())
        except redis.ResponseError as refused:
            return refused


class UnderWay(Generic[T]):
    """Operations that are sent, or were to be: whoever asks for their answers hears what became of them."""

    def __init__(
        self,
        send: Callable[[], Sent],
        read: Callable[[Sent], T],
        guarded: Callable[[Callable[[], T]], T],
    ) -> None:
        """Send at once."""
        self._send, self._read, self._guarded = send, read, guarded
        self._sent: Sent | None = None
        self._problem: redis.RedisError | None = None
        try:
            self._sent = send()
        except redis.RedisError as problem:
            self._problem = problem

    def answers(self) -> T:
        """Wait for the answers. Raises StateServerError; UnansweredError if some or all may have been carried out."""
        return self._guarded(self._attempt)

    def close(self) -> None:
        """Leave without the answers: all may have been carried out."""
        if self._sent is not None:
            self._sent.give_up()

    def _attempt(self) -> T:
        problem, self._problem = self._problem, None
        if problem is not None:
            raise problem
        sent, self._sent = self._sent or self._send(), None  # sent again if the server did not know our script
        return self._read(sent)
