"""`python -m services.auth clients create|list|rotate|disable`: which services may come, and by what they are known."""

import argparse
import asyncio
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from chassis import logs
from chassis.clock import system_clock
from chassis.postgres import connect
from chassis.responses import json_bytes
from services.auth.crypto.client_keys import parse_jwks
from services.auth.flows.manage_clients import ManageClients, Wanted
from services.auth.model.client import ServiceClient
from services.auth.model.registration import Unregistrable, grants_named
from services.auth.settings import Settings, parse_clients
from services.auth.store.event_log import EventLog
from services.auth.store.service_clients import PostgresServiceClients

# With a prefix, so that whoever scans for leaked secrets knows one when they see it.
PREFIX = "css_"


def add_clients(commands: Any) -> None:
    """The command `clients`."""
    clients = commands.add_parser("clients", help="which services may come")
    actions = clients.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="every client, disabled or not")
    create = actions.add_parser("create", help="a new client; its secret is shown once")
    create.add_argument("--scope", action="append", default=[], help="what its own tokens are good for; repeatable")
    create.add_argument("--grant", action="append", default=[], help="client_credentials unless said; repeatable")
    rotate = actions.add_parser("rotate", help="another secret, shown once, or other public keys")
    rotate.add_argument("--overlap", type=int, default=0, metavar="SECONDS", help="how long the old secret is good yet")
    for action in (create, rotate):
        action.add_argument("--jwks", type=Path, help="a file with its public keys: it then has no secret")
    for action in (create, rotate, actions.add_parser("disable", help="shut a client out")):
        action.add_argument("id")
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="for programs")


def look_after_clients(arguments: argparse.Namespace, settings: Settings) -> None:
    """Does it and prints what there is to know."""
    logs.configure(settings.log_level, settings.log_format, "auth")
    try:
        answer = asyncio.run(_done(arguments, settings))
    except Unregistrable as refused:
        sys.exit(str(refused))
    except OSError as unreadable:
        sys.exit(f"{unreadable.filename}: {unreadable.strerror}")
    sys.stdout.write(json_bytes(answer).decode() + "\n" if arguments.json else _written(answer))


async def _done(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    pool = await connect(settings.database_url.get_secret_value(), size=1)
    try:
        register = PostgresServiceClients(pool, parse_clients(settings.service_clients.get_secret_value()))
        scopes = frozenset(settings.scopes.split())
        return await _act(ManageClients(register, scopes, _new_secret, EventLog(), system_clock), arguments)
    finally:
        await pool.close()


async def _act(manage: ManageClients, arguments: argparse.Namespace) -> dict[str, Any]:
    keys = parse_jwks(arguments.jwks.read_text()) if getattr(arguments, "jwks", None) else ()
    match arguments.action:
        case "create":
            grants = grants_named(arguments.grant or ["client_credentials"])
            wanted = Wanted(arguments.id, frozenset(arguments.scope), grants, keys)
            return {"client_id": arguments.id, "client_secret": await manage.create(wanted)}
        case "rotate" if keys:
            await manage.replace_keys(arguments.id, keys)
            return {"client_id": arguments.id, "client_secret": None}
        case "rotate":
            overlap = timedelta(seconds=max(0, arguments.overlap))
            return {"client_id": arguments.id, "client_secret": await manage.rotate_secret(arguments.id, overlap)}
        case "disable":
            await manage.disable(arguments.id)
            return {"client_id": arguments.id, "disabled": True}
        case _:
            return {"clients": [_document(client) for client in await manage.all()]}


def _new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def _document(client: ServiceClient) -> dict[str, Any]:
    return {
        "client_id": client.id,
        "proof": [*(["secret"] if client.secrets else []), *(["private_key_jwt"] if client.keys else [])],
        "keys": [{"kid": key.get("kid"), "alg": key["alg"]} for key in client.keys],
        "scopes": sorted(client.scopes),
        "grants": sorted(client.grants),
        "created_at": client.created_at,
        "disabled_at": client.disabled_at,
    }


def _written(answer: dict[str, Any]) -> str:
    if "clients" in answer:
        return "".join(_line(client) for client in answer["clients"])
    secret = answer.get("client_secret")
    return f"{answer['client_id']}\n" + (f"secret, shown this once: {secret}\n" if secret else "")


def _line(client: dict[str, Any]) -> str:
    state = "disabled" if client["disabled_at"] else " ".join(client["scopes"]) or "no scopes"
    return f"{client['client_id']}  {' and '.join(client['proof']) or 'no proof'}  {state}\n"
