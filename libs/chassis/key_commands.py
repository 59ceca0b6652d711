"""`python -m SERVICE` serves; `python -m SERVICE keys list|rotate|retire|reseal` looks after its signing keys."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from chassis.key_store import KeyStore, KeyUnknown, OnlySigner
from chassis.keyring import LEAD, KeyRing, SigningKey
from chassis.postgres import connect
from chassis.responses import json_bytes, rfc3339
from chassis.sealing import Unsealable


@dataclass(frozen=True)
class KeyRequest:
    """What the command line asks. `at_once`: a new key signs now, without the time in which others get to know it."""

    action: str
    kid: str = ""
    at_once: bool = False
    as_json: bool = False


def asked_for_keys(module: str, description: str | None) -> KeyRequest | None:
    """What the command line asks of the keys; None when it asks to serve."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    add_keys(parser.add_subparsers(dest="command", title="commands (none: serve)"))
    arguments = parser.parse_args()
    return key_request(arguments) if arguments.command == "keys" else None


def add_keys(commands: Any) -> None:
    """The command `keys`, among others of a service."""
    keys = commands.add_parser("keys", help="show, replace or withdraw the signing keys")
    actions = keys.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="every published key, oldest first")
    rotate = actions.add_parser("rotate", help="a new key, which takes over as soon as everybody knows it")
    rotate.add_argument("--now", action="store_true", help="it signs at once: after a key was stolen, before `retire`")
    retire = actions.add_parser("retire", help="withdraw a key at once: nothing that it signed is believed any more")
    retire.add_argument("kid")
    actions.add_parser("reseal", help="seal all private keys with the first key of KEY_ENCRYPTION_KEY")
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="for programs")


def key_request(arguments: argparse.Namespace) -> KeyRequest:
    """From arguments that `add_keys` has described."""
    kid, at_once = getattr(arguments, "kid", ""), getattr(arguments, "now", False)
    return KeyRequest(arguments.action, kid, at_once, arguments.json)


def look_after_keys(
    request: KeyRequest, *, database_url: str, store: Callable[[asyncpg.Pool], KeyStore], token_life: timedelta
) -> None:
    """Does it and prints the keys, oldest first. Running processes take it up by themselves, within seconds."""
    try:
        sys.stdout.write(asyncio.run(_done(request, database_url, store, token_life)))
    except KeyUnknown as unknown:
        sys.exit(f"there is no published key {unknown}: see `keys list`")
    except OnlySigner as only:
        sys.exit(f"{only} is the only key that signs now. First make another with `keys rotate --now`, then retire it")
    except Unsealable as place:
        sys.exit(f"{place} opens with none of the keys in KEY_ENCRYPTION_KEY: nothing was changed")


async def _done(
    request: KeyRequest, database_url: str, make: Callable[[asyncpg.Pool], KeyStore], token_life: timedelta
) -> str:
    pool = await connect(database_url, size=1)
    try:
        store = make(pool)
        await store.refresh()
        await _act(store, request, token_life)
        return _shown(store.ring, as_json=request.as_json)
    finally:
        await pool.close()


async def _act(store: KeyStore, request: KeyRequest, token_life: timedelta) -> None:
    match request.action:
        case "rotate":
            await store.rotate(token_life=token_life, lead=timedelta() if request.at_once else LEAD)
        case "retire":
            await store.retire(request.kid)
        case "reseal":
            await store.reseal()
        case _:
            pass  # `list`: the keys are shown after every action


def _shown(ring: KeyRing, *, as_json: bool) -> str:
    if as_json:
        return json_bytes({"keys": [_document(ring, key) for key in ring.keys]}).decode() + "\n"
    return "".join(_line(ring, key) for key in ring.keys)


def _line(ring: KeyRing, key: SigningKey) -> str:
    state = "signed before" if key.published_until else f"signs from {rfc3339(key.signs_from)}"
    state = f"{key.algorithm}, signs no more" if key.algorithm != ring.algorithm else state
    state = "signs now" if key is ring.signer() else state
    until = f", published until {rfc3339(key.published_until)}" if key.published_until else ""
    return f"{key.kid}  {state}{until}\n"


def _document(ring: KeyRing, key: SigningKey) -> dict[str, str | bool | datetime | None]:
    return {
        "kid": key.kid,
        "alg": key.algorithm,
        "signs_now": key is ring.signer(),
        "signs_from": key.signs_from,
        "published_until": key.published_until,
    }
