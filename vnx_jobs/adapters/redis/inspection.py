"""A look at everything that the state server holds under our prefix, and at the broker's queue beside it."""

from typing import Final, cast

import redis

from vnx_jobs.model.errors import StateServerError

from .server import Server

_BROKER: Final = "mq:"


def contents(server: Server) -> dict[str, dict[str, str]]:
    """Return every hash, set and sorted set by its key without the prefix; the broker's are left out.

    A sorted set's members stand with their scores, a set's with an empty text. Raises StateServerError.
    """
    try:
        with server.client.pipeline(transaction=False) as pipe:
            names = [str(name) for name in server.client.scan_iter(f"{server.prefix}*", count=1000)]
            ours = sorted(name for name in names if not name.startswith(server.prefix + _BROKER))
            for name in ours:
                pipe.type(name)
            kinds = pipe.execute()
        found = {
            name.removeprefix(server.prefix): _read(server, name, kind) for name, kind in zip(ours, kinds, strict=True)
        }
    except redis.RedisError as error:
        raise StateServerError(f"the state server cannot be looked through ({type(error).__name__})") from error
    return {name: held for name, held in found.items() if held}


def _read(server: Server, name: str, kind: str) -> dict[str, str]:
    match kind:
        case "hash":
            return cast("dict[str, str]", server.client.hgetall(name))
        case "zset":
            scored = cast("list[tuple[str, float]]", server.client.zrange(name, 0, -1, withscores=True))
            return {member: repr(score) for member, score in scored}
        case "set":
            return dict.fromkeys(sorted(cast("set[str]", server.client.smembers(name))), "")
        case _:
            return {}


def drop_messages(server: Server, queue: str) -> int:
    """Delete the messages that wait in the broker's queue, as a broker that forgets would; return how many there were.

    Raises StateServerError.
    """
    name = f"{server.prefix}{_BROKER}{queue}"
    try:
        with server.client.pipeline(transaction=True) as pipe:
            pipe.llen(name)
            pipe.delete(name)
            return int(pipe.execute()[0])
    except redis.RedisError as error:
        raise StateServerError(f"the broker's queue cannot be reached ({type(error).__name__})") from error
