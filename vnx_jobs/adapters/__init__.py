"""Adapters: one folder a port. They import ports, model, observability and settings only, and never each other."""
