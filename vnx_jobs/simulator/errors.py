"""Every refusal the array can utter: its text, its exit status and where the text comes from.

The exit status is the low byte of the array's error code. Sources:

- RECORDED: the sentence was recorded from a real array (storops' test data, or the Ericsson lab's).
- DRIVER: a fragment or a code that EMC's Cinder driver or storops matches; the words around it are ours.
- INVENTED: no source shows what a real array says; a client may depend on nothing but the refusal.
"""

from __future__ import annotations

from .record import record

RECORDED, DRIVER, INVENTED = "recorded", "driver", "invented"


@record
class Refusal:
    """One sentence of the array, with the names of the values it speaks of in braces."""

    text: str
    status: int
    source: str


class Refused(Exception):  # noqa: N818 - the array's word for it
    """The array refuses; nothing has changed. `text` and `status` are what the client gets."""

    def __init__(self, refusal: Refusal, **values: object) -> None:
        self.text = refusal.text.format(**values) if values else refusal.text
        self.status = refusal.status
        super().__init__(self.text)


POOL_MISSING = Refusal("Could not retrieve the specified (Storagepool). The (Storagepool) may not exist", 9, RECORDED)
POOL_NAME_IN_USE = Refusal(
    "Unable to create the Storage Pool because the specified name is already in use.  "
    "Please retry the operation using a unique Storage Pool name. (0x712d8501)",
    1,
    RECORDED,
)
POOL_RENAME_CONFLICT = Refusal("Could not set properties:(Name).", 1, RECORDED)
POOL_DESTROYING = Refusal("Cannot destroy the Storage Pool because it is Destroying", 1, DRIVER)
POOL_HAS_LUNS = Refusal("Unable to destroy the Storage Pool because it contains LUNs.", 1, INVENTED)
POOL_NOT_READY = Refusal("Unable to create the LUN because the Storage Pool is not ready.", 1, INVENTED)
POOL_OVER_THRESHOLD = Refusal(
    "SP {sp}: Unable to create the LUN because the Storage Pool would exceed its Percent Full Threshold. "
    "Use -ignoreThresholds to override.",
    1,
    INVENTED,
)
POOL_FULL = Refusal("SP {sp}: There is not enough free space in the Storage Pool.", 1, INVENTED)
POOL_RULES = Refusal(
    "The best practices check for the storagepool's creation did not finish successfully. "
    "The storagepool will not be created\n  Rule Messages\n      {rule}",
    1,
    RECORDED,
)
DISK_MISSING = Refusal("The disk specified does not exist.", 1, INVENTED)
DISK_USED = Refusal("A disk is already in use: {disk}. (0x76008304)", 4, DRIVER)

LUN_MISSING = Refusal("Could not retrieve the specified (pool lun). The (pool lun) may not exist", 9, RECORDED)
LUN_NAME_IN_USE = Refusal(
    "Unable to create the LUN because the specified name is already in use. "
    "Please retry the operation using a unique name. (0x712d8d04)",
    4,
    RECORDED,
)
LUN_NUMBER_IN_USE = Refusal("Physical unit already exists", 20, RECORDED)
LUN_RENAME_CONFLICT = Refusal("Could not set properties:(Name).", 9, RECORDED)
LUN_COUNT_LIMIT = Refusal(
    "SP {sp}: Unable to create the LUN because the maximum number of pool LUNs has been reached.", 1, INVENTED
)
LUN_TOO_LARGE = Refusal(
    "SP {sp}: Unable to create the LUN because the capacity is out of the supported range.", 1, INVENTED
)
NO_THIN = Refusal(
    "Unable to create a ThinLU in the specified Storage Pool as the Virtual Provisioning Enabler is missing.",
    208,
    RECORDED,
)
NO_TIERING = Refusal("The FAST Enabler is missing; tiering options are not supported.", 208, INVENTED)
NO_SNAPSHOTS = Refusal("The VNX Snapshots Enabler is not installed.", 208, INVENTED)
LUN_PREPARING = Refusal(
    "SP {sp}: The operation cannot be performed because the LUN is 'Preparing'.  "
    "Wait for the LUN's Current Operation to complete 'Preparing' and retry the operation. (0x712d8e0e)",
    14,
    DRIVER,
)
EXPAND_NOT_LARGER = Refusal(
    "SP {sp}: Expansion LUN size must be greater than current LUN size. (0x712d8e04)", 4, RECORDED
)
EXPAND_TOO_LARGE = Refusal(
    "SP {sp}: The new capacity specified is not supported for the expand operation. (0x712d8e08)", 8, RECORDED
)
EXPAND_SNAPPED_THICK = Refusal(
    "SP {sp}: The LUN cannot be expanded because it is not thin and has snapshots.", 1, INVENTED
)
EXPAND_MOUNT_POINT = Refusal("SP {sp}: A snapshot mount point cannot be expanded.", 1, INVENTED)
FILE_OWNED = Refusal(
    "The specified operation is prohibited because it can potentially affect a File System Storage configuration.",
    1,
    RECORDED,
)
EXPAND_MIGRATING = Refusal("SP {sp}: The LUN cannot be expanded because it is being migrated.", 1, INVENTED)
LUN_IN_STORAGE_GROUP = Refusal("Cannot unbind LUN because it's contained in a Storage Group.", 156, RECORDED)
LUN_IN_CONSISTENCY_GROUP = Refusal(
    "SP {sp}: The LUN cannot be destroyed because it is a member of a consistency group. (0x716d8025)", 37, RECORDED
)
LUN_HAS_MOUNT_POINTS = Refusal(
    "SP {sp}: The LUN cannot be destroyed because it has snapshot mount points. (0x716d801a)", 26, DRIVER
)
LUN_HAS_SNAPSHOTS = Refusal(
    "SP {sp}: The LUN cannot be destroyed because it still has snapshots. Destroy its snapshots first.", 1, DRIVER
)
LUN_USED_BY_FEATURE = Refusal(
    "Cannot unbind LUN because it's being used by a feature of the Storage System.", 156, DRIVER
)
UNBIND_MISSING = Refusal("Error: unbind command failed\nLUN does not exist: {number}", 30, RECORDED)

MOUNT_POINT_LIMIT = Refusal(
    "SP {sp}: The maximum number of snapshot mount points for the primary LUN has been reached.", 1, INVENTED
)
MOUNT_POINT_OF_MOUNT_POINT = Refusal("The specified primary LUN is a snapshot mount point.", 1, INVENTED)
ATTACH_WRONG_TYPE = Refusal("Cannot attach the snapshot. Invalid LUN type.", 1, DRIVER)
ALREADY_ATTACHED = Refusal(
    "SP {sp}: Cannot attach the snapshot. A snapshot is already attached or the snapshot is in use. (0x716d8055)",
    85,
    DRIVER,
)
ATTACH_READ_ONLY = Refusal("SP {sp}: Cannot attach the snapshot because it is not read/write.", 1, INVENTED)
OTHER_PRIMARY = Refusal(
    "SP {sp}: The snapshot does not belong to the primary LUN of the specified LUN. (0x716d8008)", 8, DRIVER
)
NOT_A_MOUNT_POINT = Refusal(
    "Cannot detach the specified LUN {number} as it is not a snapshot mount point. "
    "Retry the detach operation with a valid snapshot mount point.",
    1,
    RECORDED,
)
NOTHING_ATTACHED = Refusal("Snapshot mount point is not currently attached.", 162, DRIVER)

SNAPSHOT_NAME_IN_USE = Refusal("The specified snapshot name is already in use. (0x716d8005)", 5, RECORDED)
SNAPSHOT_NO_RESOURCE = Refusal("Cannot create the snapshot. The specified resource does not exist.", 18, RECORDED)
SNAPSHOT_MISSING = Refusal("Could not retrieve the specified (Snapshot). The (Snapshot) may not exist", 9, RECORDED)
SNAPSHOT_GONE = Refusal("Cannot {verb} the snapshot. The specified snapshot does not exist.", 5, RECORDED)
SNAPSHOT_ATTACHED = Refusal(
    "SP {sp}: Cannot destroy the snapshot because it is attached to a snapshot mount point. (0x716d8003)", 3, DRIVER
)
SNAPSHOT_LIMIT = Refusal(
    "SP {sp}: Cannot create the snapshot. The primary LUN has the maximum number of snapshots.", 1, INVENTED
)
SNAPSHOT_DEPTH = Refusal("SP {sp}: Cannot create the snapshot. Snapshots are nested too deeply.", 1, INVENTED)
SNAPSHOT_OF_MIGRATING = Refusal("SP {sp}: Cannot create the snapshot. The LUN is being migrated.", 1, INVENTED)
SNAPSHOT_OF_COMPRESSED = Refusal("SP {sp}: Cannot create the snapshot. The LUN is compressed.", 1, INVENTED)
SNAPSHOT_OF_DETACHED = Refusal(
    "SP {sp}: Cannot create the snapshot. The snapshot mount point has no snapshot attached.", 1, INVENTED
)
RESTORE_ATTACHED = Refusal("SP {sp}: Cannot restore from a snapshot that is attached to that LUN.", 1, INVENTED)
RESTORE_SIZE = Refusal("SP {sp}: Cannot restore the snapshot. The LUN's size has changed.", 1, INVENTED)
RESTORE_MIGRATING = Refusal("SP {sp}: Cannot restore the snapshot. The LUN is being migrated.", 1, INVENTED)

GROUP_NAME_IN_USE = Refusal("The specified consistency group name is already in use. (0x716d8021)", 33, DRIVER)
GROUP_MISSING = Refusal("Cannot find the consistency group.", 13, RECORDED)
GROUP_NO_LUN = Refusal("Cannot add members to the consistency group. LUN does not exist.", 1, RECORDED)
GROUP_MEMBER_ELSEWHERE = Refusal(
    "Cannot add members to the consistency group. The LUN is a member of a consistency group. (0x716d8045)", 69, DRIVER
)
GROUP_MOUNT_POINT = Refusal(
    "Cannot add members to the consistency group. A snapshot mount point cannot be a member.", 1, INVENTED
)
GROUP_COMPRESSED = Refusal(
    "Cannot add members to the consistency group. A compressed LUN cannot be a member.", 1, INVENTED
)
GROUP_NOT_A_MEMBER = Refusal("Cannot remove members from the consistency group. The LUN is not a member.", 1, INVENTED)
GROUP_EMPTY = Refusal("Cannot create the snapshot. The consistency group has no members.", 1, INVENTED)

MIGRATE_NO_SOURCE = Refusal(
    "Error: migrate -{verb} command failed.\nThe specified source LUN does not exist", 7, RECORDED
)
NOT_MIGRATING = Refusal(
    "Error: migrate -{verb} command failed.\nThe specified source LUN is not currently migrating.", 23, RECORDED
)
MIGRATE_NO_DEST = Refusal("The destination LUN is not available for migration.", 7, RECORDED)
MIGRATE_BAD_SOURCE = Refusal("The source LUN is not available for migration.", 7, INVENTED)
MIGRATE_SYNCED = Refusal(
    "Error: migrate -cancel command failed.\n"
    "The migration cannot be cancelled because the copy has completed. (0x714a8021)",
    33,
    DRIVER,
)
MIGRATE_LIMIT = Refusal("The maximum number of migration sessions has been reached.", 1, INVENTED)

COMPRESSION_ON = Refusal("Compression on the specified LUN is already turned on.", 1, RECORDED)
COMPRESSION_OFF = Refusal(
    "Compression on the specified LUN is not turned on. "
    'Please use "-on" command to turn on compression on this LUN first.',
    1,
    RECORDED,
)
NO_COMPRESSION = Refusal("The Compression Enabler is not installed.", 208, INVENTED)
COMPRESSION_REFUSED = Refusal("Compression cannot be turned on for the specified LUN.", 1, INVENTED)
DEDUP_OFF = Refusal(
    "Could not set properties:(Deduplication: Deduplication cannot be disabled on the specified LUN "
    "because the deduplication state of LUN is disabled or disabling.).",
    1,
    RECORDED,
)
DEDUP_ON = Refusal(
    "Could not set properties:(Deduplication: SP {sp}: Deduplication is already enabled for the LUN. (0x716a840f)).",
    15,
    RECORDED,
)
NO_DEDUP = Refusal("Could not set properties:(Deduplication: The Deduplication Enabler is missing.).", 208, INVENTED)
DEDUP_REFUSED = Refusal(
    "Could not set properties:(Deduplication: The LUN is not thin, or it is being migrated.).", 1, INVENTED
)

_STORAGE_GROUP = "Error: storagegroup command failed\n"
_AGENT = _STORAGE_GROUP + "Error returned from Agent\n"
STORAGE_GROUP_MISSING = Refusal(
    _STORAGE_GROUP + "The group name or UID does not match any storage groups for this array", 83, RECORDED
)
STORAGE_GROUP_NAME_IN_USE = Refusal(_AGENT + "Storage Group name already in use", 66, RECORDED)
STORAGE_GROUP_IS_SPECIAL = Refusal(
    "Error: storagegroup command failed\nError returned from Agent\nThe Storage Group is the array's own", 66, INVENTED
)
STORAGE_GROUP_HAS_HOSTS = Refusal(_AGENT + "Storage Group has hosts connected to it", 66, INVENTED)
ALU_ALREADY_MAPPED = Refusal(_AGENT + "Requested LUN has already been added to this Storage Group", 66, RECORDED)
HLU_IN_USE = Refusal(_AGENT + "Requested Host LUN Number already in use", 66, DRIVER)
ALU_MISSING = Refusal(_STORAGE_GROUP + "The ALU number specified by user is not a bound ALU number", 66, RECORDED)
ALU_IS_DESTINATION = Refusal(_AGENT + "The LUN is the destination of a migration", 66, INVENTED)
HLU_MISSING = Refusal(_AGENT + "{details}", 66, RECORDED)
HOST_UNKNOWN = Refusal(_STORAGE_GROUP + "Host specified is not known by storage system", 66, RECORDED)
HOST_NOT_CONNECTED = Refusal(
    _STORAGE_GROUP + "The specified host is not currently connected to the storage group {group}", 116, RECORDED
)
INITIATOR_EXISTS = Refusal(_AGENT + "SP {sp}: Initiator record already exists.", 66, RECORDED)
PORT_UNINITIALIZED = Refusal(_AGENT + "SP {sp}: The port is uninitialized.", 66, DRIVER)
INITIATOR_BAD_UID = Refusal(_STORAGE_GROUP + "\n{uid}\nToo few or invalid command line parameters", 34, RECORDED)
GROUP_FULL = Refusal(_AGENT + "The Storage Group has the maximum number of LUNs", 66, INVENTED)

PORT_MISSING = Refusal("Request failed. Specified port not found.", 1, RECORDED)
VIRTUAL_PORT_MISSING = Refusal("Request failed. Specified virtual port not found.", 1, RECORDED)
BAD_GATEWAY = Refusal("The gateway is not on the subnet defined by the IP address and netmask.", 1, RECORDED)
BAD_ADDRESS = Refusal("Request failed. The address is not valid or already in use.", 1, INVENTED)
PING_TIMED_OUT = Refusal("Request timed out.", 1, DRIVER)

USER_EXISTS = Refusal("Add user operation failed. The specified user already exists.", 1, RECORDED)
USER_MISSING = Refusal("Delete user operation failed.  User does not exist", 1, RECORDED)
USER_SYSTEM = Refusal("Delete user operation failed.  The user cannot be deleted.", 1, INVENTED)
USER_UNLISTED = Refusal("The specified user does not exist.", 1, INVENTED)
PACKAGE_MISSING = Refusal("The file does not exist", 1, RECORDED)
MIRROR_MISSING = Refusal(
    "Error: mirror command failed\nMirror Feature software is not installed or unavailable.", 208, DRIVER
)
QOS_MISSING = Refusal("Error: nqm command failed\nNQM software is not installed or unavailable.", 208, INVENTED)
NOT_SUPPORTED = Refusal(
    "Error: One or more commands are not supported by the target storage system: {word}", 208, DRIVER
)

BAD_CREDENTIALS = Refusal(
    "Error returned from the Management Server on {address}\n"
    "Authentication failed. Possible reasons for failure are invalid security file, "
    "invalid username, password and/or scope.",
    255,
    RECORDED,
)
NO_SECURITY_FILE = Refusal("Security file not found. Already removed or check -secfilepath option.", 255, INVENTED)
SERVER_NOT_RUNNING = Refusal(
    "Exception: Error occurred because connection refused. Management Server is not running.", 1, RECORDED
)
NETWORK_ERROR = Refusal(
    "A network error occurred while trying to connect: '{address}'.\n"
    "Message : Error occurred because connection refused. Management Server is not running.",
    255,
    RECORDED,
)
TIME_OUT = Refusal("Exception: Error occurred because of time out", 1, RECORDED)
DROPPED = Refusal("Error: Operation failed.\nMessage : End of data stream", 255, DRIVER)
BUSY = Refusal("Error: Operation failed.\nMessage : Service Unavailable", 255, DRIVER)
PROMPT = Refusal("Are you sure you want to perform this operation?(y/n): ", 65, RECORDED)
UNKNOWN_TEXT = Refusal("The array is thinking about something else (0x7fffffff)", 255, INVENTED)
