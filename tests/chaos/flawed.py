"""`python -m tests.chaos.flawed FLAW MODULE`: a service that is broken in one place, by name of `flaws.py`."""

import runpy
import sys

from tests.chaos.flaws import FLAWS

if __name__ == "__main__":
    flaw, module = sys.argv[1:3]
    FLAWS[flaw].breaks()
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
