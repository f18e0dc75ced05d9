"""docs/client.md is true: its examples are run, in their order, and it names every method and every error."""

import contextlib
import inspect
import json
import re
from pathlib import Path
from typing import Any

from tests.api.served import served
from tests.api.site import ApiSite
from tests.client.ground import working
from vnx_jobs import Client, client

PAGE = (Path(__file__).parents[2] / "docs" / "client.md").read_text()


def test_every_example_of_the_page_works(valkey_url: str, prefix: str, tmp_path: Path) -> None:
    """The page's examples, run in their order as one program, do what the page says, and leave its volumes."""
    examples = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(examples) == 12
    site = ApiSite(valkey_url, prefix, tmp_path)
    array = {"spa": "10.0.0.1", "user": "a", "password_file": str(tmp_path / "password"), "numbers": "500-899"}
    config = {"installation": "t", "prefix": prefix, "redis_url": valkey_url, "arrays": {"box": array}}
    (tmp_path / "config.yaml").write_text(json.dumps(config))
    try:
        with served(site) as url, working(site.world), contextlib.redirect_stdout(None):
            told: dict[str, Any] = {"ADDRESS": url, "TOKEN": site.secret("operator"), "HOME": tmp_path}
            exec("".join(examples), told)  # noqa: S102 -- the page's own program
        shown = site.world.array_shows()
    finally:
        site.close()
    names = {"web-01", "web-02", *(f"db-{number:03}" for number in range(20)), "live-web-03"}
    assert names <= shown.keys()
    assert not any(name.startswith(("web-03", "test-")) for name in shown)


def test_every_method_and_error_of_the_page() -> None:
    """The page names each public method of the client, and each error, and no other error."""
    methods = {name for name, _ in inspect.getmembers(Client, callable) if not name.startswith("_")}
    assert {name for name in methods if not re.search(rf"\b{name}\b", PAGE)} == set()
    others = {"Ask", "Client", "Policy"}
    errors = {name for name in client.__all__ if isinstance(getattr(client, name), type) and name not in others}
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == errors
