"""Settings of the HTTP service."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ApiSettings(BaseModel):
    """Where the HTTP service listens, and what it bears."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    with_stack: bool = True
    """Whether `vnx-jobs up` starts it."""
    host: str = "127.0.0.1"
    """The address it listens on. On any network let it speak TLS, or put a proxy that does in front of it."""
    port: int = Field(8470, ge=0, le=65535)
    """Its port; 0 for any that is free."""
    tls_cert: Path | None = None
    """The certificate chain, as PEM: with it, it speaks TLS alone."""
    tls_key: Path | None = None
    """The key of that certificate, as PEM."""
    body: int = Field(8 << 20, ge=1024)
    """Bytes of a request's body at most."""
    page: int = Field(500, ge=1, le=10_000)
    """Entries of one part of a list at most."""
    rate: float = Field(100, gt=0)
    """Requests a second of one token, on the long run; what is more is answered 429 with `Retry-After`."""
    burst: int = Field(1000, ge=1)
    """Requests of one token at once, after a rest."""
    threads: int = Field(16, ge=1, le=200)
    """Requests that are at the state server at one time."""
    streams: int = Field(1000, ge=1)
    """Streams of events and long polls that are open at one time."""
    backlog: int = Field(5000, ge=1000)
    """Events that may wait for a slow reader of a stream; then its connection ends, and it comes again."""

    @model_validator(mode="after")
    def _consistent(self) -> "ApiSettings":
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("give both tls_cert and tls_key, or neither")
        return self
