"""Who is who: builds what stands outside the flows, hands it to them, and puts all of it into one application."""

import asyncio
import os
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from random import SystemRandom

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from yarl import URL

from chassis.bodies import BODY_PROBLEMS
from chassis.clock import Clock, system_clock
from chassis.outbound import HTTP, client_ctx
from chassis.problems import oauth_error, problem_middleware
from chassis.process import create_app
from chassis.valkey import VALKEY, valkey_ctx
from countersign import PARTIAL, JwksCache, Verifier
from countersign.claims import ACCESS_AUDIENCE, PARTIAL_AUDIENCE
from gateway.api import events, keys, socket, status
from gateway.api.finish import finish_what_was_begun
from gateway.api.own_headers import own_headers
from gateway.api.passing import pass_refusals
from gateway.api.plain_path import plain_path
from gateway.api.proxy import forward_the_rest, proxy
from gateway.crypto.access_tokens import CALLER, AccessTokenReader
from gateway.crypto.assertion_keys import parse_assertion_keys
from gateway.crypto.assertions import Assertions
from gateway.flows.authorize import Authorize
from gateway.flows.believe import Believe
from gateway.flows.exchange import Exchange
from gateway.flows.keep_session import KeepSession
from gateway.flows.places import Places
from gateway.flows.read_status import LongPoll, Poll
from gateway.flows.sign_in import SignIn, SignUp
from gateway.flows.stay import Stay
from gateway.flows.waiting import Waiting
from gateway.model.policy import Policy
from gateway.model.policy_text import read_policy
from gateway.pages import listening
from gateway.pages.errors import error_pages
from gateway.pages.wiring import add_pages
from gateway.peers.auth import AuthPeer
from gateway.peers.http import HttpPeer
from gateway.peers.twofactor import TwofactorPeer
from gateway.problems import PROBLEMS, nginx_refusal
from gateway.routes import api_routes
from gateway.settings import Settings
from gateway.store.browser_sessions import ValkeySessions
from gateway.store.news import ChallengeNewsHub
from gateway.store.pace import ValkeyPace
from gateway.store.policy_file import PolicyFile
from gateway.store.remembered_sessions import RememberedSessions

VERDICTS_KEPT = 50_000
BROWSERS_KEPT = 10_000
# An answer that has begun may pause for so long (an event stream, say) before its upstream is taken for dead.
SILENT_SECONDS = 600.0
STREAMS = frozenset({proxy, events.events, socket.socket, status.status, listening.events})
# Kept open between requests for so long: common servers close after five seconds, and a request that meets the closing
# cannot be repeated unless it is idempotent.
UPSTREAM_IDLE = 4.0
Context = Callable[[web.Application], AsyncIterator[None]]


def build_app(settings: Settings, clock: Clock = system_clock) -> web.Application:
    """The gateway; raises `PolicyFault` and OSError for a policy that cannot be used."""
    policy = read_policy(settings.policy_file.read_text(encoding="utf-8"))
    problems = problem_middleware(
        {**BODY_PROBLEMS, **PROBLEMS}, formats={"/oauth2/": oauth_error, "/authz/auth-request": nginx_refusal}
    )
    app = create_app([finish_what_was_begun(STREAMS), error_pages, problems, plain_path, pass_refusals])
    public = URL(settings.public_url)
    app[keys.PUBLIC_URL] = public
    app[keys.ORIGIN] = str(public.origin())
    app[keys.TRUSTED_PROXIES] = settings.trusted_proxies
    app[keys.FORWARD_AUTH_PROXIES] = settings.forward_auth_proxies
    app[keys.DRAINING] = asyncio.Event()
    app[keys.UPSTREAM_SECONDS] = settings.upstream_seconds
    app[keys.ASSERTIONS] = Assertions(
        f"{settings.public_url}/gateway",
        parse_assertion_keys(settings.assertion_key.get_secret_value()),
        clock,
        lambda: str(uuid.uuid4()),  # noqa: TID251 chance is handed in here
    )
    app.add_routes(api_routes())
    app.on_response_prepare.append(own_headers(public.scheme))
    app.on_shutdown.append(_send_waiters_away)
    app.cleanup_ctx.extend(
        [valkey_ctx(settings.redis_url), client_ctx(limit=500), _upstreams_ctx, _flows_ctx(settings, policy, clock)]
    )
    add_pages(app, settings.service_name, policy.routes, clock, lambda: secrets.token_urlsafe(32))
    forward_the_rest(app)
    return app


async def _upstreams_ctx(app: web.Application) -> AsyncIterator[None]:
    """The client for upstreams: bodies pass as they are, cookies are nobody's, the pool has no limit of its own."""
    async with ClientSession(
        timeout=ClientTimeout(total=None, sock_connect=2, sock_read=SILENT_SECONDS),
        connector=TCPConnector(limit=0, keepalive_timeout=UPSTREAM_IDLE),
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    ) as session:
        app[keys.UPSTREAMS] = session
        yield


def _flows_ctx(settings: Settings, policy: Policy, clock: Clock) -> Context:
    async def ctx(app: web.Application) -> AsyncIterator[None]:
        jitter = SystemRandom().random
        hub = ChallengeNewsHub(app[VALKEY], jitter)
        _put_peers(app, settings, clock)
        _put_login(app, settings, hub, clock, jitter)
        _put_sessions(app, settings, policy, clock)
        follower = asyncio.create_task(hub.run())
        app[keys.NEWS] = hub
        yield
        # redis-py swallows a cancellation while it connects: told again until it has ended.
        while not follower.done():
            follower.cancel()
            await asyncio.wait({follower}, timeout=0.2)

    return ctx


def _put_peers(app: web.Application, settings: Settings, clock: Clock) -> None:
    auth, twofactor = HttpPeer(app[HTTP], settings.auth_url), HttpPeer(app[HTTP], settings.twofactor_url)
    app[keys.AUTH], app[keys.TWOFACTOR] = auth, twofactor
    app[keys.CREDENTIALS], app[keys.SECOND_FACTOR] = AuthPeer(auth, clock), TwofactorPeer(twofactor)


def _put_login(
    app: web.Application, settings: Settings, hub: ChallengeNewsHub, clock: Clock, jitter: Callable[[], float]
) -> None:
    credentials, second_factor = app[keys.CREDENTIALS], app[keys.SECOND_FACTOR]
    places = Places(settings.waiters_per_login, settings.waiters)
    app[keys.SIGN_IN] = SignIn(credentials, second_factor)
    app[keys.SIGN_UP] = SignUp(credentials, second_factor)
    app[keys.EXCHANGE] = Exchange(second_factor, credentials)
    app[keys.WAITING] = Waiting(second_factor, hub, places, clock, jitter)
    app[keys.POLL] = Poll(second_factor, ValkeyPace(app[VALKEY]))
    app[keys.LONG_POLL] = LongPoll(app[keys.WAITING], clock)


def _put_sessions(app: web.Application, settings: Settings, policy: Policy, clock: Clock) -> None:
    jwks = JwksCache(app[HTTP], f"{settings.auth_url}/.well-known/jwks.json", clock=clock)
    issuer = settings.public_url
    reader = AccessTokenReader(
        access=Verifier(CALLER, issuer=issuer, audience=ACCESS_AUDIENCE, keys=jwks, clock=clock),
        partial=Verifier(PARTIAL, issuer=issuer, audience=PARTIAL_AUDIENCE, keys=jwks, clock=clock),
    )
    stored = ValkeySessions(app[VALKEY], os.urandom, timedelta(seconds=settings.session_idle))
    sessions = RememberedSessions(stored, clock, BROWSERS_KEPT)
    app[keys.BROWSER_SESSIONS] = sessions
    app[keys.KEEP_SESSION] = KeepSession(sessions, app[keys.CREDENTIALS], clock)
    app[keys.AUTHORIZE] = Authorize(
        PolicyFile(policy), Believe(reader, clock, VERDICTS_KEPT), app[keys.KEEP_SESSION], clock
    )
    app[keys.STAY] = Stay(app[keys.AUTHORIZE], clock)


async def _send_waiters_away(app: web.Application) -> None:
    """Whoever waits here asks another process; what was being answered is answered."""
    app[keys.NEWS].close()
    app[keys.DRAINING].set()
