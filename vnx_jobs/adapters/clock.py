"""The machine's clock."""

import time


class SystemClock:
    """Implements Clock."""

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()
