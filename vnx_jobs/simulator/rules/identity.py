"""Identities that the array gives out: a LUN's UID, a storage group's UID."""

from __future__ import annotations

import os

from vnx_jobs.simulator.array import Array


def lun_uid(array: Array) -> str:
    """Make a LUN's UID (its WWN): EMC's 60:06:01:60, four bytes of the array, eight of its own."""
    serial = array.settings.text("serial").encode()
    family = bytes(sum(serial[place::4]) % 256 for place in range(4))
    return colons(bytes.fromhex("60060160") + family + os.urandom(6) + bytes.fromhex("e611"))


def group_uid() -> str:
    """Make a storage group's UID."""
    return colons(os.urandom(6) + bytes.fromhex("e511") + os.urandom(8))


def colons(raw: bytes) -> str:
    """Write bytes as the array does."""
    return raw.hex(":").upper()
