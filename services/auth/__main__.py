"""`python -m services.auth` serves; `python -m services.auth keys list|rotate` shows or replaces the signing keys."""

import argparse
import asyncio
import sys
from datetime import timedelta

from chassis.clock import system_clock
from chassis.key_store import KeyStore
from chassis.keyring import KeyRing
from chassis.postgres import connect
from chassis.process import run
from chassis.responses import rfc3339
from chassis.sealing import Sealer, parse_keys
from chassis.settings import load
from services.auth.app import build_app, new_id
from services.auth.settings import Settings


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m services.auth", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    keys = commands.add_parser("keys", help="the keys that sign tokens")
    keys.add_argument("action", choices=["list", "rotate"])
    arguments = parser.parse_args()
    settings = load(Settings)
    if arguments.command == "keys":
        sys.stdout.write(asyncio.run(_keys(settings, rotate=arguments.action == "rotate")))
    else:
        run(build_app(settings), settings, "auth")


async def _keys(settings: Settings, *, rotate: bool) -> str:
    """One line a key, oldest first. A new one (`rotate`) is taken up by running processes by themselves."""
    pool = await connect(settings.database_url.get_secret_value(), size=1)
    try:
        ring = KeyRing(system_clock)
        store = KeyStore(pool, Sealer(parse_keys(settings.key_encryption_key.get_secret_value())), ring, new_id)
        await store.refresh()
        if rotate:
            await store.rotate(token_life=timedelta(seconds=max(settings.partial_ttl, settings.access_ttl)))
        return "".join(_line(ring, kid) for kid in (key.kid for key in ring.keys))
    finally:
        await pool.close()


def _line(ring: KeyRing, kid: str) -> str:
    key = next(key for key in ring.keys if key.kid == kid)
    state = "signs now" if key is ring.signer() else f"signs from {rfc3339(key.signs_from)}"
    until = f", published until {rfc3339(key.published_until)}" if key.published_until else ""
    return f"{kid}  {state}{until}\n"


if __name__ == "__main__":
    main()
