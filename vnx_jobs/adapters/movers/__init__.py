"""Movers: tools that keep the bytes of volumes in repositories."""
