"""The short way for questions of a proxy of ours, if one of their kind was let on before.

A proxy asks about each request of a page, and about each call of a program, with little else changed. What was let on
is remembered for seconds: the same token, method, host and path. What can change meanwhile is looked at each time:
whether the session has ended, whether that is known, the policy, the clock. What is not known to the letter is judged
as on the ordinary way, and whatever is not plainly let on ends there, which alone refuses.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from chassis.accounting import reference_of
from chassis.front import FRONT, Later
from chassis.lines import Weight
from chassis.remembered import Remembered
from chassis.request import BEGAN, CLIENT_GONE, REFERENCE, REQUEST_ID, WEIGHT
from gateway.api.asked import forwarded_line, nginx_line
from gateway.api.client import peer_of
from gateway.api.ground import NOTHING, UNUSUAL, Ground, Shapes, digest_of, end_of, names_of
from gateway.api.judging import JUDGED, Judge, LineOf
from gateway.api.whole import Whole
from gateway.model.address import is_within
from gateway.model.decision import Decision, Forward
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


@dataclass(frozen=True)
class Face:
    """Where a kind of proxy asks, and how: `words` are its headers for method, host, target and scheme."""

    route: str
    words: Sequence[str]
    line_of: LineOf


class QuickPass:
    """For one face of forward-auth. `judge` is None where all that has to be judged takes the ordinary way."""

    def __init__(self, face: Face, ground: Ground, judge: Judge | None) -> None:
        self.face, self.ground, self.judge = face, ground, judge
        self.method, self.host, self.target, self.scheme = face.words
        required = frozenset(word.lower() for word in face.words) | {"authorization"}
        # A trace shows the whole way.
        self.shapes = Shapes(required, UNUSUAL | {"traceparent"})
        self.passed: Remembered[Key, Passed] = Remembered(KEPT)

    def __call__(self, request: web.BaseRequest) -> Whole | Later | None:
        """204 for whoever is let on; None, at once or in the end, for everybody else."""
        began, ground = time.perf_counter(), self.ground
        if names_of(request.headers) not in self.shapes.known or not is_within(peer_of(request), ground.proxies):
            return None
        key = self._key(request)
        known, until = self.passed.get(key, NOTHING)
        if known is None or not ground.holds(known.policy, known.session, until):
            return None if self.judge is None else self._judged(self.judge, request, key, began)
        request[REQUEST_ID] = reference_of(request)
        request[WEIGHT] = Weight.QUIET
        self._settle(request, 204, began)
        return Whole(204, known.lines)

    def learn(self, request: web.BaseRequest, decision: Forward, policy: Policy, lines: bytes) -> None:
        """Remembers what has just been let on under `policy` on the ordinary way."""
        names = names_of(request.headers)
        if names in self.shapes or (decision.identity is not None and self.shapes.learn(names)):
            self._learn(self._key(request), decision, policy, lines)

    def _learn(self, key: Key, decision: Forward, policy: Policy, lines: bytes) -> None:
        identity = decision.identity
        if identity is None or sum(map(len, key)) > SHORT:
            return
        now = self.ground.clock()
        self.passed.put(key, Passed(policy, identity.session, lines), end_of(decision, identity, now), now)

    async def _judged(self, judge: Judge, request: web.BaseRequest, key: Key, began: float) -> Whole | None:
        reference = request[REQUEST_ID] = reference_of(request)
        REFERENCE.set(reference)
        policy = self.ground.policies.current
        try:
            found: Decision | Exception = await judge.decided(request, self.face.line_of)
            if isinstance(found, Forward):
                lines = judge.told(request, found)
                self._learn(key, found, policy, lines)
                self._settle(request, 204, began)
                return Whole(204, lines)
        except asyncio.CancelledError:
            self._settle(request, CLIENT_GONE, began)
            raise
        except Exception as refusal:  # noqa: BLE001 whatever it is, the ordinary way has the word for it
            found = refusal
        request[BEGAN], request[JUDGED] = began, found
        return None

    def _settle(self, request: web.BaseRequest, status: int, began: float) -> None:
        self.ground.accounts.settle(request, self.face.route, status, time.perf_counter() - began)

    def _key(self, request: web.BaseRequest) -> Key:
        # Each stands there once: that is what a shape promises.
        headers = request.headers
        path = headers[self.target].partition("?")[0]
        return digest_of(request), headers[self.method], headers[self.host], path, headers[self.scheme]


NGINX = web.AppKey("NGINX", QuickPass)
FORWARDED = web.AppKey("FORWARDED", QuickPass)


def put_quick_passes(app: web.Application, ground: Ground, judge: Judge | None) -> None:
    """The two faces whose question has one address."""
    faces = (
        (NGINX, "/authz/auth-request", "X-Original-{}", "URI", nginx_line),
        (FORWARDED, "/authz/forward-auth", "X-Forwarded-{}", "Uri", forwarded_line),
    )
    for key, path, word, target, line_of in faces:
        words = [word.format(name) for name in ("Method", "Host", target, "Proto")]
        app[key] = app[FRONT].at[path] = QuickPass(Face(path, words, line_of), ground, judge)
