"""Where everything is introduced to everything else: the one place with settings, chance and the real clock."""

import asyncio
import os
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from aiohttp import web

from chassis.audit.beat import Keeping, audit_ctx
from chassis.beside import beside, repeated, stopped
from chassis.bodies import BODY_PROBLEMS
from chassis.budget import ANSWER_SECONDS, within
from chassis.clock import Clock, system_clock
from chassis.key_store import KeyStore, keys_ctx
from chassis.keyring import KeyRing
from chassis.meters import METERS
from chassis.open_streams import OPEN_STREAMS
from chassis.openapi_pages import describe
from chassis.origin import origin_middleware
from chassis.outbound import client_ctx
from chassis.postgres import POOL, postgres_ctx
from chassis.problems import oauth_errors, problem_middleware
from chassis.process import create_app
from chassis.sealing import Sealer, parse_keys
from chassis.standings import rate_limit_fields
from chassis.tracing import BELIEVES, believe_everybody
from chassis.valkey import VALKEY, valkey_ctx
from services.auth.api import bearer, credentials, discovery, ended, passwords, sessions, sign_in, token, tokens
from services.auth.api.caller import place_of
from services.auth.cleaning import cleaning_ctx
from services.auth.crypto.hash_pool import HashPool
from services.auth.described import SURFACE
from services.auth.metering import watch_hashing
from services.auth.problems import PROBLEMS
from services.auth.routes import ROUTES
from services.auth.settings import Settings
from services.auth.store.disavowal_ears import DisavowalEars
from services.auth.store.ended_ears import EndedEars
from services.auth.supplies import LAST_HEARD, World
from services.auth.wiring import Parts


def new_id() -> str:
    """A random UUID: ids are seen by strangers and must not be guessed from each other."""
    return str(uuid.uuid4())  # noqa: TID251 the one place where ids are made


def build_app(settings: Settings, clock: Clock = system_clock) -> web.Application:
    """The whole service, ready to be served; stores are met when it starts."""
    refusals = problem_middleware(
        {**BODY_PROBLEMS, **PROBLEMS}, formats={"/oauth2/": oauth_errors("password_token", "expires_in")}
    )
    app = create_app([rate_limit_fields, refusals, within(ANSWER_SECONDS), origin_middleware(place_of)])
    app[BELIEVES] = believe_everybody
    app.add_routes(ROUTES)
    describe(app, SURFACE)
    app[discovery.KEY_RING] = KeyRing(clock, algorithm=settings.token_algorithm)
    app[discovery.SCOPES] = frozenset(settings.scopes.split())
    app[tokens.ISSUER] = settings.public_url
    app.cleanup_ctx.extend(
        [
            client_ctx(),
            postgres_ctx(settings.database_url.get_secret_value()),
            valkey_ctx(settings.redis_url.get_secret_value()),
            keys_ctx(lambda app: KeyStore(app[POOL], sealer_of(settings), app[discovery.KEY_RING], new_id)),
            audit_ctx(lambda app: app[discovery.KEY_RING], settings.public_url, _keeping(settings), clock),
            _ears_ctx(settings),
            _flows_ctx(settings, clock),
            cleaning_ctx(settings, clock),
        ]
    )
    return app


def _keeping(settings: Settings) -> Keeping:
    return Keeping(settings.audit_keep_days, settings.audit_refusals_per_minute)


def sealer_of(settings: Settings) -> Sealer:
    """What seals this service's secrets at rest."""
    return Sealer(parse_keys(settings.key_encryption_key.get_secret_value()))


def _flows_ctx(settings: Settings, clock: Clock) -> Callable[[web.Application], AsyncIterator[None]]:
    async def ctx(app: web.Application) -> AsyncIterator[None]:
        pool = HashPool(settings.hashes_each, settings.hash_queue)
        watch_hashing(app[METERS], pool)
        parts = Parts(World(app, settings, pool, clock, new_id, os.urandom, secrets.token_urlsafe))
        app[sign_in.REGISTER] = parts.register
        app[sign_in.LOGIN] = parts.login
        app[token.EXCHANGE] = parts.exchange
        app[credentials.PACE] = parts.pace
        app[token.REFRESH] = parts.refresh
        app[tokens.REVOKE] = parts.revoke
        app[tokens.INTROSPECT] = parts.introspect
        app[token.ISSUE_SERVICE_GRANT] = parts.issue_service_grant
        app[credentials.AUTHENTICATE] = parts.authenticate
        app[credentials.RECOGNISE_SERVICE] = parts.recognise_service
        app[passwords.CHANGE_PASSWORD] = parts.change_password
        app[passwords.RENEW_PASSWORD] = parts.renew_password
        app[bearer.READ_TOKEN] = parts.read_token
        app[sessions.END_SESSIONS] = parts.end_sessions
        announcing = repeated(parts.announce, parts.bell.wait, "ended_sessions_not_announced")
        async with beside(announcing, DisavowalEars(app[VALKEY], parts.heed_disavowal).listen()):
            yield
        pool.close()

    return ctx


def _ears_ctx(settings: Settings) -> Callable[[web.Application], AsyncIterator[None]]:
    async def ctx(app: web.Application) -> AsyncIterator[None]:
        ears = EndedEars(app[VALKEY], timedelta(seconds=settings.access_ttl), settings.followers)
        app[ended.ENDED], app[LAST_HEARD] = ears, lambda: ears.place
        listening = asyncio.create_task(ears.listen())

        async def let_followers_go(_app: web.Application) -> None:
            await stopped(listening)
            ears.stop()
            await app[OPEN_STREAMS].end()

        # When the process drains: followers would otherwise hold it until its patience ends.
        app.on_shutdown.append(let_followers_go)
        yield
        await stopped(listening)

    return ctx
