"""What keeps a process from outliving the one that it works for."""

import ctypes
import os
import signal
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def die_with_parent(parent: int, how: signal.Signals) -> bool:
    """Have the kernel send this process a signal when its parent's thread ends; False if the parent is gone already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, how, 0, 0, 0)
    return os.getppid() == parent
