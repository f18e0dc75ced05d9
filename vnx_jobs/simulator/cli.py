"""`vnx-sim`: make an array, look at it, trouble it, write to its LUNs."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

from . import cli_content, cli_faults, cli_view
from .cli_numbers import natural, seconds
from .errors import Refused
from .host import NoSuchLun
from .init import DEFAULT_NAME, DEFAULT_POOLS, CannotMake, Plan, default_enablers, make, suggested_serial
from .settings import MODELS
from .store import NotAState

BAD_REQUEST = 2


def main(argv: list[str] | None = None) -> int:
    """Run one `vnx-sim` command; return its exit status (2: what was asked cannot be done)."""
    parser = argparse.ArgumentParser(prog="vnx-sim", description="A simulated VNX in a folder.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_init(commands)
    for module in (cli_view, cli_faults, cli_content):
        module.add_commands(commands)
    args = parser.parse_args(argv)
    try:
        status: int = args.run(args)
    except (CannotMake, NotAState, NoSuchLun, Refused, ValueError, sqlite3.DatabaseError) as reason:
        return _cannot(str(reason))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as reason:
        return _cannot(f"{reason.filename or args.dir}: {reason.strerror}")
    return status


def _cannot(reason: str) -> int:
    sys.stderr.write(f"vnx-sim: {reason}\n")
    return BAD_REQUEST


def _add_init(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    init = commands.add_parser("init", help="make an array in a new or empty folder")
    init.add_argument("dir", type=Path, metavar="DIR")
    init.add_argument("--model", choices=sorted(MODELS), default="vnx7600", type=str.lower)
    init.add_argument("--serial", help="serial number (default: made up)")
    init.add_argument("--name", default=DEFAULT_NAME, help="array name")
    init.add_argument("--pool", action="append", metavar="NAME:SIZE_GB[:mixed]", help="a pool; give it once for each")
    init.add_argument("--enablers", nargs="*", metavar="NAME", help="installed enablers, e.g. VNXSnapshots FAST")
    init.add_argument("--spa", default="10.0.0.1", metavar="ADDRESS", help="address of SP A")
    init.add_argument("--spb", default="10.0.0.2", metavar="ADDRESS", help="address of SP B")
    init.add_argument("--latency", default="0", type=_latency, metavar="MS|LOW-HIGH", help="least time of a command")
    init.add_argument("--sessions", type=natural, default=0, metavar="N", help="commands at one time (0: any number)")
    init.add_argument("--sessions-full", choices=("wait", "refuse"), default="wait", help="what becomes of the rest")
    init.add_argument("--migrations", type=natural, default=32, metavar="N", help="migration sessions at one time")
    init.set_defaults(run=_init)


def _init(args: argparse.Namespace) -> int:
    model = MODELS[args.model]
    chosen = None if args.enablers is None else tuple(f"-{name.lstrip('-')}" for name in args.enablers)
    plan = Plan(
        model=model,
        serial=args.serial or suggested_serial(),
        name=args.name,
        pools=tuple(map(_pool, args.pool)) if args.pool else DEFAULT_POOLS,
        enablers=default_enablers(model) if chosen is None else chosen,
        spa=args.spa,
        spb=args.spb,
        latency=args.latency,
        sessions=args.sessions,
        sessions_full=args.sessions_full,
        migrations=args.migrations,
    )
    make(args.dir, plan)
    sys.stdout.write(f"{model.name} {plan.serial} in {args.dir}; naviseccli: {args.dir.resolve()}/bin/naviseccli\n")
    return 0


def _pool(said: str) -> tuple[str, int, bool]:
    name, _, size = said.removesuffix(":mixed").rpartition(":")
    if not name or not size.isdecimal() or int(size) == 0:
        raise ValueError(f"--pool {said}: say NAME:SIZE_GB, for example gold:4096, or NAME:SIZE_GB:mixed")
    return name, int(size), said.endswith(":mixed")


def _latency(said: str) -> tuple[float, float]:
    low, _, high = said.partition("-")
    return seconds(low), seconds(high or low)
