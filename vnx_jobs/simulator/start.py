"""Started by `bin/naviseccli` with `python -I -S`: finds the package beside itself and runs one command."""

import gc
import os
import sys

gc.disable()  # a command is over before it has any garbage worth collecting
sys.path.insert(0, os.path.abspath(__file__ + "/../../.."))  # noqa: PTH100 - pathlib costs 15 ms of a command's 40

from vnx_jobs.simulator.naviseccli import main  # noqa: E402 - not to be found before the line above

if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # taking the interpreter apart costs 3 ms and gives nothing back
