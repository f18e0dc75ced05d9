"""`vnx-sim write`, `read`, `digest` and `device`: the bytes of LUNs."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import time
from pathlib import Path

from . import devices
from .array import Array
from .cli_numbers import natural
from .host import BLOCK_BYTES, HostLun
from .locks import Locks
from .rules import device_files
from .store import Turn, connect

PIECE = 8 << 20


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    write = commands.add_parser("write", help="write bytes to a LUN, as a host would")
    _lun(write)
    write.add_argument("--offset", type=natural, default=0, metavar="BYTES")
    source = write.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", metavar="TEXT")
    source.add_argument("--random", type=natural, metavar="BYTES", help="so many random bytes")
    source.add_argument("--file", type=Path, metavar="PATH")
    write.add_argument("--seed", type=int, default=0, metavar="N", help="which random bytes (default 0)")
    write.set_defaults(run=_write)
    read = commands.add_parser("read", help="read bytes from a LUN")
    _lun(read)
    read.add_argument("--offset", type=natural, default=0, metavar="BYTES")
    read.add_argument("--length", type=natural, metavar="BYTES", help="default: up to the end")
    read.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    read.set_defaults(run=_read)
    digest = commands.add_parser("digest", help="print a digest of a LUN's bytes; equal bytes, equal digest")
    _lun(digest)
    digest.set_defaults(run=_digest)
    device = commands.add_parser("device", help="give the path of what a host sees under a host LUN number")
    device.add_argument("dir", type=Path, metavar="DIR")
    device.add_argument("host", metavar="HOST")
    device.add_argument("hlu", type=natural, metavar="HLU")
    device.add_argument("--json", action="store_true", help="path, wwn, number, name and size in bytes, as JSON")
    device.add_argument("--wwn", action="store_true", help="the wwn alone")
    device.set_defaults(run=_device)


def _lun(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dir", type=Path, metavar="DIR")
    parser.add_argument("lun", metavar="LUN", help="name or number")


def _write(args: argparse.Namespace) -> int:
    with HostLun(args.dir, args.lun) as lun:
        if args.file is None:
            data = args.data.encode() if args.data is not None else random.Random(args.seed).randbytes(args.random)  # noqa: S311 - test bytes are no secret
            lun.write(args.offset, data)
            return 0
        with args.file.open("rb") as file:
            offset = args.offset
            while piece := file.read(PIECE):
                lun.write(offset, piece)
                offset += len(piece)
    return 0


def _read(args: argparse.Namespace) -> int:
    with HostLun(args.dir, args.lun) as lun:
        offset = args.offset
        end = lun.size if args.length is None else min(lun.size, offset + args.length)
        out = sys.stdout.buffer if args.out is None else args.out.open("wb")
        while offset < end:
            piece = lun.read(offset, min(PIECE, end - offset))
            out.write(piece)
            offset += len(piece)
        out.flush()
        if args.out is not None:
            out.close()
    return 0


def _digest(args: argparse.Namespace) -> int:
    with HostLun(args.dir, args.lun) as lun:
        sys.stdout.write(f"{lun.digest()}\n")
    return 0


def _device(args: argparse.Namespace) -> int:
    folder = str(args.dir.resolve())
    with Locks(folder) as locks, contextlib.closing(connect(folder)) as db, Turn(folder, db):
        array = Array(folder, db, locks, now=time.time(), speed=1.0, sp="A")
        lun = device_files.open_for(array, args.host, args.hlu)
    if lun is None or lun.top is None:
        raise ValueError(f"host {args.host} sees nothing under number {args.hlu}")
    seen = {
        "path": devices.path(folder, lun.id),
        "wwn": lun.uid.replace(":", "").lower(),
        "number": lun.number,
        "name": lun.name,
        "size": lun.blocks * BLOCK_BYTES,
    }
    if args.json:
        sys.stdout.write(f"{json.dumps(seen)}\n")
    else:
        sys.stdout.write(f"{seen['wwn']}\n" if args.wwn else f"{seen['path']}\n{seen['wwn']}\n")
    return 0
