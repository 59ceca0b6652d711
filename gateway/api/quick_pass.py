"""The short way for a question answered a moment ago: the same token, method, host and path, from a proxy of ours.

A proxy asks about each request of a page, and about each call of a program, with little else changed. What was let on
is remembered for seconds, and only what was let on: whatever is not known to the letter goes the ordinary way, which
alone refuses. What can change meanwhile is looked at each time: whether the session has ended, whether that is known,
the policy, the clock.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from aiohttp import web

from chassis.accounting import Accounts, reference_of
from chassis.clock import Clock
from chassis.front import put_quick
from chassis.lines import Weight
from chassis.request import REQUEST_ID, WEIGHT
from gateway.api.approach import Headers
from gateway.api.client import peer_of
from gateway.api.whole import Whole
from gateway.model.address import Networks, is_within
from gateway.model.decision import Forward
from gateway.model.identity import Identity
from gateway.model.policy import Policy
from gateway.ports import EndedSessions, Policies

# An assertion is good for 60 seconds and may be 20 old when it is learned: an upstream has 20 left at least.
LIFE = timedelta(seconds=20)
# So many questions are remembered, of at most this length; of the token only a digest is.
KEPT, SHORT = 20_000, 512
# So many sets of header names.
SHAPES = 256
# Whoever sends one of these is looked at as a whole each time; a trace shows the whole way.
UNUSUAL = frozenset({"cookie", "expect", "content-length", "transfer-encoding", "upgrade", "traceparent"})
Key = tuple[bytes, str, str, str, str]


@dataclass(frozen=True)
class Ground:
    """What a decision stands on, and what can change under it."""

    proxies: Networks
    policies: Policies
    ended: EndedSessions
    clock: Clock
    accounts: Accounts


@dataclass(frozen=True, slots=True)
class Passed:
    """Let on under `policy` as `session`, to be told `lines`, before `until`."""

    policy: Policy
    session: str
    until: datetime
    lines: bytes


class QuickPass:
    """For one face of forward-auth; `words` are the headers in which it says method, host, target and scheme."""

    def __init__(self, route: str, words: Sequence[str], ground: Ground) -> None:
        self.route, self.ground = route, ground
        self.method, self.host, self.target, self.scheme = words
        self.required = frozenset(word.lower() for word in words) | {"authorization"}
        self.passed: dict[Key, Passed] = {}
        self.shapes: set[tuple[str, ...]] = set()

    def __call__(self, request: web.BaseRequest) -> Whole | None:
        """204 for a question that is known to the letter; None for every other."""
        began, ground = time.perf_counter(), self.ground
        if _names(request.headers) not in self.shapes or not is_within(peer_of(request), ground.proxies):
            return None
        known = self.passed.get(self._key(request))
        if known is None or known.policy is not ground.policies.current or ground.clock() >= known.until:
            return None
        if ground.ended.has(known.session) or not ground.ended.is_current:
            return None
        request[REQUEST_ID] = reference_of(request)
        request[WEIGHT] = Weight.QUIET
        ground.accounts.settle(request, self.route, 204, time.perf_counter() - began)
        return Whole(204, known.lines)

    def learn(self, request: web.BaseRequest, decision: Forward, policy: Policy, lines: bytes) -> None:
        """Remembers what has just been let on under `policy`."""
        names = _names(request.headers)
        if decision.identity is None or not (names in self.shapes or self._learn_shape(names)):
            return
        key = self._key(request)
        if sum(map(len, key)) > SHORT:
            return
        if len(self.passed) >= KEPT:
            self.passed.clear()
        until = _until(decision, decision.identity, self.ground.clock())
        self.passed[key] = Passed(policy, decision.identity.session, until, lines)

    def _key(self, request: web.BaseRequest) -> Key:
        # Each stands there once: that is what a shape promises.
        headers = request.headers
        digest = sha256(headers["Authorization"].encode("utf-8", "surrogateescape")).digest()
        path = headers[self.target].partition("?")[0]
        return digest, headers[self.method], headers[self.host], path, headers[self.scheme]

    def _learn_shape(self, names: tuple[str, ...]) -> bool:
        """Whether requests of these names can be known: what matters is there, and nothing unusual."""
        lower = {name.lower() for name in names}
        fits = self.required <= lower and UNUSUAL.isdisjoint(lower)
        if fits and len(self.shapes) < SHAPES:
            self.shapes.add(names)
        return names in self.shapes


NGINX = web.AppKey("NGINX", QuickPass)
FORWARDED = web.AppKey("FORWARDED", QuickPass)


def put_quick_passes(app: web.Application, ground: Ground) -> None:
    """The two faces whose question has one address."""
    faces = (
        (NGINX, "/authz/auth-request", "X-Original-{}", "URI"),
        (FORWARDED, "/authz/forward-auth", "X-Forwarded-{}", "Uri"),
    )
    for key, path, word, target in faces:
        words = [word.format(name) for name in ("Method", "Host", target, "Proto")]
        app[key] = QuickPass(path, words, ground)
        put_quick(app, path, app[key])


def _names(headers: Headers) -> tuple[str, ...]:
    """The names in their order; none if one of them stands there twice (a multidict shows each once)."""
    names = tuple(headers)
    return names if len(names) == len(headers) else ()


def _until(decision: Forward, identity: Identity, now: datetime) -> datetime:
    until = min(identity.expires_at, now + LIFE)
    if decision.route.max_age is None or identity.is_client:
        return until
    return min(until, identity.auth_time + timedelta(seconds=decision.route.max_age))
