"""What a request may say, whatever it asks for: names that its route knows, each once; and nothing for another site."""

import ipaddress
from typing import Final, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant

from vnx_jobs.model.errors import Code, Refused

_LOCAL_NAMES: Final = frozenset({"localhost"})
_OWN_PAGES: Final = frozenset({"", "same-origin", "none"})
"""What a browser says of a request (Sec-Fetch-Site) that no page of somebody else's made; nothing is said by others."""
_SINGLE_HEADERS: Final = ("Authorization", "Idempotency-Key", "Last-Event-ID", "Content-Type")


def need_known_names(request: Request) -> None:
    """Raise Refused(invalid) for a parameter that the route does not have: `atmoic=true` must not be passed over."""
    known = _parameters(request.scope["route"].dependant)
    if strange := sorted(set(request.query_params) - known):
        there_are = ", ".join(sorted(known)) or "none"
        raise Refused(Code.INVALID, f"there is no parameter {strange[0]!r} (there are: {there_are})")


def need_single_values(request: Request) -> None:
    """Raise Refused(invalid) for a value that is given twice: of two keys, nobody knows which is meant."""
    lists = _lists(request.scope["route"].dependant)
    twice = [name for name in request.query_params if name not in lists and len(request.query_params.getlist(name)) > 1]
    twice += [name for name in _SINGLE_HEADERS if len(request.headers.getlist(name)) > 1]
    if twice:
        raise Refused(Code.INVALID, f"{twice[0]} is given twice")


def _lists(dependant: Dependant) -> set[str]:
    """Return the names that the address of a request may give several times."""
    own = {one.alias for one in dependant.query_params if _is_list(one.field_info.annotation)}
    return own.union(*map(_lists, dependant.dependencies))


def _is_list(kind: object) -> bool:
    return get_origin(kind) is list or any(get_origin(one) is list for one in get_args(kind))


def _parameters(dependant: Dependant) -> set[str]:
    """Return the names that the address of a request may give, of a route and all that it stands on."""
    own = {one.alias for one in dependant.query_params}
    return own.union(*map(_parameters, dependant.dependencies))


def need_local_name(request: Request) -> None:
    """Refuse a request that a browser sends for a page of somebody else's whose name leads to this machine."""
    name = request.url.hostname or ""
    try:
        local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = name in _LOCAL_NAMES
    if not local:
        raise Refused(Code.FORBIDDEN, f"the service is open to this machine alone, and is not called {name!r}")
    origin = request.headers.get("origin", "")
    is_own = origin in {"", f"{request.url.scheme}://{request.url.netloc}"}
    if not is_own or request.headers.get("sec-fetch-site", "") not in _OWN_PAGES:
        raise Refused(Code.FORBIDDEN, "the service is open to this machine alone, and to no page of another site")
