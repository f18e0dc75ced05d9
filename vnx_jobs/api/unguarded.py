"""What stands at the door of a service that is open to its machine: nobody is asked for a token."""

from collections.abc import Collection

import structlog

from vnx_jobs.model.authority import Action, Caller
from vnx_jobs.model.errors import Code, Refused


class Unguarded:
    """Implements Guards where no token is asked for: what was done stands in the log alone."""

    def identify(self, secret: str, origin: str) -> Caller:
        """Know nobody."""
        del secret, origin
        raise Refused(Code.UNAUTHORIZED, "this service knows no tokens")

    def need(self, caller: Caller, action: Action, array: str = "") -> None:
        """Raise Refused(forbidden) unless the caller's role allows it."""
        if not caller.may(action, array):
            raise Refused(Code.FORBIDDEN, f"a {caller.role} may not {action.value}")

    def wrote(self, caller: Caller, what: str, *, array: str = "", jobs: Collection[str] = (), outcome: str) -> None:
        """Log what was done."""
        told = {"who": caller.name, "origin": caller.origin, "what": what, "array": array}
        structlog.get_logger().info("audit", **told, jobs=list(jobs)[:10], outcome=outcome)
