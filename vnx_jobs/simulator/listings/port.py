"""`port -list -sp -all` and `connection -getport`."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.records import Port, VirtualPort
from vnx_jobs.simulator.rules import ports

from . import layout

FRAME_SIZES = '"1260","1448","1500","1548","2000","2450","3000","4000","4080","4470","5000","6000","7000","8000","9000"'


FCOE = """\
SP:  {sp}
Port ID:  {number}
Port WWN:  {wwn}
iSCSI Alias:  N/A
Enode MAC Address:  {mac}
Port Speed:  0 Gb
Auto-Negotiate:  No
Available Speeds:  10 Gb
Current MTU:  2240
Available MTU Sizes:  "2240"
Flow Control:  N/A
Host Window:  N/A
Replication Window:  N/A
Available Window Sizes:  N/A

Virtual Port ID:  0
VLAN ID:  N/A
IP Address:  N/A
Subnet Mask:  N/A
Gateway Address:  N/A
Initiator Authentication:  N/A
"""

FIBRE = """\
SP Name:             SP {sp}
SP Port ID:          {number}
SP UID:              {wwn}
Link Status:         Up
Port Status:         Online
Switch Present:      YES
Switch UID:          10:00:00:05:1E:E0:1D:A1:20:0B:00:05:1E:E0:1D:A1
SP Source ID:        10226432
ALPA Value:         0
Speed Value :         8Gbps
Auto Negotiable :     NO
Available Speeds:
2Gbps
4Gbps
8Gbps
Auto
Requested Value:      Auto
MAC Address:         Not Applicable
SFP State:           Online
Reads:               0
Writes:              0
Blocks Read:         0
Blocks Written:      0
Queue Full/Busy:     0
I/O Module Slot:     0
Physical Port ID:    {number}
Usage:     General
SFP/Connector EMC Part Number: 019-078-042
SFP/Connector EMC Serial Number: 000000000000000
SFP/Connector Vendor Part Number: N/A
SFP/Connector Vendor Serial Number: PL31D5E
SFP/Connector Supported Speeds:
2Gbps
4Gbps
8Gbps
"""


def fibre(array: Array) -> str:
    """Write what is known of each FC port."""
    found = [port for port in ports.every(array) if port.kind == "FC"]
    return layout.blocks(FIBRE.format(sp=port.sp, number=port.number, wwn=port.wwn) for port in found)


def initiators(array: Array) -> str:
    """Write how many initiators each port knows. None is ever logged in: a simulation has no wire."""
    rows = array.db.execute("SELECT sp, port, count(*) FROM initiator GROUP BY sp, port")
    counted = {(sp, number): count for sp, number, count in rows}
    total = array.count("SELECT count(DISTINCT uid) FROM initiator")
    head = f"Total number of initiators: {total}\n"
    return layout.blocks([head, *(_port(port, counted.get((port.sp, port.number), 0)) for port in ports.every(array))])


def _port(port: Port, registered: int) -> str:
    name = layout.aligned([("SP Name", f"SP {port.sp}"), ("SP Port ID", port.number)], 21)
    counts = [
        ("Registered Initiators", registered),
        ("Logged-In Initiators", 0),
        ("Not Logged-In Initiators", registered),
    ]
    return name + layout.aligned(counts, 30)


def connection(array: Array, port: Port, only: int | None) -> str:
    """Write an iSCSI port and its addresses, or the one address that was asked for."""
    if port.kind == "FCoE":
        return FCOE.format(sp=port.sp, number=port.number, wwn=port.wwn, mac=port.mac)
    chosen = [each for each in ports.virtual(array, port) if only in (None, each.number)]
    return layout.blocks([_connection(array, port, up=bool(chosen)), *map(_address, chosen)])


def _connection(array: Array, port: Port, *, up: bool) -> str:
    serial = array.settings.text("serial")
    fast = port.speed == "10000 Mb"
    speeds = [port.speed] if fast else ["10 Mb", "100 Mb", "1000 Mb", "Auto"]
    more = "".join(f"-               :  {speed}\n" for speed in speeds[1:])
    head = layout.labelled(
        [
            ("SP", port.sp),
            ("Port ID", port.number),
            ("Port WWN", port.wwn),
            ("iSCSI Alias", f"{serial[-4:]}.{port.sp.lower()}{port.number}"),
            ("Enode MAC Address", port.mac),
            ("Port Speed", port.speed if up else "N/A"),
            ("Auto-Negotiate", layout.yes(not fast)),
            ("Available Speeds", speeds[0]),
        ]
    )
    tail = layout.labelled(
        [
            ("Current MTU", port.mtu if up else 0),
            ("Available MTU Sizes", FRAME_SIZES),
            ("Flow Control", "Auto"),
            ("Host Window", "256K"),
            ("Replication Window", "256K"),
            ("Available Window Sizes", "64K,128K,256K,512K,1MB"),
        ]
    )
    return head + more + tail


def _address(address: VirtualPort) -> str:
    return layout.labelled(
        [
            ("Virtual Port ID", address.number),
            ("VLAN ID", "Disabled" if address.vlan is None else address.vlan),
            ("IP Address", address.address),
            ("Subnet Mask", address.mask),
            ("Gateway Address", address.gateway),
        ]
    )
