"""`getagent`, `getsp`, `getcontrol`, `domain`, `networkadmin` and `ndu`."""

from __future__ import annotations

import time

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.settings import ENABLERS, MIRRORS

Rows = list[tuple[str, object]]
SIGNATURES = {"A": 4022290, "B": 4022287}


def agent(array: Array) -> Rows:
    """Describe the SP that answers."""
    model, serial = array.settings.model, array.settings.text("serial")
    return [
        ("Agent Rev", model.agent),
        ("Name", "K10"),
        ("Desc", ""),
        ("Node", f"{array.sp}-{serial}"),
        ("Physical Node", "K10"),
        ("Signature", SIGNATURES[array.sp]),
        ("Peer Signature", SIGNATURES[_peer(array.sp)]),
        ("Revision", model.revision),
        ("SCSI Id", 0),
        ("Model", model.name),
        ("Model Type", "Rackmount"),
        ("Prom Rev", model.prom),
        ("SP Memory", model.memory_mb),
        ("Serial No", serial),
        ("SP Identifier", array.sp),
        ("Cabinet", model.cabinet),
    ]


def _peer(sp: str) -> str:
    return "B" if sp == "A" else "A"


def sp(array: Array, name: str) -> Rows:
    """Describe one SP."""
    model = array.settings.model
    return [
        ("Signature For The SP", f"{SIGNATURES[name]}"),
        ("Signature For The Peer SP", f"{SIGNATURES[_peer(name)]}"),
        ("Revision Number For The SP", f"{model.revision}"),
        ("Serial Number For The SP", f"FCNJT1522000{'18' if name == 'A' else '15'}"),
        ("Memory Size For The SP", f"{model.memory_mb}"),
        ("SP SCSI ID if Available", 0),
    ]


CONTROL = """\
System Fault LED:              OFF
Statistics Logging:            {logging}
SP Read Cache State            Enabled
SP Write Cache State           Enabled
Max Requests:                  N/A
Average Requests:              N/A
Hard errors:                   N/A
Total Reads:                   {reads}
Total Writes:                  {writes}
Prct Busy:                     1.91
Prct Idle:                     98.0
System Date:                   {date}
Day of the week:               {day}
System Time:                   {time}
Read_requests:                 {reads}
Write_requests:                {writes}
Blocks_read:                   0
Blocks_written:                0
Sum_queue_lengths_by_arrivals: 0
Arrivals_to_non_zero_queue:    0
Hw_flush_on:                   N/A
Idle_flush_on:                 N/A
Lw_flush_off:                  N/A
Write_cache_flushes:           0
Write_cache_blocks_flushed:    0
{buses}Controller busy ticks:         0
Controller idle ticks:         0
"""


def control(array: Array) -> str:
    """Write the SP's counters; a simulation has done no I/O of its own."""
    now = time.localtime(array.now)
    buses = "".join(f"Internal bus {bus} {kind} ticks:     N/A\n" for bus in range(1, 6) for kind in ("busy", "idle"))
    return CONTROL.format(
        logging="ON" if array.settings.text("statistics") == "1" else "OFF",
        reads=0,
        writes=0,
        date=time.strftime("%m/%d/%Y", now),
        day=time.strftime("%A", now),
        time=time.strftime("%H:%M:%S", now),
        buses=buses,
    )


def domain(array: Array) -> Rows:
    """Describe the domain: both SPs and the control station."""
    serial = array.settings.text("serial")
    rows: Rows = [("Node", serial)]
    for address, name in (
        (f"{array.settings.text('spa')} (Master)", "spa"),
        (array.settings.text("spb"), "spb"),
        (array.settings.text("control_station"), f"Celerra_cs0_{serial}"),
    ):
        rows += [("IP Address", address), ("Name", name), ("Port", 80), ("Secure Port", 443)]
    return rows


NETWORK = """\
Storage Processor:                  SP {sp}
Storage Processor Network Name:     {name}

Port ID:                            0
Management Port Settings:
Link Status:                        Link-Up
Current Speed:                      1000Mbps/full duplex
Requested Speed:                    Auto
Auto-Negotiate:                     YES
Capable Speeds:                     10Mbps half/full duplex
                                    100Mbps half/full duplex
                                    1000Mbps full duplex
                                    Auto

Virtual Port ID:                    0
VLAN ID:                            Disabled
Storage Processor IP Mode:          Manual
Storage Processor IP Address:       {address}
Storage Processor Subnet Mask:      255.255.255.0
Storage Processor Gateway Address:  {gateway}
Storage Processor IPv6 Mode:                Disabled
"""


def network(array: Array, name: str) -> str:
    """Describe an SP's management port."""
    address = array.settings.text(f"sp{name.lower()}")
    gateway = ".".join([*address.split(".")[:3], "1"])
    return NETWORK.format(sp=name, name=f"sp{name.lower()}", address=address, gateway=gateway)


def packages(array: Array) -> list[str]:
    """List the installed software, enablers first."""
    return [name for name in (*ENABLERS, *MIRRORS) if array.has(name)]


def package(name: str) -> Rows:
    """Describe one package: active, committed, complete."""
    return [
        ("Name of the software package", name),
        ("Revision of the software package", "-"),
        ("Commit Required", "NO"),
        ("Revert Possible", "NO"),
        ("Active State", "YES"),
        ("Is installation completed", "YES"),
        ("Is this System Software", "NO"),
    ]
