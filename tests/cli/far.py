"""The program on two machines: one beside the state server, one that has the service's address and a token alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.api.served import served
from tests.api.site import OTHER, ApiSite, volume
from tests.backup_host import HOST, REPOSITORY
from tests.cli.terminal import Answer, run_here
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.model.array import THIN
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.digest import digest_of
from vnx_jobs.model.names import new_job_id
from vnx_jobs.ports import Lists
from vnx_jobs.schedules.checking import read

HIDDEN = "secret"
"""Every name on the other array begins so."""


class Machines:
    """An installation with two arrays, its service, and the program beside it and elsewhere."""

    def __init__(self, site: ApiSite, url: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.site, self.url, self.folder, self.capsys = site, url, folder, capsys
        (folder / "elsewhere").mkdir()
        login = f"user: admin, password_file: {folder / 'password'}"
        about = f"{{spa: 10.0.0.1, {login}, numbers: 500-899, speed: 1000}}"
        arrays = "".join(f"  {name}: {about}\n" for name in ("box", OTHER))
        assert site.settings.redis_url is not None
        server = site.settings.redis_url.get_secret_value()
        (folder / "config.yaml").write_text(
            f"installation: t\nprefix: '{site.settings.prefix}'\nredis_url: {server}\n"
            f"repositories: {{{REPOSITORY}: {{tool: files, path: {folder}}}}}\n"
            f"backup_hosts: {{{HOST}: {{arrays: {{box: null}}, simulated: {{box: {folder}}}}}}}\narrays:\n{arrays}"
        )

    def far(self, *words: str, token: str = "admin", **environment: str) -> Answer:  # noqa: S107 -- a test's own
        """Run the program where there are no settings and no state server, with a token (see `ApiSite.secret`)."""
        file = self.folder / "elsewhere" / f"{token}.token"
        file.write_text(f"{self.site.secret(token)}\n")
        given = {"VNX_JOBS_URL": self.url, "VNX_JOBS_TOKEN_FILE": str(file), **environment}
        with _environment(VNX_JOBS_HOME=str(self.folder / "elsewhere"), **given):
            return run_here(words, self.capsys)

    def near(self, *words: str) -> Answer:
        """Run the program beside the state server."""
        with _environment(VNX_JOBS_HOME=str(self.folder), VNX_JOBS_CONFIG=str(self.folder / "config.yaml")):
            return run_here(words, self.capsys)


@contextmanager
def _environment(**given: str) -> Iterator[None]:
    """Let the program find these settings, and no others of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("VNX_JOBS_")]:
            patch.delenv(name)
        for name, value in given.items():
            patch.setenv(name, value)
        yield


@contextmanager
def machines(url: str, prefix: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Machines]:
    """Give an installation with something of every kind on each of its arrays, served over a socket."""
    site = ApiSite(url, prefix, folder)
    try:
        _fill(site)
        with served(site) as address:
            yield Machines(site, address, folder, capsys)
    finally:
        site.close()


def _fill(site: ApiSite) -> None:
    world = site.world
    world.make("gold")
    copy = world.submit("snap-copy", name="gold-1", source="gold")
    world.run(copy.job)
    MemoryArray(world.vnx).create_lun(7, f"{HIDDEN}-lun", 2, "pool", THIN)
    ticket, begun = site.house.inventory.ticket()
    lists = Lists(begun, ticket, luns=MemoryArray(world.vnx).luns())
    site.house.inventory.store(OTHER, lists, world.box.number_range)
    for where, name in (("box", "web"), (OTHER, f"{HIDDEN}-web")):
        with site.client() as client:
            rows: dict[str, Any] = {"batch": f"{name}-batch", "jobs": [volume(f"{name}-{n}", where) for n in (1, 2)]}
            assert client.post("/v1/batches", json=rows).status_code == 202
        label = Label(where, f"{name}-db", "60:06", "", new_job_id(), 1_700_000_000_000, 1 << 30, digest_of([]))
        site.house.catalogue.enter(Backup.of(label, added=1, seconds=1, tool="borg 1.2.4", repository=REPOSITORY))
        schedule = {"name": f"{name}-nightly", "cron": "30 1 * * *", "zone": "Europe/Berlin", "exclude": "2030-12-24"}
        site.house.scheduler.put(read({**schedule, "jobs": [volume(f"{name}-{{due}}", where)]}), replace=False)
