"""The watch: reads an array once for all that is parked on it. N waiting jobs cost O(1) array commands a tick."""

from .watch import PERIOD, Watch

__all__ = ["PERIOD", "Watch"]
