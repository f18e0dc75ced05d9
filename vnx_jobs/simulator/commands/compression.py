"""`compression`."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.grammar import Args, Command, choice, flag, number, text
from vnx_jobs.simulator.rules import dedup, luns

LUN = (number("-l"), text("-name"))
OPTIONS = (
    *LUN,
    number("-destPoolId"),
    text("-destPoolName"),
    choice("-rate", "low", "medium", "high"),
    flag("-ignoreThresholds"),
)


def _on(array: Array, args: Args) -> str:
    dedup.compress(array, luns.named(array, args.number("-l"), args.text("-name")))
    return ""


def _off(array: Array, args: Args) -> str:
    dedup.decompress(array, luns.named(array, args.number("-l"), args.text("-name")))
    return ""


COMMANDS = (
    Command(("compression", "-on"), _on, OPTIONS, one_of=(("-l", "-name"),), confirm=True),
    Command(("compression", "-off"), _off, OPTIONS, one_of=(("-l", "-name"),), confirm=True),
)
