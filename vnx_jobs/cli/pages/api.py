"""docs/reference/api.md: every route of the HTTP API, what it takes, and how it may be refused."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import SecretStr

from vnx_jobs.api.app import create_app
from vnx_jobs.settings import Settings
from vnx_jobs.wiring import House

_HEAD: Final = """\
# Routes of the HTTP API

Made from the code (`python -m vnx_jobs.cli.pages docs`), by the OpenAPI document that a service tells under
`/v1/openapi.json`, which has the schemas and examples too. [api.md](../api.md) says how the API is used, and who may;
[errors.md](errors.md) what the codes mean. Beside the codes of a route, each may be refused with these: {everywhere}.

"""


_NOBODY: Final = "redis://127.0.0.1:1"
"""A state server that is never asked: routes are told without it."""


def page() -> str:
    """Return the page."""
    house = House(Settings(redis_url=SecretStr(_NOBODY)))
    try:
        paths: Mapping[str, Mapping[str, Any]] = create_app(house, house.settings, house.authority).openapi()["paths"]
    finally:
        house.close()
    routes = [(path, method, about) for path, methods in paths.items() for method, about in methods.items()]
    shared = set.intersection(*(_codes(about) for path, _, about in routes if path.startswith("/v1")))
    head = _HEAD.format(everywhere=", ".join(f"`{code}`" for code in sorted(shared)))
    return head + "\n".join("\n".join(_route(*route, shared)) for route in routes)


def _route(path: str, method: str, about: Mapping[str, Any], shared: set[str]) -> Iterator[str]:
    """Yield the lines about a route."""
    yield f"## {method.upper()} {path}\n"
    yield f"{_words(about['description'])}\n"
    asked = [one for one in about.get("parameters", ()) if one["in"] != "path"]
    if asked:
        yield "| what | where | |\n|---|---|---|"
        yield from (f"| `{one['name']}` | {one['in']} | {_words(one.get('description', ''))} |" for one in asked)
        yield ""
    body = about.get("requestBody", {}).get("content", {})
    if body:
        yield f"Body: {', '.join(f'`{kind}`' for kind in body)}.\n"
    well = ", ".join(status for status in about["responses"] if status < "300")
    own = ", ".join(f"`{code}`" for code in sorted(_codes(about) - shared))
    yield f"Answered by {well}{f'; refused with {own}' if own else ''}.\n"


def _codes(about: Mapping[str, Any]) -> set[str]:
    """Return the codes by which a route may be refused."""
    told = [answer.get("content", {}).values() for answer in about["responses"].values()]
    return {code for contents in told for content in contents for code in content.get("examples", ())}


def _words(text: str) -> str:
    return " ".join(text.split())
