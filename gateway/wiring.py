"""What stands outside the flows, handed to them: peers, stores and keys, each where the handlers find it."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from aiohttp import web

from chassis.clock import Clock
from chassis.metered import KEYS_AGE
from chassis.meters import METERS
from chassis.outbound import HTTP
from chassis.valkey import VALKEY
from countersign import CALLER, PARTIAL, JwksCache, Verifier
from countersign.claims import ACCESS_AUDIENCE, PARTIAL_AUDIENCE
from gateway.api import keys
from gateway.crypto.access_tokens import AccessTokenReader
from gateway.flows.authorize import Authorize
from gateway.flows.believe import Believe
from gateway.flows.exchange import Exchange
from gateway.flows.keep_session import KeepSession
from gateway.flows.places import Places
from gateway.flows.read_status import LongPoll, Poll
from gateway.flows.sign_in import SignIn, SignUp
from gateway.flows.stay import Stay
from gateway.flows.still_open import StillOpen
from gateway.flows.waiting import Waiting
from gateway.meters import watch_revocations, watch_waiting
from gateway.peers.auth import AuthPeer
from gateway.peers.feed import AuthFeed
from gateway.peers.http import HttpPeer
from gateway.peers.session_check import AuthSessionCheck
from gateway.peers.twofactor import TwofactorPeer
from gateway.ports import Policies
from gateway.settings import Settings
from gateway.store.browser_sessions import ValkeySessions
from gateway.store.ended_sessions import EndedSessions
from gateway.store.news import ChallengeNewsHub
from gateway.store.pace import ValkeyPace
from gateway.store.remembered_sessions import RememberedSessions

VERDICTS_KEPT = 50_000
BROWSERS_KEPT = 10_000


def put_peers(app: web.Application, settings: Settings, clock: Clock) -> None:
    """The peers, word for word and as flows ask them."""
    auth, twofactor = HttpPeer(app[HTTP], settings.auth_url), HttpPeer(app[HTTP], settings.twofactor_url)
    app[keys.FEED] = AuthFeed(app[keys.UPSTREAMS], settings.auth_url)
    app[keys.AUTH], app[keys.TWOFACTOR] = auth, twofactor
    app[keys.CREDENTIALS], app[keys.SECOND_FACTOR] = AuthPeer(auth, clock), TwofactorPeer(twofactor, clock)


def put_login(
    app: web.Application, settings: Settings, hub: ChallengeNewsHub, clock: Clock, jitter: Callable[[], float]
) -> None:
    """The way in."""
    credentials, second_factor = app[keys.CREDENTIALS], app[keys.SECOND_FACTOR]
    places = Places(settings.waiters_per_login, settings.waiters)
    watch_waiting(app, hub, places)
    app[keys.SIGN_IN] = SignIn(credentials, second_factor)
    app[keys.SIGN_UP] = SignUp(credentials, second_factor)
    app[keys.EXCHANGE] = Exchange(second_factor, credentials)
    app[keys.WAITING] = Waiting(second_factor, hub, places, clock, jitter)
    app[keys.POLL] = Poll(second_factor, ValkeyPace(app[VALKEY]))
    app[keys.LONG_POLL] = LongPoll(app[keys.WAITING], clock)


def put_sessions(app: web.Application, settings: Settings, policies: Policies, clock: Clock) -> EndedSessions:
    """Who is in, and who may pass; answers the follower of ended sessions, which has to be run."""
    ended = EndedSessions(
        app[VALKEY], timedelta(seconds=settings.access_ttl), settings.revocations_grace, time.monotonic
    )
    watch_revocations(app, ended, clock)
    check = AuthSessionCheck(HttpPeer(app[HTTP], settings.auth_url, seconds=2))
    still_open = StillOpen(ended, check, settings.without_revocations, clock)
    stored = ValkeySessions(app[VALKEY], os.urandom, timedelta(seconds=settings.session_idle))
    sessions = RememberedSessions(stored, clock, BROWSERS_KEPT)
    app[keys.BROWSER_SESSIONS] = sessions
    app[keys.KEEP_SESSION] = KeepSession(sessions, app[keys.CREDENTIALS], clock)
    believe = Believe(_reader(app, settings, clock), still_open, VERDICTS_KEPT)
    app[keys.AUTHORIZE] = Authorize(policies, believe, app[keys.KEEP_SESSION], clock)
    app[keys.STAY] = Stay(app[keys.AUTHORIZE], ended, clock)
    return ended


def _reader(app: web.Application, settings: Settings, clock: Clock) -> AccessTokenReader:
    issuer, algorithm = settings.public_url, settings.token_algorithm
    jwks = JwksCache(app[HTTP], f"{settings.auth_url}/.well-known/jwks.json", algorithm=algorithm, clock=clock)
    app[METERS].watch_age(KEYS_AGE, clock, auth=lambda: jwks.fetched_at)
    believed = partial(Verifier, issuer=issuer, keys=jwks, algorithm=algorithm, clock=clock)
    return AccessTokenReader(
        access=believed(CALLER, audience=ACCESS_AUDIENCE), partial=believed(PARTIAL, audience=PARTIAL_AUDIENCE)
    )
