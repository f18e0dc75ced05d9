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
