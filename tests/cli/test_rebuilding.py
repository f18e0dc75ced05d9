"""`vnx-jobs backups rebuild`: what a user sees who has lost the catalogue."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backups.site import Site
from tests.cli.terminal import Answer
from vnx_jobs.adapters.redis.catalogue import RedisCatalogue
from vnx_jobs.adapters.redis.server import Server, connect
from vnx_jobs.cli.exits import Exit


@pytest.fixture
def site(
    here: Callable[..., Answer], valkey_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Site:
    """Make repositories of plain files that the settings know as `main`."""
    del here  # whose home folder it is
    monkeypatch.setenv("VNX_JOBS_REDIS_URL", valkey_url)
    (tmp_path / "home").mkdir()
    made = Site(tmp_path)
    repositories = f"repositories: {{main: {{tool: files, path: {made.path}}}}}"
    (tmp_path / "home" / "config.yaml").write_text(f"prefix: '{prefix}'\n{repositories}\n")
    return made


def test_a_lost_catalogue_is_rebuilt(here: Callable[..., Answer], site: Site) -> None:
    """What the repositories hold is entered and pinned; a second run finds all of it known."""
    made = site.store()
    assert here("backups", "list").output == "no backups\n"
    first = here("backups", "rebuild")
    assert first.status == Exit.WELL
    assert first.output.splitlines()[1].split() == [made.archive, "entered"]
    assert first.output.splitlines()[-1] == "1 entered, 0 known before"
    (listed,) = here("backups", "list", "--json").json
    assert (listed["archive"], listed["pinned"], listed["digest"]) == (made.archive, True, made.digest)
    again = here("backups", "rebuild", "--repository", "main", "--json")
    assert (again.status, again.json) == (Exit.WELL, {"entered": [], "known": 1, "lost": [], "unread": []})


def test_what_is_lost_is_forgotten_when_told(
    here: Callable[..., Answer], site: Site, valkey_url: str, prefix: str
) -> None:
    """An entry without an archive stays and is told with status 1, until somebody says that it is to go."""
    gone, kept = site.store(), site.store(instant=1_700_000_000_001)
    assert here("backups", "rebuild", "--unpinned").status == Exit.WELL
    site.repositories.of("box", gone.uid).remove([gone.archive])
    told = here("backups", "rebuild")
    assert told.status == Exit.FAILED
    assert f"{gone.archive}  lost: its archive is gone" in told.output
    assert [one["archive"] for one in here("backups", "list", "--json").json] == [kept.archive, gone.archive]
    assert here("backups", "rebuild", "--forget-lost").status == Exit.WELL
    client = connect(valkey_url)
    try:
        assert RedisCatalogue(Server(client, prefix)).find() == (kept,)
    finally:
        client.close()


def test_a_repository_that_is_not_there(here: Callable[..., Answer], site: Site) -> None:
    """An unknown name, and a place that is not mounted, are one line each, and nothing is taken out."""
    made = site.store()
    here("backups", "rebuild")
    assert here("backups", "rebuild", "--repository", "mane").complains(
        "there is no repository 'mane' (repositories: main)"
    )
    site.path.rename(site.path.with_name("elsewhere"))
    refused = here("backups", "rebuild", "--forget-lost")
    assert refused.status == Exit.REFUSED
    assert refused.complains(f"repository main: {site.path} is not there: is its file system mounted?")
    assert [one["archive"] for one in here("backups", "list", "--json").json] == [made.archive]
