"""Listings of front-end ports, in the form of recorded ones, become values of the model, or are not believed."""

from typing import Final

import pytest

from vnx_jobs.adapters.array.listings import ListingError
from vnx_jobs.adapters.array.mappings import fibre_ports, iscsi_portals
from vnx_jobs.model.hosts import FrontPort

NODE: Final = "50:06:01:60:B6:E0:16:81"
PORTS: Final = f"""Total number of initiators: 4

SP Name:             SP A
SP Port ID:          0
Registered Initiators:        3
Logged-In Initiators:         1

SP Name:             SP B
SP Port ID:          0
Registered Initiators:        0
Logged-In Initiators:         0


Information about each SPPORT:

SP Name:             SP A
SP Port ID:          0
SP UID:              {NODE}:50:06:01:60:36:E0:16:81
Link Status:         Up
Available Speeds:
2Gbps
Auto
SP Name:             SP A
SP Port ID:          1
SP UID:              {NODE}:50:06:01:61:36:E0:16:81
Link Status:         Down

SP Name:             SP B
SP Port ID:          0
SP UID:              {NODE}:50:06:01:68:36:E0:16:81

SP Name:             SP A
SP Port ID:          10
SP UID:              iqn.1992-04.com.emc:cx.apm00153042305.a10
"""
PORTALS: Final = """SP:  A
Port ID:  4
Port WWN:  iqn.1992-04.com.emc:cx.apm00153906536.a4
iSCSI Alias:  6536.a4

Virtual Port ID:  0
VLAN ID:  Disabled
IP Address:  192.168.4.52

Virtual Port ID:  1
VLAN ID:  7
IP Address:  192.168.7.52

SP:  B
Port ID:  8
Port WWN:  50:06:01:60:B6:E0:16:81:50:06:01:60:36:E4:16:81
iSCSI Alias:  N/A

Virtual Port ID:  0
IP Address:  N/A

SP:  B
Port ID:  5
Port WWN:  iqn.1992-04.com.emc:cx.apm00153906536.b5
"""


def test_each_fibre_channel_port_is_read() -> None:
    """Several ports of one SP are several ports; counts of initiators and iSCSI ports are none."""
    assert fibre_ports(PORTS) == (
        FrontPort("A", 0, f"{NODE}:50:06:01:60:36:E0:16:81"),
        FrontPort("A", 1, f"{NODE}:50:06:01:61:36:E0:16:81"),
        FrontPort("B", 0, f"{NODE}:50:06:01:68:36:E0:16:81"),
    )


def test_each_address_is_a_portal() -> None:
    """Each virtual port with an address is one, with its port's IQN; a port without an address is none."""
    iqn = "iqn.1992-04.com.emc:cx.apm00153906536.a4"
    first, second = iscsi_portals(PORTALS)
    assert first == FrontPort("A", 4, iqn, 0, "192.168.4.52")
    assert second == FrontPort("A", 4, iqn, 1, "192.168.7.52")
    assert (first.is_iscsi, second.target) == (True, f"192.168.7.52,{iqn}")


@pytest.mark.parametrize(
    "damage", [("SP Port ID:          1\n", ""), ("Name:             SP B", "Name:             SP")]
)
def test_a_listing_that_is_not_whole_is_not_believed(damage: tuple[str, str]) -> None:
    """A port without number or SP spoils the listing."""
    head, _, tail = PORTS.partition("Information about")
    with pytest.raises(ListingError):
        fibre_ports(head + tail.replace(*damage))


def test_an_array_without_ports_of_a_kind_lists_none() -> None:
    """An empty answer has no ports."""
    assert (fibre_ports(""), iscsi_portals("")) == ((), ())
