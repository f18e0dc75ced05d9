"""`snap -group`: consistency groups."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.grammar import Args, Command, choice, flag, numbers, text
from vnx_jobs.simulator.listings import layout
from vnx_jobs.simulator.listings import snap as listing
from vnx_jobs.simulator.rules import groups


def _create(array: Array, args: Args) -> str:
    auto_delete = args.yes("-allowSnapAutoDelete") is not False
    groups.create(array, args.word("-name"), args.text("-descr") or "", args.numbers("-res"), auto_delete=auto_delete)
    return ""


def _add(array: Array, args: Args) -> str:
    groups.add(array, groups.named(array, args.word("-id")), args.numbers("-res"))
    return ""


def _remove(array: Array, args: Args) -> str:
    groups.remove(array, groups.named(array, args.word("-id")), args.numbers("-res"))
    return ""


def _replace(array: Array, args: Args) -> str:
    groups.replace(array, groups.named(array, args.word("-id")), args.numbers("-res"))
    return ""


def _destroy(array: Array, args: Args) -> str:
    groups.destroy(array, groups.named(array, args.word("-id")))
    return ""


def _list(array: Array, args: Args) -> str:
    chosen = [groups.named(array, args.word("-id"))] if args.has("-id") else groups.every(array)
    return layout.blocks(listing.group(array, group) for group in chosen)


MEMBERS = (text("-id"), numbers("-res"))

COMMANDS = (
    Command(
        ("snap", "-group", "-create"),
        _create,
        (
            text("-name"),
            text("-descr", may_be_empty=True),
            choice("-allowSnapAutoDelete", "yes", "no"),
            numbers("-res"),
        ),
        required=("-name",),
    ),
    Command(("snap", "-group", "-addmember"), _add, MEMBERS, required=("-id", "-res")),
    Command(("snap", "-group", "-rmmember"), _remove, MEMBERS, required=("-id", "-res")),
    Command(("snap", "-group", "-replmember"), _replace, MEMBERS, required=("-id", "-res")),
    Command(("snap", "-group", "-destroy"), _destroy, (text("-id"),), required=("-id",)),
    Command(("snap", "-group", "-list"), _list, (text("-id"), flag("-detail")), reads=True),
)
