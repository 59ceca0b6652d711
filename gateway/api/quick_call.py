"""The short way for a program's call: its token was let on to the same rule a moment ago.

Remembered is who was let on by which rule and what an upstream is told about it, never a path: that is looked at each
time, as are session, policy and clock (`Ground`). Whatever is unusual, streams or fails goes the ordinary way in the
end, which alone refuses; what the upstream has said by then goes along (`BEGUN`), for nothing is asked twice.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from aiohttp import ClientResponse, HttpVersion11, web
from multidict import CIMultiDict
from yarl import URL

from chassis.accounting import reference_of
from chassis.front import Later
from chassis.lines import Weight
from chassis.remembered import Remembered
from chassis.request import BEGAN, CLIENT_GONE, EXTRA, REFERENCE, REQUEST_ID, WEIGHT
from gateway.api.client import peer_of
from gateway.api.forward import headers_of, is_small, read_whole
from gateway.api.ground import NOTHING, Ground, Shapes, digest_of, end_of, names_of
from gateway.api.ours import EVERY_OTHER, Ours
from gateway.api.upstream import said_by_us
from gateway.api.upstreams import BODILESS, Upstreams
from gateway.api.whole import PassedBack
from gateway.model.address import Networks, client_address
from gateway.model.decision import Approach, Forward
from gateway.model.errors import Refusal
from gateway.model.headers import request_headers
from gateway.model.path import require_plain
from gateway.model.policy import Policy, Route, plain_host

# So many pairs of a token and a rule are remembered; of the token only a digest is.
KEPT = 20_000
# What some clients say although HTTP/1.1 means it: names no header.
USUAL = frozenset({"keep-alive", "Keep-Alive"})


@dataclass(frozen=True)
class Begun:
    """What came of a call that began on the short way: the head of an answer, or why there is none."""

    decision: Forward
    outcome: ClientResponse | Refusal


BEGUN: web.RequestKey[Begun] = web.RequestKey("BEGUN", Begun)


@dataclass(frozen=True, slots=True)
class LetOn:
    """Let on under `policy` as `session`; `said` is what the upstream is told about it."""

    policy: Policy
    decision: Forward
    session: str
    said: CIMultiDict[str]
    noted: Mapping[str, object]


class QuickCalls:
    """Calls to upstreams whose answers are small; `trusted` are the proxies in front."""

    def __init__(self, ground: Ground, upstreams: Upstreams, trusted: Networks, ours: Ours) -> None:
        self.ground, self.upstreams, self.trusted, self.ours = ground, upstreams, trusted, ours
        self.shapes = Shapes(frozenset({"authorization", "host"}))
        self.let_on: Remembered[tuple[bytes, int], LetOn] = Remembered(KEPT)

    def __call__(self, request: web.BaseRequest) -> Later | None:
        """The upstream's answer; None, at once or in the end, where the ordinary way has to go on."""
        began = time.perf_counter()
        if not self._is_usual(request):
            return None
        path, _, query = request.raw_path.partition("?")
        route = None if self.ours.has(path) else self._route(path, request)
        known, until = self.let_on.get((digest_of(request), id(route)), NOTHING)
        if route is None or known is None or not self.ground.holds(known.policy, known.session, until):
            return None
        return self._call(request, known, _url(route.target(path, query)), began)

    def learn(self, request: web.Request, approach: Approach, decision: Forward, policy: Policy) -> None:
        """Remembers who has just been let on under `policy`."""
        identity, names = decision.identity, names_of(request.headers)
        if identity is None or approach.bearer is None or not (names in self.shapes or self.shapes.learn(names)):
            return
        now = self.ground.clock()
        ends = end_of(decision, identity, now)
        # By the rule itself, which lives as long as its policy: two rules may have one name.
        place = digest_of(request), id(decision.route)
        said, noted = said_by_us(request.app, decision), {"user": identity.subject}
        self.let_on.put(place, LetOn(policy, decision, identity.session, said, noted), ends, now)

    def _is_usual(self, request: web.BaseRequest) -> bool:
        # Of the methods, those that have no body, and of which none is refused (TRACE, CONNECT).
        if request.method not in BODILESS:
            return False
        headers = request.headers
        if names_of(headers) not in self.shapes.known or headers.get("Connection", "keep-alive") not in USUAL:
            return False
        return request.version == HttpVersion11 and request.keep_alive

    def _route(self, path: str, request: web.BaseRequest) -> Route | None:
        try:
            policy = self.ground.policies.current
            return policy.route_for(require_plain(path), plain_host(request.host), request.method)
        except Refusal:
            return None

    async def _call(self, request: web.BaseRequest, known: LetOn, url: URL, began: float) -> PassedBack | None:
        reference = request[REQUEST_ID] = reference_of(request)
        REFERENCE.set(reference)
        request[WEIGHT], request[EXTRA] = Weight.SAMPLED, known.noted
        try:
            answer = await self.upstreams.ask(request.method, url, self._headers(request, known, reference))
            if not _is_plain(answer):
                _leave(request, Begun(known.decision, answer), began)
                return None
            body = await read_whole(answer)
            passed = PassedBack(answer, headers_of(answer, known.decision), body)
        except Refusal as refusal:
            _leave(request, Begun(known.decision, refusal), began)
            return None
        except asyncio.CancelledError:
            self._settle(request, CLIENT_GONE, began)
            raise
        passed.told["X-Request-ID"] = reference
        self._settle(request, passed.status, began)
        return passed

    def _headers(self, request: web.BaseRequest, known: LetOn, reference: str) -> CIMultiDict[str]:
        given, headers = request.headers, known.said.copy()
        headers.extend(request_headers(given.items()))
        headers["X-Request-ID"] = reference
        claims = tuple(given.getall("X-Forwarded-For", ()))
        headers["X-Forwarded-For"] = client_address(peer_of(request), claims, self.trusted)
        return headers

    def _settle(self, request: web.BaseRequest, status: int, began: float) -> None:
        self.ground.accounts.settle(request, EVERY_OTHER, status, time.perf_counter() - began)


QUICK_CALLS = web.AppKey("QUICK_CALLS", QuickCalls)


def _is_plain(answer: ClientResponse) -> bool:
    """Whether nothing has to be found out or added to pass it back whole."""
    headers = answer.headers
    is_whole = is_small(answer) and 200 <= answer.status != 304
    return is_whole and "Date" in headers and "Content-Type" in headers


def _leave(request: web.BaseRequest, begun: Begun, began: float) -> None:
    """To the ordinary way."""
    request[BEGUN], request[BEGAN] = begun, began


@lru_cache(maxsize=1024)
def _url(target: str) -> URL:
    return URL(target, encoded=True)
