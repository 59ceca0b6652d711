"""`python -m SERVICE` serves; `python -m SERVICE keys list|rotate` shows or replaces its signing keys."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from datetime import timedelta

import asyncpg

from chassis.key_store import KeyStore
from chassis.keyring import KeyRing, SigningKey
from chassis.postgres import connect
from chassis.responses import rfc3339


def asked_for_keys(module: str, description: str | None) -> str | None:
    """What the command line asks of the keys, `list` or `rotate`; None when it asks to serve."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    commands = parser.add_subparsers(dest="command", title="commands (none: serve)")
    keys = commands.add_parser("keys", help="show the signing keys, or make a new one that takes over")
    keys.add_argument("action", choices=["list", "rotate"])
    action: str | None = getattr(parser.parse_args(), "action", None)
    return action


def look_after_keys(
    action: str, *, database_url: str, store: Callable[[asyncpg.Pool], KeyStore], token_life: timedelta
) -> None:
    """Does it and prints a line a key, oldest first. Running processes take a new key up by themselves."""
    sys.stdout.write(asyncio.run(_done(action, database_url, store, token_life)))


async def _done(action: str, database_url: str, make: Callable[[asyncpg.Pool], KeyStore], token_life: timedelta) -> str:
    pool = await connect(database_url, size=1)
    try:
        store = make(pool)
        await store.refresh()
        if action == "rotate":
            await store.rotate(token_life=token_life)
        return "".join(_line(store.ring, key) for key in store.ring.keys)
    finally:
        await pool.close()


def _line(ring: KeyRing, key: SigningKey) -> str:
    state = "signed before" if key.published_until else f"signs from {rfc3339(key.signs_from)}"
    state = "signs now" if key is ring.signer() else state
    until = f", published until {rfc3339(key.published_until)}" if key.published_until else ""
    return f"{key.kid}  {state}{until}\n"
