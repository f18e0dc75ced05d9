"""What the array says of itself: agent, SPs, control, domain, network, software, name."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.grammar import Args, Command, choice, flag, text
from vnx_jobs.simulator.listings import layout
from vnx_jobs.simulator.listings import system as listing
from vnx_jobs.simulator.settings import put


def _agent(array: Array, args: Args) -> str:
    del args
    return "\n" + layout.aligned(listing.agent(array), 21)


def _sps(array: Array, args: Args) -> str:
    del args
    return layout.blocks(
        f"SP {sp}\n\nCabinet:             {array.settings.model.cabinet}\n{layout.aligned(listing.sp(array, sp), 31)}"
        for sp in "AB"
    )


def _control(array: Array, args: Args) -> str:
    del args
    return listing.control(array)


def _array_name(array: Array, args: Args) -> str:
    if args.plain:
        put(array.db, "name", args.plain[0])
        return ""
    return f"Array Name:  {array.settings.text('name')}\n"


def _domain(array: Array, args: Args) -> str:
    del args
    return layout.aligned(listing.domain(array), 22)


def _network(array: Array, args: Args) -> str:
    return listing.network(array, (args.text("-sp") or array.sp).upper())


def _statistics(array: Array, args: Args) -> str:
    for option, value in (("-on", "1"), ("-off", "0")):
        if args.has(option):
            put(array.db, "statistics", value)
            return ""
    logging = "ENABLED" if array.settings.text("statistics") == "1" else "DISABLED"
    return f"Statistics logging is {logging}\n\n"


def _packages(array: Array, args: Args) -> str:
    installed = [package for package in listing.packages(array) if args.text("-name") in (None, package)]
    if not installed:
        raise Refused(errors.PACKAGE_MISSING)
    return layout.blocks(layout.aligned(listing.package(name), 37) for name in installed)


COMMANDS = (
    Command(("getagent",), _agent, reads=True),
    Command(("getsp",), _sps, reads=True),
    Command(("getcontrol",), _control, reads=True),
    Command(("arrayname",), _array_name, plain=1),
    Command(("domain", "-list"), _domain, reads=True),
    Command(("networkadmin", "-get"), _network, (choice("-sp", "a", "b"), flag("-all")), reads=True),
    Command(("setstats",), _statistics, (flag("-on"), flag("-off"))),
    Command(("ndu", "-list"), _packages, (text("-name"),), reads=True),
)
