"""Reconciling: what differs between an array and the records of it, and what is done about each difference."""
