"""The usage that the program prints for `lun` and `storagepool`, as recorded from an array of the first generation."""

LUN_AND_POOL = """\
Usage:
  storagepool -create -disks disksList -rtype raidType
       [-description description][-name name]
       [-prcntFullThreshold threshold]
       [-autoTiering scheduled|manual(default)]
       [-fastcache on|off][-skipRules]
  storagepool -destroy -id poolID|-name poolName [-o]
  storagepool -expand -id poolID |-name poolName
       -disks disksList [-skipRules][-o]
  storagepool -cancelExpand -id poolID|-name poolName
  storagepool -list [-id poolID |-name poolName][-availableCap]
       [-consumedCap][-currentOp][-description][-disks]
       [-diskType][-luns][-opState][-opStatus][-prcntOp][-rawCap][-rtype]
       [-prcntFullThreshold][-state][-status][-subscribedCap][-userCap]
       [-prcntFull][-autoTiering][-tiers][-fastcache][-all]
  storagepool -modify -id poolID|-name poolName
       [-description description][-newName newName]
       [-prcntFullThreshold threshold][-autoTiering scheduled|manual]
       [-fastcache on|off][-o]
  storagepool -feature -info [-isVirtualProvisioningSupported]
       [-maxPools][-maxDiskDrivesPerPool][-maxDiskDrivesAllPools]
       [-maxDiskDrivesPerOp][-maxPoolLUNs][-minPoolLUNSize][-maxPoolLUNSize]
       [-numPools][-numPoolLUNs][-numThinLUNs][-numDiskDrivesAllPools]
       [-availableDisks]
  lun -create [-type Thin|NonThin] -capacity capacity [-sq mb|gb|tb|bc]
       -poolId storagePoolID |-poolName storagePoolName
       -sp spID [-aa autoAssignment][-l lunNumber][-name lunName]
       [-offset logicalBlockAddress]
       [-tieringPolicy noMovement|autoTier|highestAvailable|lowestAvailable]
       [-initialTier optimizePool|highestAvailable|lowestAvailable]
  lun -destroy -l lunNumber|-name lunName [-o]
  lun -list [-l lunNumber|-name lunName]|[-showOnly Thin|NonThin|Compressed|NonCompressed][-aa]
       [-alOwner][-at][-userCap][-consumedCap][-default][-drivetype]
       [-offset][-rtype][-state][-status][-owner][-poolName][-uid]
       [-opDetails][-isPoolLUN][-isThinLUN][-isPrivate][-isCompressed][-featureData]
       [-perfData][-tieringPolicy][-initialTier][-tiers][-all]
  lun -modify -l lunNumber|-name lunName [-aa autoAssign]
       [-newName newLUNName][-sp newDefaultSPID]
       [-tieringPolicy noMovement|autoTier|highestAvailable|lowestAvailable]
       [-initialTier optimizePool|highestAvailable|lowestAvailable][-o]
  lun -expand -l lunNumber|-name lunName
       -capacity capacity [-sq mb|gb|tb|bc][-o]

"""
