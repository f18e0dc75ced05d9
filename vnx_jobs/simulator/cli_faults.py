"""`vnx-sim fault` and `vnx-sim admin`: trouble, and another admin."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from . import fault_arguments, faults, naviseccli
from .cli_numbers import natural, positive, seconds
from .store import Turn, connect


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    fault = commands.add_parser("fault", help="put a fault in force, or clear it")
    fault.add_argument("dir", type=Path, nargs="?", metavar="DIR")
    fault.add_argument("fault", nargs="?", metavar="NAME[:ARGS]")
    fault.add_argument("--list", action="store_true", help="say what each fault does, and which are in force")
    fault.add_argument("--clear", nargs="?", const="", metavar="NAME", help="end the faults of a name, or all")
    fault.add_argument("--match", default="", metavar="TEXT", help="only commands whose words contain this")
    fault.add_argument("--skip", type=natural, default=0, metavar="K", help="let the first K such commands pass")
    length = fault.add_mutually_exclusive_group()
    length.add_argument("--times", type=positive, metavar="N", help="befall N commands (default: lasting)")
    length.add_argument("--for", dest="seconds", type=seconds, metavar="SECONDS", help="last so long")
    fault.set_defaults(run=_fault)
    admin = commands.add_parser("admin", help="run a command as another admin of the array")
    admin.add_argument("dir", type=Path, metavar="DIR")
    admin.add_argument("words", nargs=argparse.REMAINDER, metavar="-- WORDS")
    admin.set_defaults(run=_admin)


def _fault(args: argparse.Namespace) -> int:
    if args.list:
        return _list(args.dir)
    if args.dir is None or (args.fault is None and args.clear is None):
        raise ValueError("say which folder and which fault; `vnx-sim fault --list` names them")
    if args.fault:
        fault_arguments.check(args.fault)
    if args.clear and args.clear.partition(":")[0] not in faults.CATALOGUE:
        raise ValueError(f"no fault is called {args.clear}; `vnx-sim fault --list` names them")
    with Turn(str(args.dir), connect(str(args.dir))) as db:
        if args.clear is not None:
            faults.clear(db, args.clear or args.fault)
        else:
            faults.add(db, faults.Wish(args.fault, args.match, args.skip, args.times, args.seconds))
    return 0


def _list(folder: Path | None) -> int:
    for _, sentence in faults.CATALOGUE.values():
        sys.stdout.write(f"{sentence}\n")
    if folder is not None:
        db = connect(str(folder))
        for name, args, match, skip, times in db.execute("SELECT name, args, match, skip, times FROM fault"):
            sys.stdout.write(f"in force: {name}{':' if args else ''}{args} match={match!r} skip={skip} times={times}\n")
        db.close()
    return 0


def _admin(args: argparse.Namespace) -> int:
    words = args.words[1:] if args.words[:1] == ["--"] else args.words
    told = {**os.environ, "VNX_SIM_STATE": str(args.dir), "VNX_SIM_CALLER": "admin"}
    login = ("-h", "10.0.0.1", "-user", "sysadmin", "-password", "sysadmin", "-scope", "0")
    return naviseccli.main([*login, *words], told)
