"""What the doctor finds here."""

from collections.abc import Sequence
from pathlib import Path

from aiohttp import ClientSession

from chassis.check_stores import POSTGRES_AWAY, check_peer, check_postgres, check_valkey
from chassis.checks import Check, Ill, examined_settings, looked_at
from chassis.clock import system_clock
from chassis.key_store import KeyStore
from chassis.keyring import KeyRing
from chassis.postgres import connect
from chassis.sealing import Unsealable
from services.auth.app import new_id, sealer_of
from services.auth.settings import Settings

MIGRATIONS = tuple((Path(__file__).resolve().parents[1] / "migrations").glob("*.sql"))


async def examine() -> Sequence[Check]:
    """Settings first: without them nothing else can be looked at."""
    settings, first = examined_settings(Settings)
    if settings is None:
        return first
    database = settings.database_url.get_secret_value()
    stores = await check_postgres(database, MIGRATIONS, system_clock)
    if all(check.is_well for check in stores):
        stores.append(await _signing_keys(settings, database))
    valkey = settings.redis_url.get_secret_value()
    stores += await check_valkey(valkey, "auth", ("twofactor", "gateway"), system_clock)
    algorithm = settings.receipt_algorithm or settings.token_algorithm
    async with ClientSession() as http:
        peer = await check_peer(http, "twofactor", settings.twofactor_url, algorithm, system_clock)
    return [*first, *stores, peer]


async def _signing_keys(settings: Settings, database: str) -> Check:
    async def look() -> str:
        pool = await connect(database, size=1, patience=0)
        try:
            if not await pool.fetchval("SELECT count(*) FROM signing_keys"):
                return "none yet: the first start makes one"
            store = KeyStore(
                pool, sealer_of(settings), KeyRing(system_clock, algorithm=settings.token_algorithm), new_id
            )
            await store.refresh()
            return f"{len(store.ring.keys)} published, all open with KEY_ENCRYPTION_KEY"
        except Unsealable as place:
            raise Ill(f"{place} does not open", "KEY_ENCRYPTION_KEY is not the one they were sealed with") from None
        finally:
            await pool.close()

    return await looked_at("signing keys", look, away=POSTGRES_AWAY)
