"""A look at everything that the state server holds, and the broker that forgets."""

from tests.store.world import entry, locked
from vnx_jobs.adapters.redis.inspection import contents, drop_messages
from vnx_jobs.adapters.redis.server import Server, connect
from vnx_jobs.adapters.redis.store import RedisJobStore


def test_everything_we_hold_is_shown_and_nothing_of_the_brokers(valkey_url: str, prefix: str) -> None:
    """Hashes, sets and sorted sets stand under their keys without the prefix; empty ones and messages do not."""
    server = Server(connect(valkey_url), prefix)
    store = RedisJobStore(server, finished_days=1, key_days=1)
    store.submit([entry("J", locked("v"))])
    server.client.rpush(f"{prefix}mq:vnx", "message")
    shown = contents(server)
    assert shown["live"] == {"J": ""}
    assert list(shown["h:v"]) == ["J"]
    assert float(shown["h:v"]["J"]) < 0
    assert shown["job:J"]["state"] == "QUEUED"
    assert not [name for name in shown if name.startswith("mq:")]
    server.client.close()


def test_messages_that_wait_are_dropped_once(valkey_url: str, prefix: str) -> None:
    """The queue is empty afterwards, and the number of lost messages is told."""
    server = Server(connect(valkey_url), prefix)
    server.client.rpush(f"{prefix}mq:vnx", "one", "two")
    assert drop_messages(server, "vnx") == 2
    assert drop_messages(server, "vnx") == 0
    server.client.close()
