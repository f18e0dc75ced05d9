"""Backup hosts for the copier's tests."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.copier.vault import Vault, made
from tests.store.world import redis_world

MakeVault: TypeAlias = Callable[..., Vault]


@pytest.fixture
def make_vault(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[MakeVault]:
    """Return what makes the test's backup host, by some settings."""
    if shutil.which("borg") is None:
        pytest.fail("borg is not installed: apt-get install borgbackup", pytrace=False)
    with ExitStack() as stack:
        world = stack.enter_context(redis_world(valkey_url, prefix))

        def make(**host: Any) -> Vault:
            vault = made(tmp_path, world, valkey_url, **host)
            stack.callback(vault.house.close)
            return vault

        yield make


@pytest.fixture
def vault(make_vault: MakeVault) -> Vault:
    """Make a backup host by the settings' defaults."""
    return make_vault()
