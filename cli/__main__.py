"""`python -m cli`, as `countersign` in the images."""

import sys

from cli.installation import from_environment
from cli.run import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], from_environment()))
