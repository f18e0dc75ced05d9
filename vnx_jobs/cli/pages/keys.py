"""docs/reference/keys.md: every key in the state server."""

from typing import Final

from vnx_jobs.adapters.redis.keys import KEYS

_HEAD: Final = """\
# Keys in the state server

Made from the code (`python -m vnx_jobs.cli.pages docs`). Each has the prefix of the setting `prefix`, `vj:` if it is
not set. What Celery keeps stands under `mq:` below the same prefix. `<...>` stands for any text, `a -> b` for members
`a` that have the value or the score `b`. Nothing here is for other programs to write; one that only wants to know asks
the HTTP API.

| key | type | holds | kept |
|---|---|---|---|
"""


def page() -> str:
    """Return the page."""
    rows = sorted(f"| `{key.name}` | {key.type} | {key.holds} | {key.kept} |\n" for key in KEYS)
    return _HEAD + "".join(rows)
