"""What the doctor finds here."""

from collections.abc import Sequence
from pathlib import Path

from aiohttp import ClientSession

from chassis.check_stores import check_peer, check_postgres, check_signing_keys, check_stream, check_valkey
from chassis.checks import PATIENCE, Check, Ill, examined_settings, looked_at
from chassis.clock import system_clock
from chassis.keyring import KeyRing
from services.twofactor.app import key_store, random_id
from services.twofactor.model.errors import ProviderMisconfigured, ProviderUnavailable
from services.twofactor.providers.authy import Authy
from services.twofactor.settings import Settings
from services.twofactor.store.ended_sessions import STREAM
from services.twofactor.vendor import authy

MIGRATIONS = tuple((Path(__file__).resolve().parents[1] / "migrations").glob("*.sql"))
KEY_ADVICE = "look at secrets/authy_api_key (AUTHY_API_KEY) and at the application in Authy's console"
AWAY_ADVICE = "can this container reach AUTHY_URL? Try again; codes and pushes do not work until it does"
CALLBACK_ADVICE = (
    "the address in Authy's console must reach the gateway from the internet: DNS, proxy, firewall, CALLBACK_URL"
)


async def examine() -> Sequence[Check]:
    """Settings first: without them nothing else can be looked at."""
    settings, first = examined_settings(Settings)
    if settings is None:
        return first
    stores = await check_postgres(settings.database_url, MIGRATIONS, system_clock)
    if all(check.is_well for check in stores):
        ring = KeyRing(system_clock, algorithm=settings.signs_with)
        stores.append(
            await check_signing_keys(settings.database_url, lambda pool: key_store(pool, settings, ring, random_id))
        )
    shared = await check_valkey(settings.redis_url, "twofactor", ("auth", "gateway"), system_clock)
    stores += [*shared, await check_stream(settings.redis_url, STREAM)] if shared[0].is_well else shared
    async with ClientSession(timeout=PATIENCE) as http:
        peer = await check_peer(http, "auth", settings.auth_url, settings.token_algorithm, system_clock)
        vendor = await _vendor(settings, http)
        callback = await _callback(settings.signed_callback_url, http)
    return [*first, *stores, peer, vendor, callback]


async def _vendor(settings: Settings, http: ClientSession) -> Check:
    async def look() -> str:
        provider = authy(settings, http, system_clock).provider
        try:
            app = await provider.probe() if isinstance(provider, Authy) else None
        except ProviderMisconfigured:
            raise Ill(f"{settings.authy_url} refuses our API key", KEY_ADVICE) from None
        except ProviderUnavailable:
            raise Ill(f"{settings.authy_url} does not answer", AWAY_ADVICE) from None
        ways = {"push": app.push, "sms": app.sms, "voice": app.voice} if app else {}
        off = [name for name, is_on in ways.items() if not is_on]
        return f"{settings.authy_url} takes our key{f'; switched off there: {chr(32).join(off)}' if off else ''}"

    return await looked_at("Authy", look, away=AWAY_ADVICE)


async def _callback(address: str, http: ClientSession) -> Check:
    """Asked as Authy asks, but unsigned: whoever refuses it for its signature is this service, behind the gateway."""

    async def look() -> str:
        async with http.post(address, json={}, timeout=PATIENCE, allow_redirects=False) as answer:
            is_problem = answer.content_type == "application/problem+json"
            error = (await answer.json(content_type=None)).get("error") if is_problem else ""
        if (answer.status, error) != (401, "invalid_signature"):
            raise Ill(f"{address} answers {answer.status}, which is not this service", CALLBACK_ADVICE)
        return f"{address} is this service"

    return await looked_at("callback", look, away=f"{address}: {CALLBACK_ADVICE}")
