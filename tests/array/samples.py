"""Short answers in the form of recorded ones, with objects of our own."""

from typing import Final

LUN: Final = """LOGICAL UNIT NUMBER 41
Name:  volume one
UID:  60:06:01:60:12:60:3D:00:95:63:38:87:9D:69:E5:11
Current Owner:  SP A
User Capacity (Blocks):  6291456
User Capacity (GBs):  3.000
Pool Name:  gold
Raid Type:  r_5
Current State:  Ready
Status:  OK(0x0)
Current Operation:  None
Current Operation State:  N/A
Is Thin LUN:  No
Snapshot Mount Points:  63950
Primary LUN:  N/A
Attached Snapshot:  N/A
"""

MOUNT_POINT: Final = """LOGICAL UNIT NUMBER 63950
Name:  window
UID:  60:06:01:60:12:60:3D:00:AA:63:38:87:9D:69:E5:11
User Capacity (Blocks):  6291456
Pool Name:  gold
Current State:  Ready
Current Operation:  None
Is Thin LUN:  Yes
Snapshot Mount Points:  N/A
Primary LUN:  volume one
Attached Snapshot:  moment
"""

SNAPSHOT: Final = """Name:  moment
Description:
Creation time:  03/29/16 20:33:28
Last modify time:  Never
Last modified by:  N/A
Source LUN(s):  41
Source CG:  N/A
Primary LUN(s):  41
State:  Ready
Status:  OK(0x0)
Allow Read/Write:  Yes
Modified:  No
Attached LUN(s):  63950
Allow auto delete:  No
Expiration date:  Never
"""

SESSION: Final = """Source LU Name:  window
Source LU ID:  63950
Dest LU Name:  target
Dest LU ID:  50
Migration Rate:  high
Current State:  MIGRATING
Percent Complete:  50
Time Remaining:  90 second(s)
"""

POOL: Final = """Pool Name:  gold
Pool ID:  3
Raid Type:  r_5
State:  Ready
Status:  OK(0x0)
Current Operation:  None
User Capacity (GBs):  2146.434
Available Capacity (GBs):  1995.640
"""

TIME_OUT: Final = "Exception: Error occurred because of time out"
DROPPED: Final = "Error: Operation failed.\nMessage : End of data stream"
REFUSED_CONNECTION: Final = "Exception: Error occurred because connection refused. Management Server is not running."
WRONG_LOGIN: Final = (
    "Error returned from the Management Server on 10.0.0.1\n"
    "Authentication failed. Possible reasons for failure are invalid security file, "
    "invalid username, password and/or scope."
)
NO_SESSIONS: Final = "No current migrations exist."
NO_LUN: Final = "Could not retrieve the specified (pool lun). The (pool lun) may not exist"
NO_SNAPSHOT: Final = "Could not retrieve the specified (Snapshot). The (Snapshot) may not exist"

GROUPS: Final = """Name:  test cg name
Description: a cg 4 test
Allow auto delete:  No
Member LUN ID(s):  1, 3
State:  Ready

Name:  cg0
Description:
Allow auto delete:  Yes
Member LUN ID(s):  None
State:  Ready
Status:  OK(0x0)
"""

STORAGE_GROUPS: Final = """
Storage Group Name:    ubuntu14
Storage Group UID:     46:69:09:11:20:89:E5:11:85:E1:AE:04:FD:64:DC:17
HBA/SP Pairs:

  HBA UID                                          SP Name     SPPort
  -------                                          -------     ------
  iqn.1993-08.org.debian:01:e57138cd5b4             SP A         4
Host name:             ubuntu14
SPPort:                A-4v0
Initiator IP:          192.168.4.30
TPGT:                  1
ISID:                  23D0200

  20:00:00:90:FA:53:4C:D0:10:00:00:90:FA:53:4C:D0   SP B         12
Host name:             ubuntu14
SPPort:                B-12v0
Initiator IP:          N/A
TPGT:                  0
ISID:                  N/A

  iqn.1994-05.com.abcdef:ghijk2-l-mn-opq-2.rstuvw.xyz:c3bf2f4ccaSP A1
Host name:             ubuntu14
SPPort:                A-1v0
Initiator IP:          N/A
TPGT:                  6
ISID:                  N/A


HLU/ALU Pairs:

  HLU Number     ALU Number
  ----------     ----------
    154             15
    0               4
Shareable:             YES

Storage Group Name:    VNX9495
Storage Group UID:     2C:0D:8D:6A:41:88:E5:11:85:E1:AE:04:FD:64:DC:17
Shareable:             YES

Storage Group Name:    ~management
Storage Group UID:     60:06:01:60:00:00:00:00:00:00:00:00:00:00:00:02
Special:               YES
Default:               YES
Shareable:             YES
"""
