"""What must be known about a state server before jobs are trusted to it. Hosted servers answer this too."""

from dataclasses import dataclass

import redis

from vnx_jobs.model.errors import StateServerError

from .server import Server, connect


@dataclass(frozen=True, slots=True)
class Health:
    """What a state server says about itself."""

    version: str
    policy: str
    """What it does when its memory is full; only `noeviction` forgets nothing."""
    append_only: bool
    used: int
    """Bytes."""
    limit: int
    """Bytes; 0 for none."""

    @property
    def dangers(self) -> tuple[str, ...]:
        """Return the settings by which it may lose jobs, each with what to set instead."""
        found = []
        if self.policy != "noeviction":
            found.append(f"it evicts keys when memory is full (maxmemory-policy {self.policy}, must be noeviction)")
        if not self.append_only:
            found.append("it has no append-only file (appendonly no, must be yes)")
        return tuple(found)


def health(url: str) -> Health:
    """Ask a state server. Raises StateServerError if it does not answer, without showing its address."""
    try:
        with connect(url) as client:
            said = client.info()
    except (redis.RedisError, ValueError) as error:
        reason = "its address cannot be read" if isinstance(error, ValueError) else type(error).__name__
        raise StateServerError(f"the state server does not answer ({reason}): check VNX_JOBS_REDIS_URL") from error
    return Health(
        version=str(said.get("valkey_version") or said.get("redis_version", "")),
        policy=str(said.get("maxmemory_policy", "")),
        append_only=bool(said.get("aof_enabled")),
        used=int(said.get("used_memory", 0)),
        limit=int(said.get("maxmemory", 0)),
    )


def answers(url: str) -> bool:
    """Say whether a state server is up and lets us in; one that is still reading its file is not up yet."""
    try:
        with connect(url) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def vouch(url: str, prefix: str) -> None:
    """Say of a server that came up anew that it has lost nothing, so that no worker is asked what it saw.

    Only whoever started it, over its own files, with every write synced, can know that. Raises StateServerError.
    """
    with connect(url) as client:
        Server(client, prefix).call("vouch")


def role_held(server: Server, role: str) -> bool:
    """Say whether some process holds a role's lease now. Takes nothing. Raises StateServerError."""
    return server.string(f"role:{role}") is not None
