"""`countersign clients create|list|rotate|disable`: which services may come, and by what they are known."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from chassis.audit.operator import at_the_command_line
from chassis.audit.recorder import Recorder
from chassis.clock import system_clock
from chassis.commands import AsJson, CannotDo, Yes, confirm, done, group, say, table
from chassis.postgres import connect
from services.auth.commands.opening import our_settings
from services.auth.crypto.client_keys import parse_jwks
from services.auth.flows.manage_clients import ManageClients, Wanted
from services.auth.model.client import JsonWebKey, ServiceClient
from services.auth.model.registration import Unregistrable, grants_named
from services.auth.settings import Settings, parse_clients
from services.auth.store.event_log import EventLog
from services.auth.store.service_clients import PostgresServiceClients

# With a prefix, so that whoever scans for leaked secrets knows one when they see it.
PREFIX = "css_"
Id = Annotated[str, typer.Argument(help="What the client is called: 2 to 63 of a-z 0-9 . _ -")]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help="What its own tokens are good for; repeatable.")]
Grants = Annotated[list[str] | None, typer.Option("--grant", help="client_credentials unless said; repeatable.")]
Keys = Annotated[Path | None, typer.Option("--jwks", help="A file with its public keys: it then has no secret.")]
Overlap = Annotated[
    int, typer.Option("--overlap", min=0, metavar="SECONDS", help="How long the old secret is good yet.")
]

app = group("Services that may come in their own name (client_credentials, introspection, the feed of ended sessions).")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every client, disabled or not."""

    async def act(manage: ManageClients) -> dict[str, Any]:
        return {"clients": [_document(client) for client in await manage.all()]}

    say(_answer(act), _clients, as_json=as_json)


@app.command()
def create(id_: Id, scope: Scopes = None, grant: Grants = None, jwks: Keys = None, as_json: AsJson = False) -> None:
    """A new client. Its secret is shown this once: the store keeps a digest."""
    keys = _read_keys(jwks)

    async def act(manage: ManageClients) -> dict[str, Any]:
        wanted = Wanted(id_, frozenset(scope or []), grants_named(grant or ["client_credentials"]), keys)
        return {"client_id": id_, "client_secret": await manage.create(wanted)}

    say(_answer(act), _one, as_json=as_json)


@app.command()
def rotate(id_: Id, jwks: Keys = None, overlap: Overlap = 0, as_json: AsJson = False) -> None:
    """Another secret, shown this once, or other public keys."""
    keys = _read_keys(jwks)

    async def act(manage: ManageClients) -> dict[str, Any]:
        if keys:
            await manage.replace_keys(id_, keys)
            return {"client_id": id_, "client_secret": None}
        return {"client_id": id_, "client_secret": await manage.rotate_secret(id_, timedelta(seconds=overlap))}

    say(_answer(act), _one, as_json=as_json)


@app.command()
def disable(id_: Id, yes: Yes = False, as_json: AsJson = False) -> None:
    """Shut a client out, for good: its secret, its keys, and the tokens it has."""
    confirm(f"Disable the client {id_}, for good?", yes=yes)

    async def act(manage: ManageClients) -> dict[str, Any]:
        await manage.disable(id_)
        return {"client_id": id_, "disabled": True}

    say(_answer(act), _one, as_json=as_json)


def _answer(act: Callable[[ManageClients], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    settings = our_settings()
    try:
        return done(_done(settings, act))
    except Unregistrable as refused:
        raise CannotDo(str(refused)) from refused


async def _done(settings: Settings, act: Callable[[ManageClients], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    pool = await connect(settings.database_url.get_secret_value(), size=1, patience=0)
    try:
        register = PostgresServiceClients(pool, parse_clients(settings.service_clients.get_secret_value()))
        scopes = frozenset(settings.scopes.split())
        events = EventLog(Recorder(pool, system_clock))
        with at_the_command_line():
            return await act(ManageClients(register, scopes, _new_secret, events, system_clock))
    finally:
        await pool.close()


def _read_keys(file: Path | None) -> tuple[JsonWebKey, ...]:
    if file is None:
        return ()
    try:
        return parse_jwks(file.read_text())
    except (Unregistrable, UnicodeDecodeError) as refused:
        raise CannotDo(f"{file}: {refused}") from refused
    except OSError as unreadable:
        raise CannotDo(f"{file}: {unreadable.strerror}") from unreadable


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


def _one(answer: dict[str, Any]) -> str:
    secret = answer.get("client_secret")
    return f"{answer['client_id']}\nsecret, shown this once: {secret}" if secret else f"{answer['client_id']}"


def _clients(answer: dict[str, Any]) -> Table:
    shown = table("CLIENT", "PROOF", "SCOPES", "STATE")
    for client in answer["clients"]:
        proof = " and ".join(client["proof"]) or "none"
        state = "disabled" if client["disabled_at"] else "ok"
        shown.add_row(client["client_id"], proof, " ".join(client["scopes"]) or "none", state)
    return shown
