"""Reads bytes back for the evidence: of volumes from the array, of backups from the repository, with nobody's help."""

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from vnx_jobs.model.digest import PIECE, Digest
from vnx_jobs.model.record import Record
from vnx_jobs.stack.simulated import simulator_program

from .evidence import Image

_ZEROS: Final = bytes(PIECE)
_READ: Final = 8 * PIECE
_IMAGE: Final = ".img"
_SEAL: Final = ".json"
_LOCK: Final = "lock"


def content(box: Path, volume: str) -> str:
    """Return the digest, as backups have it, of a volume's bytes on the array. Raises OSError."""
    words = [simulator_program(), "read", str(box), volume]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=_READ) as process:
        digest = "" if process.stdout is None else _digest(iter(partial(process.stdout.read, PIECE), b""))
    if process.returncode:
        raise OSError(f"{volume} cannot be read: status {process.returncode}")
    return digest


def images(repository: Path) -> dict[str, Image]:
    """Return all that lies in the repositories of all volumes, whether it is complete or not. Raises OSError."""
    files = [file for file in repository.glob("*/*/*") if file.name != _LOCK]
    return {name: _image(name, files) for name in sorted({_archive(file) for file in files})}


def _archive(file: Path) -> str:
    return file.name.removesuffix(".part").removesuffix(_IMAGE).removesuffix(_SEAL)


def _image(name: str, files: list[Path]) -> Image:
    found = {file.name: file for file in files}
    image = found.get(f"{name}{_IMAGE}")
    if image is None:
        return Image(0, "", sealed=False)
    with image.open("rb") as opened:
        descriptor = opened.fileno()
        return Image(image.stat().st_size, _digest(_pieces(descriptor)), sealed=f"{name}{_SEAL}" in found)


def _pieces(descriptor: int) -> Iterator[bytes]:
    """Give a file's pieces in order; those in its holes are not read."""
    size, place, data = os.fstat(descriptor).st_size, 0, 0
    while place < size:
        length = min(PIECE, size - place)
        if data < place + length:
            data = max(place, _next_data(descriptor, place, size))
        yield _ZEROS[:length] if data >= place + length else os.pread(descriptor, length, place)
        place += length


def _next_data(descriptor: int, place: int, size: int) -> int:
    try:
        return os.lseek(descriptor, place, os.SEEK_DATA)
    except OSError:
        return size  # there is none any more


def _digest(pieces: Iterator[bytes]) -> str:
    digest = Digest()
    for piece in pieces:
        if piece == _ZEROS:
            digest.zeros()
        else:
            digest.piece(piece)
    return str(digest)


def volumes_of(record: Record) -> tuple[str, ...]:
    """Return the volumes that a backup is of, as far as it was planned."""
    return tuple(
        str(record.facts[name])
        for at in range(int(record.facts.get("volumes", 0)))
        if (name := f"volume-{at}") in record.facts
    )
