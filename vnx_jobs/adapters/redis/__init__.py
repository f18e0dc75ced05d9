"""Records, claims, inventory and short leases in a Redis-protocol server. Nothing else of ours imports redis."""
