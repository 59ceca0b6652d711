"""`python -m tests.chaos.skewed SECONDS MODULE`: a service whose clock is off by so much."""

import runpy
import sys
from datetime import datetime, timedelta

from chassis import clock

if __name__ == "__main__":
    off, module = timedelta(seconds=float(sys.argv[1])), sys.argv[2]
    right = clock.system_clock

    def skewed() -> datetime:
        return right() + off

    clock.system_clock = skewed
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
