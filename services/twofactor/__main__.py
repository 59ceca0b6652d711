"""`python -m services.twofactor` serves; `... keys list` and `... keys rotate` look after the signing keys."""

import argparse
import asyncio
import sys

from chassis.clock import system_clock
from chassis.key_store import KeyStore
from chassis.keyring import KeyRing
from chassis.postgres import connect
from chassis.process import run
from chassis.settings import load
from services.twofactor.app import build_app, random_id, sealer_of
from services.twofactor.model.moments import rfc3339
from services.twofactor.model.receipt import RECEIPT_LIFE
from services.twofactor.settings import Settings


async def _keys(settings: Settings, action: str) -> None:
    ring = KeyRing(system_clock)
    pool = await connect(settings.database_url, size=1)
    try:
        store = KeyStore(pool, sealer_of(settings), ring, random_id)
        await (store.rotate(token_life=RECEIPT_LIFE) if action == "rotate" else store.refresh())
    finally:
        await pool.close()
    for key in ring.keys:
        until = rfc3339(key.published_until) if key.published_until else "replaced"
        sys.stdout.write(f"{key.kid}  signs from {rfc3339(key.signs_from)}, published until {until}\n")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m services.twofactor", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    keys = commands.add_parser("keys", help="the keys that sign approval receipts")
    keys.add_argument("action", choices=["list", "rotate"])
    arguments = parser.parse_args()
    settings = load(Settings)
    if arguments.command == "keys":
        asyncio.run(_keys(settings, arguments.action))
    else:
        run(build_app(settings), settings, "twofactor")


if __name__ == "__main__":
    main()
