"""The short way for a question answered a moment ago: the same token, method, host and path, from a proxy of ours.

A proxy asks about each request of a page, and about each call of a program, with little else changed. What was let on
is remembered for seconds, and only what was let on: whatever is not known to the letter goes the ordinary way, which
alone refuses. What can change meanwhile is looked at each time: whether the session has ended, whether that is known,
the policy, the clock.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from chassis.accounting import reference_of
from chassis.front import FRONT
from chassis.lines import Weight
from chassis.remembered import Remembered
from chassis.request import REQUEST_ID, WEIGHT
from gateway.api.client import peer_of
from gateway.api.ground import NOTHING, UNUSUAL, Ground, Shapes, digest_of, end_of, names_of
from gateway.api.whole import Whole
from gateway.model.address import is_within
from gateway.model.decision import Forward
from gateway.model.policy import Policy

# So many questions are remembered, of at most this length; of the token only a digest is.
KEPT, SHORT = 20_000, 512
Key = tuple[bytes, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Passed:
    """Let on under `policy` as `session`, to be told `lines`."""

    policy: Policy
    session: str
    lines: bytes


class QuickPass:
    """For one face of forward-auth; `words` are the headers in which it says method, host, target and scheme."""

    def __init__(self, route: str, words: Sequence[str], ground: Ground) -> None:
        self.route, self.ground = route, ground
        self.method, self.host, self.target, self.scheme = words
        # A trace shows the whole way.
        self.shapes = Shapes(frozenset(word.lower() for word in words) | {"authorization"}, UNUSUAL | {"traceparent"})
        self.passed: Remembered[Key, Passed] = Remembered(KEPT)

    def __call__(self, request: web.BaseRequest) -> Whole | None:
        """204 for a question that is known to the letter; None for every other."""
        began, ground = time.perf_counter(), self.ground
        if names_of(request.headers) not in self.shapes.known or not is_within(peer_of(request), ground.proxies):
            return None
        known, until = self.passed.get(self._key(request), NOTHING)
        if known is None or not ground.holds(known.policy, known.session, until):
            return None
        request[REQUEST_ID] = reference_of(request)
        request[WEIGHT] = Weight.QUIET
        ground.accounts.settle(request, self.route, 204, time.perf_counter() - began)
        return Whole(204, known.lines)

    def learn(self, request: web.BaseRequest, decision: Forward, policy: Policy, lines: bytes) -> None:
        """Remembers what has just been let on under `policy`."""
        names = names_of(request.headers)
        if decision.identity is None or not (names in self.shapes or self.shapes.learn(names)):
            return
        key = self._key(request)
        if sum(map(len, key)) > SHORT:
            return
        now = self.ground.clock()
        ends = end_of(decision, decision.identity, now)
        self.passed.put(key, Passed(policy, decision.identity.session, lines), ends, now)

    def _key(self, request: web.BaseRequest) -> Key:
        # Each stands there once: that is what a shape promises.
        headers = request.headers
        path = headers[self.target].partition("?")[0]
        return digest_of(request), headers[self.method], headers[self.host], path, headers[self.scheme]


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
        app[key] = app[FRONT].at[path] = QuickPass(path, words, ground)
