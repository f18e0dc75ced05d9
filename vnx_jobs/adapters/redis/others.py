"""What others changed, as the script noted it when lists were taken in."""

from collections.abc import Iterable, Mapping
from typing import Final

from vnx_jobs.model.array import Group, HostLun, Lun, Snapshot
from vnx_jobs.model.others import COUNTS, Altered, AlteredKind, Compared, at_place

from . import codec
from .server import Server

_TYPES: Final[Mapping[str, type[Compared]]] = {"luns": Lun, "snaps": Snapshot, "groups": Group}
_KINDS: Final[Mapping[str, AlteredKind]] = {
    "luns": "luns",
    "snaps": "snapshots",
    "groups": "groups",
    "hlus": "mappings",
}
"""How the script calls what is compared."""
_PLACES: Final[Mapping[AlteredKind, str]] = {kind: place for place, kind in _KINDS.items()}


def _fields(kind: type[Compared]) -> tuple[int, ...]:
    """Return the places in a document, from 1, of the fields in which a difference is a change."""
    return tuple(kind.__slots__.index(name) + 1 for name in COUNTS[kind])


COMPARED: Final[Mapping[str, tuple[int, ...]]] = {
    **{kind: _fields(type_) for kind, type_ in _TYPES.items()},
    "sgs": (),
}
"""The kinds of lists that are compared, and by which fields; storage groups by what they show."""


class RedisOthers:
    """Implements OthersInventory."""

    _server: Server

    def altered(self, array: str) -> tuple[Altered, ...]:
        """Return what was noted."""
        stored = sorted(self._server.hash(f"others:{array}").items())
        return tuple(_altered(field, noted) for field, noted in stored if ":" in field)

    def settle(self, array: str, changes: Iterable[Altered], until: int) -> None:
        """Forget notes."""
        fields = [f"{_PLACES[one.kind]}:{one.name}" for one in changes]
        if fields:
            self._server.call("settle", array, fields, until)

    def unmark(self, array: str, uid: str) -> None:
        """Forget an access mark."""
        self._server.call("unmark", array, uid)


def _altered(field: str, noted: str) -> Altered:
    place, _, name = field.partition(":")
    seen, _, document = noted.partition("|")
    return Altered(_KINDS[place], name, _before(place, name, noted, document), int(seen))


def _before(place: str, name: str, noted: str, document: str) -> Compared | HostLun | None:
    if place == "hlus":
        return at_place(name, int(document) if document else None)
    return _TYPES[place](*codec.read(noted)) if document else None
