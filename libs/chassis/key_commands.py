"""`keys list|rotate|retire|reseal`: an operator looks after the signing keys of a service."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from chassis.audit.operator import at_the_command_line
from chassis.commands import AsJson, CannotDo, Yes, confirm, done, group, say, table
from chassis.key_store import KeyStore, KeyUnknown, OnlySigner
from chassis.keyring import LEAD, KeyRing, SigningKey
from chassis.postgres import connect
from chassis.responses import rfc3339
from chassis.sealing import Unsealable
from chassis.transactions import JoiningPool

Kid = Annotated[str, typer.Argument(help="The key's id, from `keys list`.")]
Now = Annotated[bool, typer.Option("--now", help="It signs at once: after a key was stolen, before `retire`.")]


@dataclass(frozen=True)
class KeyHolder:
    """Whose keys they are. `record` puts on record what was done, and to which key; `token_life`: of a signature."""

    database_url: str
    store: Callable[[JoiningPool], KeyStore]
    token_life: timedelta
    record: Callable[[JoiningPool, str, str], Awaitable[None]]


def keys_app(holder: Callable[[], KeyHolder]) -> typer.Typer:
    """The group; `holder` is asked once a command runs, so that help needs no settings."""
    app = group(
        "The signing keys of this service: show, replace or withdraw them. Running processes follow in seconds."
    )

    @app.command("list")
    def list_(as_json: AsJson = False) -> None:
        """Every published key, oldest first."""
        _show(holder(), _look, as_json=as_json)

    @app.command()
    def reseal(as_json: AsJson = False) -> None:
        """Seal all that is sealed at rest with the first key of KEY_ENCRYPTION_KEY: then the others may go."""

        async def act(store: KeyStore, holder: KeyHolder) -> None:
            await store.reseal()
            await holder.record(store.pool, "keys_resealed", "")

        _show(holder(), act, as_json=as_json)

    _add_replacing(app, holder)
    return app


def _add_replacing(app: typer.Typer, holder: Callable[[], KeyHolder]) -> None:
    @app.command()
    def rotate(at_once: Now = False, as_json: AsJson = False) -> None:
        """A new key, which takes over as soon as everybody knows it: in two minutes. Nobody is signed out."""

        async def act(store: KeyStore, holder: KeyHolder) -> None:
            key = await store.rotate(token_life=holder.token_life, lead=timedelta() if at_once else LEAD)
            await holder.record(store.pool, "key_rotated", key.kid)

        _show(holder(), act, as_json=as_json)

    @app.command()
    def retire(kid: Kid, yes: Yes = False, as_json: AsJson = False) -> None:
        """Withdraw a key: nothing that it signed is believed, by the gateway within six minutes or once restarted."""
        confirm(f"Withdraw {kid} now? Every token that it signed is refused.", yes=yes)

        async def act(store: KeyStore, holder: KeyHolder) -> None:
            await store.retire(kid)
            await holder.record(store.pool, "key_retired", kid)

        _show(holder(), act, as_json=as_json)


async def _look(_store: KeyStore, _holder: KeyHolder) -> None:
    """The keys are shown after every action."""


def _show(holder: KeyHolder, act: Callable[[KeyStore, KeyHolder], Any], *, as_json: bool) -> None:
    try:
        say(done(_done(holder, act)), _written, as_json=as_json)
    except KeyUnknown as unknown:
        raise CannotDo(f"there is no published key {unknown}: see `keys list`") from unknown
    except OnlySigner as only:
        advice = "First make another with `keys rotate --now`, then retire it"
        raise CannotDo(f"{only} is the only key that signs now. {advice}") from only
    except Unsealable as place:
        raise CannotDo(f"{place} opens with none of the keys in KEY_ENCRYPTION_KEY: nothing was changed") from place


async def _done(holder: KeyHolder, act: Callable[[KeyStore, KeyHolder], Any]) -> dict[str, Any]:
    pool = await connect(holder.database_url, size=1, patience=0)
    try:
        store = holder.store(pool)
        await store.refresh()
        with at_the_command_line():
            async with pool.together():
                await act(store, holder)
        return {"keys": [_document(store.ring, key) for key in store.ring.keys]}
    finally:
        await pool.close()


def _document(ring: KeyRing, key: SigningKey) -> dict[str, str | bool | datetime | None]:
    return {
        "kid": key.kid,
        "alg": key.algorithm,
        "signs": key.algorithm == ring.algorithm,
        "signs_now": key is ring.signer(),
        "signs_from": key.signs_from,
        "published_until": key.published_until,
    }


def _written(document: dict[str, Any]) -> Table:
    shown = table("KEY", "ALGORITHM", "STATE", "PUBLISHED UNTIL")
    for key in document["keys"]:
        until = key["published_until"]
        shown.add_row(key["kid"], key["alg"], _state(key), rfc3339(until) if until else "another follows it")
    return shown


def _state(key: dict[str, Any]) -> str:
    if key["signs_now"]:
        return "signs now"
    if not key["signs"]:
        return "signs no more"
    return "signed before" if key["published_until"] else f"signs from {rfc3339(key['signs_from'])}"
