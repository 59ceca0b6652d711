"""What a doctor asks of the stores and of peers. Nothing is changed but a key of our own that is gone in a second."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
from aiohttp import ClientSession
from redis.exceptions import NoPermissionError

from chassis import valkey
from chassis.checks import Check, Ill, looked_at, moment, peer_time, read_json, require_same_time
from chassis.clock import Clock
from chassis.key_store import KeyStore
from chassis.postgres import STATEMENT_SECONDS, connect
from chassis.postgres_hosts import CONNECT_SECONDS, AnyHost, close
from chassis.sealing import Unsealable
from chassis.transactions import JoiningPool

POSTGRES_AWAY = "is PostgreSQL up, and are address and password in DATABASE_URL right?"
VALKEY_AWAY = "is Valkey up, and are address, user and password in REDIS_URL right?"
PEER_AWAY = "is it up, and does its address in our settings reach it from here?"
POSTGRES_FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
MIGRATE = "run `countersign migrate`, with the owners' addresses"


async def check_postgres(url: str, migrations: Sequence[Path], clock: Clock) -> list[Check]:
    """Whether it answers, tells our time, and has run every one of `migrations`."""
    try:
        connection = await AnyHost(url)(url, timeout=CONNECT_SECONDS, command_timeout=STATEMENT_SECONDS)
    except (OSError, TimeoutError, ValueError, *POSTGRES_FAULTS) as away:
        return [Check("PostgreSQL", f"does not answer: {' '.join(str(away).split())}", POSTGRES_AWAY)]

    wanted = {path.name.partition("_")[0]: path.stem for path in migrations}

    async def time() -> str:
        before = clock()
        return require_same_time(await connection.fetchval("SELECT clock_timestamp()"), before, clock())

    async def schema() -> str:
        try:
            rows = await connection.fetch("SELECT version FROM schema_migrations")
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            raise Ill("migrations are pending", MIGRATE) from None
        pending = sorted(set(wanted) - {row["version"] for row in rows})
        if pending:
            raise Ill(f"pending: {' '.join(wanted[version] for version in pending)}", MIGRATE)
        return f"up to date, {len(wanted)} migrations"

    async def version() -> str:
        return f"answers, version {await connection.fetchval('SHOW server_version')}"

    try:
        return [
            await looked_at("PostgreSQL", version, away=POSTGRES_AWAY),
            await looked_at("clock of PostgreSQL", time, away=POSTGRES_AWAY),
            await looked_at("schema", schema, away=POSTGRES_AWAY),
        ]
    finally:
        await close(connection)


async def check_signing_keys(url: str, store: Callable[[JoiningPool], KeyStore]) -> Check:
    """Whether those at `url` open with the sealer of `store`. Asked once all is well with PostgreSQL."""

    async def look() -> str:
        pool = await connect(url, size=1, patience=0)
        try:
            # Looked at only: `refresh` would make what is missing.
            keys = await store(pool).read(pool)
            return f"{len(keys)} published, all open with KEY_ENCRYPTION_KEY" if keys else "none yet: a start makes one"
        except Unsealable as place:
            raise Ill(f"{place} does not open", "KEY_ENCRYPTION_KEY is not the one they were sealed with") from None
        finally:
            await pool.close()

    return await looked_at("signing keys", look, away=POSTGRES_AWAY)


async def check_valkey(url: str, own: str, foreign: Sequence[str], clock: Clock) -> list[Check]:
    """Whether it answers, tells our time, lets us have keys that begin with `own`, and none of `foreign`."""
    client = valkey.connect(url)

    async def rights() -> str:
        try:
            await client.set(f"{own}:doctor", b"1", px=1000)
        except NoPermissionError:
            advice = f"give this user ~{own}:* (`secrets/valkey_users`), and restart Valkey"
            raise Ill(f"we may not write {own}:*", advice) from None
        open_ones = [other for other in foreign if await _may_read(client, f"{other}:doctor")]
        if open_ones:
            advice = "give each service a user of its own (`secrets/valkey_users`): one that is broken into reads all"
            raise Ill(f"we may read {' and '.join(open_ones)}, which is not ours", advice)
        return f"{own}:* and no more"

    async def time() -> str:
        before = clock()
        seconds, microseconds = await client.time()
        return require_same_time(moment(seconds, microseconds), before, clock())

    try:
        answers = await looked_at("Valkey", lambda: _ping(client), away=VALKEY_AWAY)
        if not answers.is_well:
            return [answers]
        told = await looked_at("clock of Valkey", time, away=VALKEY_AWAY)
        return [answers, told, await looked_at("rights in Valkey", rights, away=VALKEY_AWAY)]
    finally:
        await client.aclose()


async def check_stream(url: str, stream: str) -> Check:
    """Whether the stream of ended sessions may be read, which another service writes."""

    async def look() -> str:
        client = valkey.connect(url)
        try:
            return f"readable, {await client.xlen(stream)} ended sessions in it"
        except NoPermissionError:
            raise Ill(f"we may not read {stream}", f"give this user %R~{stream} (`secrets/valkey_users`)") from None
        finally:
            await client.aclose()

    return await looked_at("ended sessions", look, away=VALKEY_AWAY)


async def check_peer(http: ClientSession, name: str, address: str, algorithm: str, clock: Clock) -> Check:
    """Whether its key set is there, has a key that signs as we believe, and its clock is ours."""

    async def look() -> str:
        before = clock()
        answer, document = await read_json(http, f"{address}/.well-known/jwks.json")
        keys = [key for key in document.get("keys", []) if isinstance(key, dict)]
        if not any(key.get("alg") == algorithm for key in keys):
            told = ", ".join(sorted({str(key.get("alg")) for key in keys})) or "none"
            raise Ill(f"it publishes no {algorithm} key, but {told}", "one setting, TOKEN_ALGORITHM, for all services")
        time = await peer_time(answer, before, clock)
        return f"{len(keys)} key{'' if len(keys) == 1 else 's'}, {time}"

    return await looked_at(f"keys of {name}", look, away=PEER_AWAY)


async def _ping(client: Any) -> str:
    await client.ping()
    return "answers"


async def _may_read(client: Any, key: str) -> bool:
    try:
        await client.get(key)
    except NoPermissionError:
        return False
    return True
