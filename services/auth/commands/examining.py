"""What the doctor finds here."""

from collections.abc import Sequence
from pathlib import Path

from aiohttp import ClientSession

from chassis.check_stores import check_peer, check_postgres, check_signing_keys, check_valkey
from chassis.checks import PATIENCE, Check, examined_settings
from chassis.clock import system_clock
from chassis.key_store import KeyStore
from chassis.keyring import KeyRing
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
        ring = KeyRing(system_clock, algorithm=settings.token_algorithm)
        stores.append(
            await check_signing_keys(database, lambda pool: KeyStore(pool, sealer_of(settings), ring, new_id))
        )
    valkey = settings.redis_url.get_secret_value()
    stores += await check_valkey(valkey, "auth", ("twofactor", "gateway"), system_clock)
    algorithm = settings.receipt_algorithm or settings.token_algorithm
    async with ClientSession(timeout=PATIENCE) as http:
        peer = await check_peer(http, "twofactor", settings.twofactor_url, algorithm, system_clock)
    return [*first, *stores, peer]
