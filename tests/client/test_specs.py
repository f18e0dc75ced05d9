"""Typed specs as they are sent: what arrives is what was asked for, of every operation."""

import json

import pytest

from vnx_jobs.client import Ask
from vnx_jobs.model.specs import OPERATIONS, parse

SAMPLES: list[dict[str, object]] = [
    {"operation": "create-volume", "name": "v", "size_gb": 5, "pool": "p", "provisioning": "thin", "sp": "A"},
    {"operation": "extend-volume", "name": "v", "size_gb": "6"},
    {"operation": "rename-volume", "name": "v", "new_name": "w"},
    {"operation": "set-readonly", "name": "v", "readonly": "true"},
    {"operation": "manage-volume", "name": "v", "number": 7},
    {"operation": "unmanage-volume", "name": "v"},
    {"operation": "delete-volume", "name": "v"},
    {"operation": "create-snapshot", "name": "s", "volume": "v", "keep_days": 3},
    {"operation": "delete-snapshot", "name": "s"},
    {"operation": "copy-snapshot", "name": "t", "snapshot": "s", "auto_delete": True},
    {"operation": "restore-snapshot", "name": "s", "volume": "v", "backup": "safe"},
    {"operation": "snap-copy", "name": "c", "source": "v", "on_limit": "wait"},
    {"operation": "clone", "name": "c", "snapshot": "s", "pool": "p", "rate": "low"},
    {"operation": "migrate-volume", "name": "v", "pool": "p", "rate": "asap", "allow_asap": True},
    {"operation": "retype-volume", "name": "v", "provisioning": "thin"},
    {"operation": "promote-volume", "name": "v", "host": "h"},
    {"operation": "attach-volume", "volumes": "a, b", "host": "h", "mode": "ro"},
    {"operation": "detach-volume", "volumes": ["a", "b"], "host": "h"},
    {"operation": "create-group", "name": "g", "members": ["a", "b"]},
    {"operation": "add-to-group", "name": "g", "members": "a"},
    {"operation": "remove-from-group", "name": "g", "members": "a"},
    {"operation": "delete-group", "name": "g"},
    {"operation": "create-group-snapshot", "name": "s", "group": "g"},
    {"operation": "delete-group-snapshot", "name": "s"},
    {"operation": "clean-up", "name": "s", "kind": "mapping", "storage_group": "g"},
    {"operation": "reconcile"},
    {"operation": "backup", "group": "g", "repository": "r", "host": "h"},
    {"operation": "restore-backup", "backup": "a", "host": "h", "name": "v", "pool": "p"},
    {"operation": "drill", "backup": "a", "host": "h", "pool": "p"},
    {"operation": "verify-backup", "backup": "a", "host": "h", "whole": False},
    {"operation": "prune-backups", "volume": "v", "host": "h", "daily": "7", "zone": "Europe/Berlin"},
]


@pytest.mark.parametrize("fields", SAMPLES, ids=lambda one: str(one["operation"]))
def test_a_spec_arrives_as_it_was_sent(fields: dict[str, object]) -> None:
    """The fields that are sent for a spec make the same spec again, and are no more than were given."""
    spec = parse({"array": "box", **fields})
    sent = json.loads(json.dumps(Ask(spec).body))
    assert parse(sent) == spec
    assert sent.keys() == {"array", *fields}


def test_the_samples_are_all_there() -> None:
    """Every operation has a sample."""
    assert {one["operation"] for one in SAMPLES} == OPERATIONS.keys()
