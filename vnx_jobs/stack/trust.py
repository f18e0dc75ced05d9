"""Whether jobs may be trusted to a state server that is not ours: asked by `up`, and by every worker that starts."""

from vnx_jobs.adapters.redis.health import health
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.settings import Settings


def dangers(settings: Settings) -> tuple[str, ...]:
    """Return why jobs could be lost in a state server of somebody else's; empty if the settings take any.

    Raises StateServerError if it does not answer.
    """
    if settings.redis_url is None or settings.unsafe_state_server:
        return ()
    return health(settings.redis_url.get_secret_value()).dangers


def check_state_server(settings: Settings) -> None:
    """Refuse a state server of somebody else's that may forget what it was told.

    Raises StateServerError, with one line that says what to set, if it evicts, has no append-only file, or does not
    answer.
    """
    if found := dangers(settings):
        raise StateServerError(refusal(found))


def refusal(found: tuple[str, ...]) -> str:
    """Say in one line what is wrong and what to do."""
    return f"the state server may lose jobs: {'; '.join(found)} (change that, or set unsafe_state_server: true)"
