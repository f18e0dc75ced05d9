"""In-memory twins of the ports: part of the product, used by tests and dry runs."""
