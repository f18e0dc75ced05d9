"""Field options: `lun -list -name vol -state -userCap` shows some lines of the block only.

The options are those of the recorded usage text and of EMC's Cinder driver; storops never sends them.
"""

from __future__ import annotations

from vnx_jobs.simulator.grammar import Args, Option, flag

LUN = {
    "-alOwner": ("Allocation Owner",),
    "-attachedSnapshot": ("Attached Snapshot",),
    "-consumedCap": ("Consumed Capacity",),
    "-default": ("Default Owner",),
    "-drivetype": ("Disk Type",),
    "-initialTier": ("Initial Tier",),
    "-isCompressed": ("Is Compressed",),
    "-isPoolLUN": ("Is Pool LUN",),
    "-isPrivate": ("Is Private",),
    "-isThinLUN": ("Is Thin LUN",),
    "-offset": ("Offset",),
    "-opDetails": ("Current Operation",),
    "-owner": ("Current Owner",),
    "-poolName": ("Pool Name",),
    "-primary": ("Primary LUN",),
    "-rtype": ("Raid Type",),
    "-state": ("Current State", "Is Faulted", "Is Transitioning"),
    "-status": ("Status",),
    "-tieringPolicy": ("Tiering Policy",),
    "-type": ("Is Thin LUN",),
    "-uid": ("UID",),
    "-userCap": ("User Capacity",),
}
POOL = {
    "-availableCap": ("Available Capacity",),
    "-consumedCap": ("Consumed Capacity",),
    "-currentOp": ("Current Operation",),
    "-description": ("Description",),
    "-diskType": ("Disk Type",),
    "-fastcache": ("FAST Cache",),
    "-luns": ("LUNs",),
    "-opState": ("Current Operation State",),
    "-opStatus": ("Current Operation Status",),
    "-prcntFull": ("Percent Full",),
    "-prcntFullThreshold": ("Percent Full Threshold",),
    "-prcntOp": ("Current Operation Percent Completed",),
    "-rawCap": ("Raw Capacity",),
    "-rtype": ("Raid Type",),
    "-state": ("State",),
    "-status": ("Status",),
    "-subscribedCap": ("Total Subscribed Capacity", "Percent Subscribed", "Oversubscribed by"),
    "-userCap": ("User Capacity",),
}


def options(fields: dict[str, tuple[str, ...]]) -> tuple[Option, ...]:
    """Declare the field options of a listing."""
    return tuple(flag(name) for name in fields)


def only(text: str, fields: dict[str, tuple[str, ...]], args: Args, head: tuple[str, ...]) -> str:
    """Leave out what was not asked for; nothing when no field was named, or `-all`.

    A label stands for itself and for its longer forms, such as `User Capacity (GBs)`. `head` is always shown.
    """
    asked = [label for option, labels in fields.items() if args.has(option) for label in labels]
    if not asked or args.has("-all"):
        return text
    shown = [line for line in text.splitlines() if line.startswith((*head, *asked))]
    return "".join(
        f"\n{line}\n" if place and line.startswith(head[0]) else f"{line}\n" for place, line in enumerate(shown)
    )
