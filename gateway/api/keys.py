"""What the handlers find in the application, put there by app.py."""

import asyncio

from aiohttp import ClientSession, web
from yarl import URL

from gateway.api.upstreams import Upstreams
from gateway.flows.authorize import Authorize
from gateway.flows.exchange import Exchange
from gateway.flows.keep_session import KeepSession
from gateway.flows.read_status import LongPoll, Poll
from gateway.flows.sign_in import SignIn, SignUp
from gateway.flows.stay import Stay
from gateway.flows.waiting import Waiting
from gateway.model.address import Networks
from gateway.peers.feed import AuthFeed
from gateway.ports import (
    Assertions,
    BrowserSessions,
    ChallengeNews,
    Credentials,
    EndedSessions,
    Peer,
)
from gateway.ports_of_second_factor import SecondFactor

AUTH: web.AppKey[Peer] = web.AppKey("AUTH")
TWOFACTOR: web.AppKey[Peer] = web.AppKey("TWOFACTOR")
CREDENTIALS: web.AppKey[Credentials] = web.AppKey("CREDENTIALS")
SECOND_FACTOR: web.AppKey[SecondFactor] = web.AppKey("SECOND_FACTOR")
BROWSER_SESSIONS: web.AppKey[BrowserSessions] = web.AppKey("BROWSER_SESSIONS")
SIGN_IN = web.AppKey("SIGN_IN", SignIn)
SIGN_UP = web.AppKey("SIGN_UP", SignUp)
EXCHANGE = web.AppKey("EXCHANGE", Exchange)
WAITING = web.AppKey("WAITING", Waiting)
POLL = web.AppKey("POLL", Poll)
LONG_POLL = web.AppKey("LONG_POLL", LongPoll)
ORIGIN = web.AppKey("ORIGIN", str)
TRUSTED_PROXIES = web.AppKey("TRUSTED_PROXIES", Networks)
FORWARD_AUTH_PROXIES = web.AppKey("FORWARD_AUTH_PROXIES", Networks)
NEWS: web.AppKey[ChallengeNews] = web.AppKey("NEWS")
FEED = web.AppKey("FEED", AuthFeed)
ENDED: web.AppKey[EndedSessions] = web.AppKey("ENDED")
PUBLIC_URL = web.AppKey("PUBLIC_URL", URL)
KEEP_SESSION = web.AppKey("KEEP_SESSION", KeepSession)
AUTHORIZE = web.AppKey("AUTHORIZE", Authorize)
STAY = web.AppKey("STAY", Stay)
ASSERTIONS: web.AppKey[Assertions] = web.AppKey("ASSERTIONS")
UPSTREAMS = web.AppKey("UPSTREAMS", ClientSession)
CALL_UPSTREAMS = web.AppKey("CALL_UPSTREAMS", Upstreams)
DRAINING = web.AppKey("DRAINING", asyncio.Event)
UPSTREAM_SECONDS = web.AppKey("UPSTREAM_SECONDS", float)

# Marks a request whose answer is an upstream's.
PROXIED = web.RequestKey("PROXIED", bool)
