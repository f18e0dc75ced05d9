"""The array drawn for people: pools with bars, LUNs with what hangs on them as a tree."""

from __future__ import annotations

from typing import Any

BAR = 30


def draw(seen: dict[str, Any]) -> str:
    """Draw what `view.of` saw."""
    array = seen["array"]
    lines = [f"{array['model']} {array['serial']}  SP A {array['spa']}  SP B {array['spb']}", ""]
    for pool in seen["pools"]:
        lines += [_pool(pool), *_luns(seen, pool["name"]), ""]
    lines += [_migration(session) for session in seen["migrations"]]
    lines += [_group(group) for group in seen["storage_groups"]]
    lines += [f"consistency group {group['name']}: {group['members']}" for group in seen["consistency_groups"]]
    return "\n".join(lines).rstrip() + "\n"


def _pool(pool: dict[str, Any]) -> str:
    share = pool["consumed_blocks"] / pool["user_blocks"]
    filled = round(share * BAR)
    used, whole = pool["consumed_blocks"] / 2**21, pool["user_blocks"] / 2**21
    return f"{pool['name']}  [{'#' * filled}{'.' * (BAR - filled)}] {share:.0%}  {used:.0f} of {whole:.0f} GB"


def _luns(seen: dict[str, Any], pool: str) -> list[str]:
    lines: list[str] = []
    for lun in seen["luns"]:
        if lun["pool"] == pool and lun["primary"] is None:
            lines.append(f"  {_about(lun)}")
            under = _under(seen, lun)
            lines += [f"  {'`-' if place == len(under) - 1 else '|-'} {text}" for place, text in enumerate(under)]
    return lines


def _about(lun: dict[str, Any]) -> str:
    kind = "thin" if lun["thin"] else "thick"
    busy = "" if lun["operation"] == "None" else f"  {lun['state']}, {lun['operation']}"
    return f"{lun['number']:>6} {lun['name']}  {lun['size_blocks'] / 2**21:g} GB {kind}{busy}"


def _under(seen: dict[str, Any], lun: dict[str, Any]) -> list[str]:
    snapshots = [snapshot for snapshot in seen["snapshots"] if snapshot["primary"] == lun["number"]]
    mounts = [mount for mount in seen["luns"] if mount["primary_number"] == lun["number"]]
    drawn = [f"snapshot {snapshot['name']}{_branch(snapshot)}" for snapshot in snapshots]
    return drawn + [
        f"mount point {mount['number']} {mount['name']} <- {mount['attached_snapshot'] or '-'}" for mount in mounts
    ]


def _branch(snapshot: dict[str, Any]) -> str:
    origin = "" if snapshot["source"] == snapshot["primary"] else f" of {snapshot['source']}"
    shown = "" if snapshot["attached_lun"] is None else f"  at {snapshot['attached_lun']}"
    return f"{origin}{shown}{'  modified' if snapshot['modified'] else ''}"


def _migration(session: dict[str, Any]) -> str:
    return (
        f"migration {session['source_name']} -> {session['dest_name']}  {session['rate']}  "
        f"{session['state']} {session['percent']} %"
    )


def _group(group: dict[str, Any]) -> str:
    pairs = ", ".join(f"{pair['hlu']}={pair['alu']}" for pair in group["luns"])
    return f"storage group {group['name']}: hosts {', '.join(group['hosts']) or '-'}; HLU=ALU {pairs or '-'}"
