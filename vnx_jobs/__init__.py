"""vnx-jobs: an asynchronous job-queue orchestrator for EMC VNX block storage."""
