"""Settings of call backs: where they may go, and where the secret is that they are signed with."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, IPvAnyNetwork


class CallbackSettings(BaseModel):
    """What holds for all hooks of an installation. The same on every machine that runs workers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret_file: Path | None = None
    """The secret that the keys of hooks are made from, the same on every machine; else `hooks.secret` in `home`."""
    allow_http: bool = False
    """Whether receivers may be told without TLS."""
    allow_networks: tuple[IPvAnyNetwork, ...] = ()
    """Networks of one's own that receivers may be in; elsewhere only addresses of the public internet are called."""
    ca_file: Path | None = None
    """Certificates, as PEM, that receivers are verified by instead of the system's."""
