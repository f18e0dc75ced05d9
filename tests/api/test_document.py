"""The OpenAPI document is true: whatever is asked by it, or against it, is answered as it says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from tests.api.served import served
from tests.api.site import ApiSite, volume
from vnx_jobs.api.app import create_app

FEW = 50
TOKENS = ("admin", "admin", "operator-box", "viewer-vault", "nobody")
NEVER_ENDS = "/v1/events"
"""A stream that nobody ends: `test_streams` reads it."""
CHECKS = (
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
)


def test_every_route_says_how_it_answers(site: ApiSite) -> None:
    """Each route documents its refusals, and whatever the document names stands in it."""
    document = create_app(site.house, site.settings, site.house.authority).openapi()
    named = set(re.findall(r"#/components/schemas/([\w-]+)", str(document)))
    assert named <= set(document["components"]["schemas"])
    assert len(document["paths"]) >= 28
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            codes = set(route["responses"])
            assert {"401", "403", "422", "429", "500", "503"} <= codes or path in {"/healthz", "/readyz"}, path
            assert "requestBody" not in route or {"413", "415"} <= codes, (method, path)


def known_names(site: ApiSite) -> dict[str, list[str]]:
    """Make things that routes can be asked for, and return their names by what paths call them."""
    with site.client() as client:
        jobs = [client.post("/v1/jobs", json=volume(f"v{n}")).json()["job"] for n in range(3)]
        rows = {"batch": "b", "defaults": volume("x"), "jobs": [{"name": "b-1"}]}
        client.post("/v1/batches", json=rows)
    site.world.run(*(one.id for one in site.house.store.find()))  # streams of what has ended end by themselves
    return {"job": jobs, "batch": ["b"], "array": ["box", "vault"], "name": ["v0"]}


def ask(site: ApiSite, count: int) -> int:
    """Ask for about so many things, by every route; return how many were asked."""
    load_all_checks()
    with served(site) as url:
        names = known_names(site)
        schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json")
        schema.config.base_url = url
        operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
        asked = [one for one in operations if one.path != NEVER_ENDS]
        secrets = {token: site.secret(token) for token in TOKENS}
        total = 0
        for operation in asked:
            total += _ask_for(operation, names, secrets, max(2, count // len(asked)))
    return total


def _ask_for(operation: Any, names: dict[str, list[str]], secrets: dict[str, str], count: int) -> int:
    total = 0

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=count < FEW,  # the same requests each time, but in full others each time
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), data=st.data())
    def played(case: Any, data: st.DataObject) -> None:
        nonlocal total
        total += 1
        for place in case.path_parameters or {}:
            if place in names and data.draw(st.booleans()):
                case.path_parameters[place] = data.draw(st.sampled_from(names[place]))
        if isinstance(case.body, dict) and isinstance(case.body.get("array"), str) and data.draw(st.booleans()):
            case.body["array"] = "box"
        if case.query and "wait" in case.query:
            case.query["wait"] = 0
        token = data.draw(st.sampled_from(TOKENS))
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {secrets[token]}"}
        answer = case.call(timeout=20)
        assert answer.status_code not in {500, 502}, (case.as_curl_command(), answer.text)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            pytest.fail(f"{case.as_curl_command()}\n{answer.status_code} {answer.text}\n{group.exceptions}")

    played()
    return total


@pytest.fixture
def generous(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[ApiSite]:
    """Give an installation whose service bears any number of requests."""
    site = ApiSite(valkey_url, prefix, tmp_path, rate=1e6, burst=1_000_000)
    try:
        yield site
    finally:
        site.close()


def test_what_is_asked_is_answered_as_documented(generous: ApiSite) -> None:
    """No answer to generated requests, sound and not, with each role, is a fault or not documented."""
    assert ask(generous, 200) >= 150


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_what_is_asked_is_answered_as_documented_in_full(generous: ApiSite) -> None:
    """The same, ten thousand times."""
    assert ask(generous, 11_000) >= 10_000
