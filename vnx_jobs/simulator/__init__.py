"""A simulated VNX: a naviseccli-compatible executable over a folder."""
