"""What os-brick is told of a volume, by hand from its documentation and from what EMC's driver for Cinder gives."""

import pytest
from pydantic import ValidationError

from vnx_jobs.adapters.hosts.brick_properties import way
from vnx_jobs.adapters.hosts.scsi_disks import digits
from vnx_jobs.model.hosts import Connection
from vnx_jobs.ports.hosts import HostError
from vnx_jobs.settings_hosts import BackupHostSettings

UID = "60:06:01:60:00:00:00:00:00:00:00:00:00:00:00:AB"
IQN = "iqn.1992-04.com.emc:cx.ckm00100.a4"


def told(fibre: tuple[str, ...] = (), iscsi: tuple[str, ...] = (), hlu: int = 7, uid: str = UID) -> Connection:
    """Return a connection as a job stores it."""
    return Connection("vnx", "backup1", "gold", uid, hlu, "ro", fibre, iscsi)


def test_by_iscsi_every_portal_is_named_with_its_target_and_number() -> None:
    """Lists for several paths, the first one also by itself; portals as iscsiadm lists them, IPv6 in brackets."""
    reached = way(told(iscsi=(f"10.0.0.1,{IQN}", f"fd00::1,{IQN[:-2]}b4", f"[fd00::2]:3261,{IQN}")), multipath=True)
    assert reached.protocol == "ISCSI"
    assert reached.properties == {
        "target_discovered": True,
        "target_portal": "10.0.0.1:3260",
        "target_iqn": IQN,
        "target_lun": 7,
        "target_portals": ["10.0.0.1:3260", "[fd00::1]:3260", "[fd00::2]:3261"],
        "target_iqns": [IQN, "iqn.1992-04.com.emc:cx.ckm00100.b4", IQN],
        "target_luns": [7, 7, 7],
        "access_mode": "ro",
        "volume_id": "600601600000000000000000000000ab",
        "enforce_multipath": True,
    }


def test_fibre_channel_comes_first() -> None:
    """A host that is registered both ways uses the one that needs no logins; ports are their digits alone."""
    reached = way(told(("50:06:01:60:36:E0:12:34",), (f"10.0.0.1,{IQN}",)), multipath=False)
    assert (reached.protocol, reached.targets) == ("FIBRE_CHANNEL", ("5006016036e01234",))
    assert reached.properties["target_wwn"] == ["5006016036e01234"]
    assert reached.properties["target_lun"] == 7


@pytest.mark.parametrize(
    ("connection", "line"),
    [
        (told(), "backup1 is registered on no port of vnx"),
        (told(fibre=('5006016036e01234" /etc; #',)), "is no WWN of a port"),
        (told(iscsi=(f"10.0.0.1;reboot,{IQN}",)), "is no address of an iSCSI portal"),
        (told(iscsi=("10.0.0.1,iqn.x/../../y",)), "is no iSCSI name"),
        (told(iscsi=(f"10.0.0.1,{IQN}",), hlu=256), "under number 256 is no volume's"),
        (told(iscsi=(f"10.0.0.1,{IQN}",), uid="../../../sda"), "is no volume's"),
    ],
)
def test_what_would_not_be_a_path_is_refused(connection: Connection, line: str) -> None:
    """Nothing of a record reaches root's command lines or paths that is not of the form it should have."""
    with pytest.raises(HostError, match=line):
        way(connection, multipath=False)


def test_the_spellings_of_a_wwn() -> None:
    """The kernel's, udev's and multipath's are the same 32 digits; whatever else a disk is called by is none."""
    digits_of_it = "600601600000000000000000000000ab"
    assert {digits(one + digits_of_it) for one in ("naa.", "3", "mpath-3")} == {digits_of_it}
    assert digits("t10.ATA     QEMU HARDDISK") == ""


def test_each_way_of_attaching_has_its_own_settings() -> None:
    """For os-brick paths and a helper, but no folder of a simulated array; for the plain way the other way round."""
    made = BackupHostSettings.model_validate(
        {"arrays": {"vnx": None}, "attach": "os-brick", "multipath": True, "helper": ["sudo", "-n"]}
    )
    assert (made.multipath, made.helper) == (True, ("sudo", "-n"))
    with pytest.raises(ValidationError, match="simulated and program are for attach plain"):
        BackupHostSettings.model_validate({"arrays": {"vnx": None}, "attach": "os-brick", "simulated": {"vnx": "/x"}})
    with pytest.raises(ValidationError, match="multipath and helper are for attach os-brick"):
        BackupHostSettings.model_validate({"arrays": {"vnx": None}, "simulated": {"vnx": "/x"}, "multipath": True})
