"""Who is who: builds what stands outside the flows, hands it to them, and puts all of it into one application."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from functools import partial
from random import SystemRandom

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from yarl import URL

from chassis.accounting import ACCOUNTS
from chassis.beside import beside
from chassis.bodies import BODY_PROBLEMS
from chassis.clock import Clock, system_clock
from chassis.direct_call import AsItIs
from chassis.front import FRONT
from chassis.open_streams import OPEN_STREAMS
from chassis.openapi_pages import describe
from chassis.outbound import client_ctx
from chassis.problems import oauth_error, refuser
from chassis.process import create_app
from chassis.readiness import add_note, add_readiness
from chassis.tracing import BELIEVES, CALLS
from chassis.valkey import VALKEY, valkey_ctx
from gateway.api import authz, events, feed, keys, socket, status
from gateway.api.client import peer_of
from gateway.api.ground import Ground
from gateway.api.judging import JUDGE, Judge
from gateway.api.ours import Ours
from gateway.api.own_headers import own_headers
from gateway.api.passing import pass_refusals
from gateway.api.proxy import forward_the_rest, proxy
from gateway.api.quick_call import QUICK_CALLS, QuickCalls
from gateway.api.quick_pass import put_quick_passes
from gateway.api.surroundings import surroundings
from gateway.api.upstreams import SILENT_SECONDS, Upstreams
from gateway.crypto.assertion_keys import parse_assertion_keys
from gateway.crypto.assertions import Assertions
from gateway.described import SURFACE
from gateway.model.address import Networks, is_within
from gateway.model.revocation import Without
from gateway.pages import listening
from gateway.pages.errors import show_errors
from gateway.pages.wiring import add_pages
from gateway.problems import PROBLEMS, nginx_refusal
from gateway.routes import api_routes
from gateway.settings import Settings
from gateway.store.ended_sessions import EndedSessions
from gateway.store.news import ChallengeNewsHub
from gateway.store.policy_file import PolicyFile
from gateway.wiring import put_login, put_peers, put_sessions

# They end with their client: what streams, and what begins nothing that would have to be finished.
STREAMS = frozenset(
    {
        proxy, events.events, socket.socket, status.status, listening.events, feed.ended,
        authz.auth_request, authz.forward_auth, authz.ext_authz,
    }
)  # fmt: skip
# Kept open between requests for so long: common servers close after five seconds, and a request that meets the closing
# cannot be repeated unless it is idempotent.
UPSTREAM_IDLE = 4.0
Context = Callable[[web.Application], AsyncIterator[None]]


class RevocationsAway(Exception):
    """The stream of ended sessions is away, and the setting is to let nobody in without it."""


def build_app(settings: Settings, clock: Clock = system_clock) -> web.Application:
    """The gateway; raises `PolicyFault` and OSError for a policy that cannot be used."""
    policies = PolicyFile(settings.policy_file)
    refuse = refuser(
        {**BODY_PROBLEMS, **PROBLEMS}, formats={"/oauth2/": oauth_error, "/authz/auth-request": nginx_refusal}
    )
    app = create_app([surroundings(STREAMS, pass_refusals(refuse), show_errors)])
    _put_settings(app, settings)
    app[keys.ASSERTIONS] = Assertions(
        f"{settings.public_url}/gateway",
        parse_assertion_keys(settings.assertion_key.get_secret_value()),
        clock,
        partial(secrets.token_hex, 16),
    )
    app.add_routes(api_routes())
    describe(app, SURFACE)
    app.on_response_prepare.append(own_headers(app[keys.PUBLIC_URL].scheme))
    app.on_shutdown.append(_send_waiters_away)
    app.cleanup_ctx.extend(
        [valkey_ctx(settings.redis_url), client_ctx(limit=500), _upstreams_ctx, _flows_ctx(settings, policies, clock)]
    )
    add_pages(app, settings.service_name, policies, clock, lambda: secrets.token_urlsafe(32))
    forward_the_rest(app)
    return app


def _put_settings(app: web.Application, settings: Settings) -> None:
    public = URL(settings.public_url)
    app[keys.PUBLIC_URL] = public
    app[keys.ORIGIN] = str(public.origin())
    trusted = app[keys.TRUSTED_PROXIES] = Networks(settings.trusted_proxies)
    app[BELIEVES] = lambda request: is_within(peer_of(request), trusted)
    app[keys.FORWARD_AUTH_PROXIES] = Networks(settings.forward_auth_proxies)
    app[keys.DRAINING] = asyncio.Event()
    app[keys.UPSTREAM_SECONDS] = settings.upstream_seconds


async def _upstreams_ctx(app: web.Application) -> AsyncIterator[None]:
    """The client for upstreams: bodies pass as they are, cookies are nobody's, the pool has no limit of its own."""
    async with ClientSession(
        timeout=ClientTimeout(total=None, connect=10, sock_connect=2, sock_read=SILENT_SECONDS),
        connector=TCPConnector(limit=0, keepalive_timeout=UPSTREAM_IDLE),
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        trace_configs=app[CALLS],
        request_class=AsItIs,
    ) as session:
        app[keys.UPSTREAMS] = session
        app[keys.CALL_UPSTREAMS] = Upstreams(session, app[keys.UPSTREAM_SECONDS])
        yield


def _flows_ctx(settings: Settings, policies: PolicyFile, clock: Clock) -> Context:
    async def ctx(app: web.Application) -> AsyncIterator[None]:
        jitter = SystemRandom().random
        hub = ChallengeNewsHub(app[VALKEY], jitter)
        put_peers(app, settings, clock)
        put_login(app, settings, hub, clock, jitter)
        ended = put_sessions(app, settings, policies, clock)
        app[keys.NEWS], app[keys.ENDED] = hub, ended
        _put_short_ways(app, Ground(app[keys.FORWARD_AUTH_PROXIES], policies, ended, clock, app[ACCOUNTS]))
        _tell_readiness(app, settings.without_revocations, ended, policies)
        async with beside(hub.run(), ended.run(), policies.follow()):
            await ended.catch_up()
            yield

    return ctx


def _put_short_ways(app: web.Application, ground: Ground) -> None:
    judge = app[JUDGE] = Judge(app[keys.AUTHORIZE], app[keys.ASSERTIONS], ground.proxies)
    # Where traces are wanted, whatever has to be judged and every call has its span: that is the ordinary way's.
    put_quick_passes(app, ground, None if app[CALLS] else judge)
    ours = Ours(app.router.resources())
    app[QUICK_CALLS] = QuickCalls(ground, app[keys.CALL_UPSTREAMS], app[keys.TRUSTED_PROXIES], ours)
    app[FRONT].passing = None if app[CALLS] else app[QUICK_CALLS]


def _tell_readiness(app: web.Application, without: Without, ended: EndedSessions, policies: PolicyFile) -> None:
    async def check() -> None:
        if without is Without.REFUSE and not ended.is_current:
            raise RevocationsAway

    add_readiness(app, "revocations", check)
    add_note(app, "revocations", lambda: "" if ended.is_current else f"the stream is away: {without}")
    add_note(app, "policy", lambda: policies.note)


async def _send_waiters_away(app: web.Application) -> None:
    """Whoever waits here asks another process; what was being answered is answered."""
    app[keys.NEWS].close()
    app[keys.DRAINING].set()
    await app[OPEN_STREAMS].end()
