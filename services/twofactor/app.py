"""Builds the right-hand side (stores, vendor, keys) and hands it to the left (flows, routes)."""

import os
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import asyncpg
from aiohttp import web

from chassis.announcing import Bell
from chassis.audit.beat import RECORDER, Keeping, audit_ctx
from chassis.beside import beside, repeated
from chassis.bodies import BODY_PROBLEMS
from chassis.budget import ANSWER_SECONDS, within
from chassis.clock import Clock, system_clock
from chassis.key_store import KeyStore, keys_ctx
from chassis.keyring import KeyRing
from chassis.limit_notices import count_notices
from chassis.limiter import ValkeyLimiter
from chassis.metered import BREAKERS
from chassis.meters import METERS, Meters
from chassis.openapi_pages import describe
from chassis.origin import origin_middleware
from chassis.outbound import HTTP, client_ctx
from chassis.postgres import POOL, postgres_ctx
from chassis.problems import problem_middleware
from chassis.process import create_app
from chassis.sealing import Sealer, parse_keys
from chassis.standings import rate_limit_fields
from chassis.tracing import BELIEVES, believe_everybody
from chassis.valkey import VALKEY, valkey_ctx
from services.twofactor.api.context import place_of
from services.twofactor.api.receipts import RING
from services.twofactor.background import Tasks
from services.twofactor.cleaning import cleaning_ctx
from services.twofactor.crypto.binding_codes import KeyedCodes
from services.twofactor.crypto.disavowals import RingDisavowals
from services.twofactor.crypto.new_codes import RandomCodes
from services.twofactor.crypto.receipts import RingSigner
from services.twofactor.crypto.totp import PyotpTotp
from services.twofactor.described import SURFACE
from services.twofactor.flows.announce import Announce
from services.twofactor.flows.guard import Guard
from services.twofactor.following import follow_ended
from services.twofactor.metering import MeasuredChallenges, MeasuredMarks, MeasuredProvider, MeasuredReader
from services.twofactor.model.disavowal import STATEMENT_LIFE
from services.twofactor.model.limits import Amounts, limits
from services.twofactor.phones import calling_codes
from services.twofactor.problems import PROBLEMS
from services.twofactor.providers.breaking import BreakingProvider
from services.twofactor.routes import ROUTES
from services.twofactor.settings import Settings
from services.twofactor.store.disavowal_feed import ValkeyDisavowalFeed
from services.twofactor.store.disavowals import PostgresDisavowals
from services.twofactor.store.enrolments import EMAIL, PostgresEnrolments
from services.twofactor.store.event_log import EventLog
from services.twofactor.store.logins import ValkeyLogins
from services.twofactor.store.marks import ValkeyTurns
from services.twofactor.store.pending_secrets import ValkeyPendingSecrets
from services.twofactor.store.push_ends import ValkeyPushEnds
from services.twofactor.store.push_paces import ValkeyPushPaces
from services.twofactor.store.receipts import PostgresReceipts
from services.twofactor.store.recovery_codes import PostgresRecoveryCodes
from services.twofactor.store.states import ValkeyStateCache
from services.twofactor.store.totp_secrets import SECRET, PostgresTotpSecrets
from services.twofactor.vendor import MakeVendor, Vendor, authy
from services.twofactor.wiring import ends_ctx, wire, wire_tokens
from services.twofactor.wiring_kinds import VendorFree
from services.twofactor.world import World

BELL: web.AppKey[Bell] = web.AppKey("BELL", Bell)
BACKGROUND: web.AppKey[Tasks] = web.AppKey("BACKGROUND", Tasks)


def random_id() -> str:
    """A new id: the text of a random UUID."""
    return str(uuid.uuid4())  # noqa: TID251 the composition root is where chance comes from


def sealer_of(settings: Settings) -> Sealer:
    """What seals this service's secrets at rest."""
    return Sealer(parse_keys(settings.key_encryption_key.get_secret_value()))


def key_store(pool: asyncpg.Pool, settings: Settings, ring: KeyRing, new_id: Callable[[], str]) -> KeyStore:
    """The keys that sign receipts, and what else is sealed with them."""
    return KeyStore(pool, sealer_of(settings), ring, new_id, sealed=[EMAIL, SECRET])


@dataclass(frozen=True)
class Roots:
    """What the whole process shares: secrets at rest, keys that sign, time and chance."""

    sealer: Sealer
    ring: KeyRing
    clock: Clock
    new_id: Callable[[], str]


def build_app(
    settings: Settings,
    *,
    make_vendor: MakeVendor = authy,
    clock: Clock = system_clock,
    new_id: Callable[[], str] = random_id,
) -> web.Application:
    """The whole service; tests hand in another vendor, clock and chance."""
    refusals = problem_middleware({**BODY_PROBLEMS, **PROBLEMS})
    app = create_app([rate_limit_fields, refusals, within(ANSWER_SECONDS), origin_middleware(place_of)])
    app[BELIEVES] = believe_everybody
    roots = Roots(sealer_of(settings), KeyRing(clock, algorithm=settings.signs_with), clock, new_id)
    app[RING], app[BACKGROUND], app[BELL] = roots.ring, Tasks(), Bell()

    async def flows_ctx(app: web.Application) -> AsyncIterator[None]:
        ended = follow_ended(app, settings, clock)
        wire_tokens(app, settings, ended, clock)
        vendor = _measured(make_vendor(settings, app[HTTP], clock), app[METERS], clock)
        world = make_world(app, settings, roots, vendor)
        wire(app, world, settings)
        async with beside(ended.run(), _keep_announcing(app, world, settings, roots)):
            await ended.catch_up()
            yield

    app.cleanup_ctx.extend(
        [
            client_ctx(),
            postgres_ctx(settings.database_url),
            valkey_ctx(settings.redis_url),
            keys_ctx(lambda app: key_store(app[POOL], settings, roots.ring, new_id)),
            *_kept_beside(settings, clock),
            flows_ctx,
            ends_ctx,
            app[BACKGROUND].ctx,
        ]
    )
    app.add_routes(ROUTES)
    describe(app, SURFACE)
    return app


def _measured(vendor: Vendor, meters: Meters, clock: Clock) -> Vendor:
    provider = BreakingProvider(MeasuredProvider(vendor.provider, meters), clock)
    meters.watch(BREAKERS, provider.readings)
    return Vendor(provider, MeasuredReader(vendor.reader, meters), provider.held)


def _kept_beside(settings: Settings, clock: Clock) -> list[Callable[[web.Application], AsyncIterator[None]]]:
    keeping = Keeping(settings.audit_keep_days, settings.audit_refusals_per_minute)
    return [audit_ctx(lambda app: app[RING], settings.public_url, keeping, clock), cleaning_ctx(settings)]


def _guard(app: web.Application, settings: Settings, clock: Clock) -> Guard:
    key = parse_keys(settings.key_encryption_key.get_secret_value())[0]
    table = limits(Amounts.of(settings))
    limiter = ValkeyLimiter(app[VALKEY], "twofactor", key, clock, count_notices(app[METERS], table))
    return Guard(limiter, table, calling_codes(settings.served))


async def _keep_announcing(app: web.Application, world: World, settings: Settings, roots: Roots) -> None:
    signer = RingDisavowals(roots.ring, settings.issuer, settings.public_url, roots.clock)
    feed = ValkeyDisavowalFeed(app[VALKEY], STATEMENT_LIFE)
    announce = Announce(world.disavowals, signer, feed, roots.clock)
    await repeated(announce, app[BELL].wait, "disavowals_not_announced")


def make_world(app: web.Application, settings: Settings, roots: Roots, vendor: Vendor) -> World:
    """What the flows stand on, over stores that are open in `app`."""
    pool, valkey, meters = app[POOL], app[VALKEY], app[METERS]
    enrolments, events = PostgresEnrolments(pool, roots.sealer), EventLog(app[RECORDER])
    return World(
        challenges=MeasuredChallenges(valkey, meters),
        guard=_guard(app, settings, roots.clock),
        logins=ValkeyLogins(valkey),
        enrolments=enrolments,
        paces=ValkeyPushPaces(valkey),
        ends=ValkeyPushEnds(valkey),
        receipts=PostgresReceipts(pool, events),
        disavowals=PostgresDisavowals(pool),
        announcer=app[BELL],
        seen=MeasuredMarks(valkey, meters),
        turns=ValkeyTurns(valkey),
        cache=ValkeyStateCache(valkey),
        signer=RingSigner(roots.ring, settings.issuer, settings.public_url),
        codes=KeyedCodes(parse_keys(settings.key_encryption_key.get_secret_value())),
        events=events,
        vendor=vendor,
        vendor_free=VendorFree(
            secrets=PostgresTotpSecrets(enrolments),
            pending=ValkeyPendingSecrets(valkey, roots.sealer),
            totp=PyotpTotp(os.urandom),
            codes=PostgresRecoveryCodes(enrolments),
            new_codes=RandomCodes(os.urandom),
        ),
        background=app[BACKGROUND],
        clock=roots.clock,
        new_id=roots.new_id,
    )
