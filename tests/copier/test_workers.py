"""A backup host's worker, as `up` and systemd start it: its queue, its places, and how it stops."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.copier.conftest import MakeVault
from tests.copier.vault import HOST, MIB, Vault, until
from vnx_jobs.adapters.celery.bell import copiers_queue
from vnx_jobs.model.transfer import Asked, Moved
from workers.ringing_step import ring_waiting
from workers.stopping import GRACE

pytestmark = pytest.mark.real


@contextmanager
def worker(vault: Vault) -> Iterator[subprocess.Popen[bytes]]:
    """Run the backup host's worker; it and all that it started are killed in the end."""
    log = vault.folder / "worker.log"
    with log.open("ab") as output:
        begins = output.tell()
        words = [sys.executable, "-m", "workers.backup_host", HOST]
        environment = {**vault.environment, "C_FORCE_ROOT": "1"}
        process = subprocess.Popen(
            words, env=environment, cwd=vault.folder, stdout=output, stderr=output, start_new_session=True
        )
    try:
        until(lambda: '"copiers_ready"' in log.read_text()[begins:] or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def test_asked_to_stop_in_the_middle(make_vault: MakeVault) -> None:
    """What is rung for is copied; SIGTERM gives it back in time, uncounted; the next worker takes it without a ring."""
    vault = make_vault(rate=MIB, copies=2)
    transfer = vault.out()
    with worker(vault) as first:
        vault.transfers.ask(transfer)
        running = vault.running(transfer)
        first.terminate()
        assert first.wait(GRACE) == 0
    standing = vault.standing(transfer)
    assert standing is not None
    assert (standing.phase, standing.deaths) == (Asked(), 0)
    assert vault.is_gone(running)
    vault.world.client.delete(f"{vault.world.prefix}mq:{copiers_queue(HOST)}")
    faster = vault.folder / "config.yaml"
    faster.write_text(faster.read_text().replace(f'"rate": {MIB}', '"rate": null'))
    with worker(vault):
        until(lambda: isinstance(vault.phase(transfer), Moved))
    vault.sealed(transfer)
    assert vault.archives(transfer) == [transfer.label.archive]


def test_rings_do_not_pile_up(make_vault: MakeVault) -> None:
    """However many wait, and however often somebody looks, so many are rung for as there are free places."""
    vault = make_vault(copies=2)
    asked = [vault.out(uid=f"60:{count}") for count in range(10, 19)]
    for one in asked:
        vault.transfers.ask(one)
    queue = f"{vault.world.prefix}mq:{copiers_queue(HOST)}"
    assert vault.world.client.llen(queue) == 9
    assert ring_waiting(vault.house, HOST) == 2
    for one, free in zip(asked, (1, 0), strict=False):
        assert vault.transfers.take(one.id, "a", on_host=2, on_array=4, lease=15.0) is not None
        assert ring_waiting(vault.house, HOST) == free
    assert vault.world.client.llen(queue) == 12


def test_an_unknown_backup_host(make_vault: MakeVault) -> None:
    """A host that the settings do not name is refused in one line, before any worker starts."""
    vault = make_vault()
    done = subprocess.run(
        [sys.executable, "-m", "workers.backup_host", "nowhere"],
        env=vault.environment,
        cwd=vault.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "error: there is no backup host 'nowhere' (backup hosts: vault)\n")
