"""`vnx-sim show` and `vnx-sim log`: look at the array without its noticing."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from . import audit, drawing, view
from .store import connect

FOLLOW_SECONDS = 0.2


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    show = commands.add_parser("show", help="draw the array: pools, LUNs, mount points, snapshots")
    show.add_argument("dir", type=Path, metavar="DIR")
    show.add_argument("--json", action="store_true", help="as JSON")
    show.set_defaults(run=_show)
    log = commands.add_parser("log", help="show every command that reached the array")
    log.add_argument("dir", type=Path, metavar="DIR")
    log.add_argument("--json", action="store_true", help="one JSON object a line")
    log.add_argument("--follow", action="store_true", help="go on showing what comes")
    log.set_defaults(run=_log)


def _show(args: argparse.Namespace) -> int:
    seen = view.of(str(args.dir))
    sys.stdout.write(f"{json.dumps(seen, indent=1)}\n" if args.json else drawing.draw(seen))
    return 0


def _log(args: argparse.Namespace) -> int:
    db = connect(str(args.dir))
    last = 0
    while True:
        for number, entry in audit.entries(db, last):
            last = number
            sys.stdout.write(f"{json.dumps(entry)}\n" if args.json else _line(entry))
        sys.stdout.flush()
        if not args.follow:
            db.close()
            return 0
        time.sleep(FOLLOW_SECONDS)


def _line(entry: dict[str, object]) -> str:
    moment = time.strftime("%H:%M:%S", time.localtime(float(str(entry["time"]))))
    words = " ".join(map(str, entry["argv"])) if isinstance(entry["argv"], list) else ""
    status = "..." if entry["status"] is None else entry["status"]
    about = f"{moment} {float(str(entry['seconds'])):7.3f}s SP {entry['sp'] or '-'} {entry['caller']:<8} {status!s:>3}"
    mark = "*" if entry["effect"] == "changed" else " "
    tail = f"  <- {entry['answer']}" if entry["status"] not in (0, None) else ""
    fault = f"  [{entry['fault']}]" if entry["fault"] else ""
    return f"{about} {mark} {'-np ' if entry['np'] else ''}{words}{tail}{fault}\n"
