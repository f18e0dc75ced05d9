"""What an array is: its model's figures and how it was set up. Written by `vnx-sim init`, read by every command."""

from __future__ import annotations

from .record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

ENABLERS = (
    "-Compression",
    "-Deduplication",
    "-FAST",
    "-FASTCache",
    "-RecoverPointSplitter",
    "-SnapView",
    "-ThinProvisioning",
    "-Unisphere",
    "-VNXSnapshots",
)


MIRRORS = ("-MirrorView/A", "-MirrorView/S", "-SANCopy")
"""Packages that a client may look for; installed on demand only, since their commands are not simulated."""


@record
class Model:
    """The figures of a model. Recorded where a listing shows them; `top_number` from recorded mount points."""

    name: str
    agent: str
    revision: str
    prom: str
    memory_mb: int
    cabinet: str
    max_pools: int
    max_disks: int
    max_disks_at_once: int
    max_luns: int
    max_lun_gb: int
    top_number: int
    deduplication: bool


VNX5300 = Model(
    "VNX5300",
    "7.32.26 (0.50)",
    "05.32.000.5.215",
    "7.05.00",
    8192,
    "DPE7",
    20,
    121,
    40,
    512,
    16384,
    4062,
    deduplication=False,
)
VNX5800 = Model(
    "VNX5800",
    "7.33.8 (2.97)",
    "05.33.008.3.297",
    "33.40.00",
    32768,
    "DPE9",
    40,
    746,
    120,
    2100,
    262144,
    63950,
    deduplication=True,
)
VNX7600 = Model(
    "VNX7600",
    "7.33.8 (2.97)",
    "05.33.008.3.297",
    "33.40.00",
    65536,
    "DPE9",
    40,
    996,
    120,
    2100,
    262144,
    63950,
    deduplication=True,
)
MODELS = {model.name.lower(): model for model in (VNX5300, VNX5800, VNX7600)}


class Settings:
    """The settings of one array, by name. Texts in the state; asked for as what they mean."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    @classmethod
    def read(cls, db: sqlite3.Connection) -> Settings:
        """Read them all at once."""
        return cls(dict(db.execute("SELECT name, value FROM setting")))

    def text(self, name: str) -> str:
        """Return a setting as it is written."""
        return self._values[name]

    def number(self, name: str) -> float:
        """Return a setting as a number."""
        return float(self._values[name])

    @property
    def model(self) -> Model:
        """The array's model."""
        return MODELS[self.text("model").lower()]

    @property
    def enablers(self) -> frozenset[str]:
        """The installed enablers, by their package names."""
        return frozenset(name for name in self.text("enablers").split(",") if name)

    def sp_at(self, address: str | None) -> str:
        """Return which SP answers at an address. Every address but SP B's is SP A's."""
        return "B" if address == self.text("spb") else "A"


def put(db: sqlite3.Connection, name: str, value: str) -> None:
    """Change a setting, or enter it."""
    db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, value))
