"""What the doctor finds here."""

from collections.abc import Sequence

from aiohttp import ClientSession

from chassis.check_stores import check_peer, check_stream, check_valkey
from chassis.checks import PATIENCE, Check, Ill, examined_settings, looked_at, read_json
from chassis.clock import system_clock
from gateway.model.policy_text import PolicyFault, read_policy
from gateway.settings import Settings
from gateway.store.ended_sessions import STREAM


async def examine() -> Sequence[Check]:
    """Settings first: without them nothing else can be looked at."""
    settings, first = examined_settings(Settings)
    if settings is None:
        return first
    stores = await check_valkey(settings.redis_url, "gateway", ("auth", "twofactor"), system_clock)
    stores += [await check_stream(settings.redis_url, STREAM)] if stores[0].is_well else []
    algorithm = settings.token_algorithm
    async with ClientSession(timeout=PATIENCE) as http:
        peers = [
            await check_peer(http, "auth", settings.auth_url, algorithm, system_clock),
            await _twofactor(http, settings.twofactor_url),
            await _issuer(http, settings),
        ]
    return [*first, _policy(settings), *stores, *peers]


def _policy(settings: Settings) -> Check:
    try:
        policy = read_policy(settings.policy_file.read_text(encoding="utf-8"))
    except PolicyFault as wrong:
        return Check("policy", "; ".join(wrong.faults), "`countersign policy check` says each fault with its line")
    except (OSError, UnicodeDecodeError) as unreadable:
        return Check("policy", f"{settings.policy_file}: {unreadable}", "POLICY_FILE must name a file that can be read")
    count = len(policy.routes)
    return Check("policy", f"{settings.policy_file}, {count} rule{'' if count == 1 else 's'}")


async def _twofactor(http: ClientSession, address: str) -> Check:
    """Its keys are auth's to judge; that it answers is ours to know."""

    async def look() -> str:
        await read_json(http, f"{address}/.well-known/jwks.json")
        return f"{address} answers"

    return await looked_at("twofactor", look, away="is it up, and is TWOFACTOR_URL right?")


async def _issuer(http: ClientSession, settings: Settings) -> Check:
    async def look() -> str:
        _, document = await read_json(http, f"{settings.auth_url}/.well-known/oauth-authorization-server")
        if document.get("issuer") != settings.public_url:
            found = f"auth calls itself {document.get('issuer')}, we are {settings.public_url}"
            raise Ill(found, "PUBLIC_URL must be the same in every service: one line in .env")
        return f"auth signs as {settings.public_url}"

    return await looked_at("issuer", look, away="is auth up, and is AUTH_URL right?")
