"""`storagegroup -list -host -iscsiAttributes`."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.records import Initiator, StorageGroup
from vnx_jobs.simulator.rules import storage_groups

from . import layout


def block(array: Array, group: StorageGroup) -> str:
    """Write one group; one without hosts or LUNs has no such sections (recorded)."""
    head = layout.aligned([("Storage Group Name", group.name), ("Storage Group UID", group.uid)], 23)
    paths = storage_groups.initiators(array, group)
    pairs = storage_groups.pairs(array, group)
    special = "Special:               YES\nDefault:               YES\n" if group.special else ""
    return f"\n{head}{_paths(paths)}{_pairs(pairs)}Shareable:             {'NO' if special else 'YES'}\n{special}"


def _paths(paths: list[Initiator]) -> str:
    if not paths:
        return ""
    title = (
        "HBA/SP Pairs:\n\n"
        "  HBA UID                                          SP Name     SPPort\n"
        "  -------                                          -------     ------\n"
    )
    return title + "\n".join(map(_path, paths)) + "\n"


def _path(path: Initiator) -> str:
    target = 0 if path.ip is None else path.port - 3 + (2 if path.sp == "B" else 0)
    rows: list[tuple[str, object]] = [
        ("Host name", path.host),
        ("SPPort", f"{path.sp}-{path.port}v{path.vport}"),
        ("Initiator IP", path.ip or "N/A"),
        ("TPGT", max(target, 0)),
        ("ISID", f"{path.port - 1:X}3D0200" if path.ip else "N/A"),
    ]
    return f"  {path.uid:<47}   SP {path.sp}         {path.port}\n{layout.aligned(rows, 23)}"


def _pairs(pairs: list[tuple[int, int]]) -> str:
    if not pairs:
        return ""
    rows = "".join(f"    {hlu:<16}{alu}\n" for hlu, alu in pairs)
    return f"\nHLU/ALU Pairs:\n\n  HLU Number     ALU Number\n  ----------     ----------\n{rows}"
