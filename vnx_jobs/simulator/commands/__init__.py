"""The commands, one module a noun: what words it takes and which rule and listing answer it."""

from __future__ import annotations

import sys

from vnx_jobs.simulator import grammar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from vnx_jobs.simulator.grammar import Command

MODULES = {
    "lun": "lun",
    "unbind": "lun",
    "compression": "compression",
    "snap": "snap",
    "migrate": "migrate",
    "storagepool": "storagepool",
    "getdisk": "storagepool",
    "storagegroup": "storagegroup",
    "port": "port",
    "connection": "port",
    "getagent": "system",
    "getsp": "system",
    "getcontrol": "system",
    "arrayname": "system",
    "domain": "system",
    "networkadmin": "system",
    "setstats": "system",
    "ndu": "system",
    "security": "security",
    "mirror": "absent",
    "nqm": "absent",
}


def _module(name: str) -> ModuleType:
    """Import a module by name; `importlib` itself would cost 1 ms."""
    __import__(name)
    return sys.modules[name]


def of(noun: str) -> tuple[Command, ...] | None:
    """Return the commands that begin with a noun, None when there are none. Loads that noun's module and no other."""
    name = MODULES.get(noun.lower())
    if name is None:
        return None
    every: tuple[Command, ...] = _module(f"{__name__}.{name}").COMMANDS
    return tuple(command for command in every if command.path[0] == noun.lower())


def usage(noun: str) -> str:
    """Return the usage of a noun's commands."""
    if noun.lower() in ("lun", "storagepool"):
        return str(_module("vnx_jobs.simulator.usage").LUN_AND_POOL)
    return grammar.usage(of(noun) or ())
