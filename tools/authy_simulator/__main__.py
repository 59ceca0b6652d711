"""``python -m tools.authy_simulator``."""

import os
import sys

from aiohttp import web

from tools.authy_simulator.app import create_app
from tools.authy_simulator.settings import read_settings


def main() -> None:
    """Serves until SIGTERM or Ctrl-C."""
    settings = read_settings(sys.argv[1:], os.environ)
    try:
        app = create_app(settings)
    except ValueError:
        raise SystemExit(
            f"{settings.data} is not a state file of this simulator: move it away, or name another"
        ) from None
    web.run_app(app, host=settings.host, port=settings.port, access_log=None, print=announce, shutdown_timeout=3)


def announce(_: str) -> None:
    """One line of our own in place of aiohttp's."""
    settings = read_settings(sys.argv[1:], os.environ)
    print(
        f"Authy simulator on http://{settings.host}:{settings.port}, callbacks to {settings.callback_url}", flush=True
    )


if __name__ == "__main__":
    main()
