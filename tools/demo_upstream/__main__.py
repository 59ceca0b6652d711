"""``python -m tools.demo_upstream``."""

import argparse

from aiohttp import web

from tools.demo_upstream.app import create_app


def main() -> None:
    """Serves until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser("python -m tools.demo_upstream", description="Shows what reached it.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8091)
    chosen = parser.parse_args()

    def announce(_: str) -> None:
        print(f"demo upstream on http://{chosen.host}:{chosen.port}", flush=True)

    web.run_app(create_app(), host=chosen.host, port=chosen.port, access_log=None, print=announce, shutdown_timeout=3)


if __name__ == "__main__":
    main()
