"""`python -m chassis.probe`: exit status 0 if the process of this container is ready. For health checks."""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    """The command line."""
    address = f"http://127.0.0.1:{os.environ.get('COUNTERSIGN_PORT', '8080')}/readyz"
    try:
        with urllib.request.urlopen(address, timeout=2.5) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError) as fault:
        print(f"{address}: {fault}", file=sys.stderr)  # noqa: T201 a command line speaks
        return 1


if __name__ == "__main__":
    sys.exit(main())
