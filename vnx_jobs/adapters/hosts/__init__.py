"""Hosts that open volumes."""
