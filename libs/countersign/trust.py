"""Whom a service believes: one Countersign, by its address. Opened once, for as long as the service lives."""

import re
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar

from countersign.claims import ACCESS, ACCESS_AUDIENCE, ASSERTED, ASSERTION, CALLER
from countersign.client.credentials import ClientCredentials
from countersign.clock import Clock, utc_now
from countersign.feed import FeedOfEnded
from countersign.guard import Guard
from countersign.jwks import JwksCache
from countersign.key_sets import Algorithm
from countersign.revocations import LONGEST_TOKEN_LIFE, Revocations
from countersign.verifier import Verifier

# For calls that say nothing of their own: each of ours does.
PATIENCE = ClientTimeout(total=10)
_NAME = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


class Trusts(Protocol):
    """What middleware takes: `Trust`, or a test's `countersign.testing.Issuer(...).trust(...)`."""

    def open(self) -> AbstractAsyncContextManager[Guard]:
        """The guard, while the context lasts."""
        ...


@dataclass(frozen=True)
class Trust:
    """`Trust("https://id.example.com", name="payments")`.

    issuer        the public address of Countersign: what tokens say in `iss`
    name          this service's name in the gateway's policy. With it the gateway's assertion is believed, too
    address       where keys and the feed are fetched, if not at the issuer (inside a network)
    services      whether services may call in their own name, with tokens of `client_credentials`
    client        this service's credentials. With them ended sessions are refused within a second, else their access
                  tokens live on for minutes
    stale_after   with `client`: how long without news of ended sessions is accepted; None goes on, see `Revocations`
    algorithm     the one way in which access tokens are signed, `assertion_algorithm` the gateway's assertions
    """

    issuer: str
    name: str | None = None
    address: str | None = None
    services: bool = False
    client: ClientCredentials | None = None
    stale_after: timedelta | None = None
    token_life: timedelta = LONGEST_TOKEN_LIFE
    algorithm: Algorithm = "ES256"
    assertion_algorithm: Algorithm = "ES256"
    clock: Clock = utc_now

    def __post_init__(self) -> None:
        if self.name is not None and not _NAME.fullmatch(self.name):
            raise ValueError("a service's name is printable ASCII without space, quote and backslash")
        if self.stale_after is not None and self.client is None:
            raise ValueError("stale_after needs client: without it no feed is followed")

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Guard]:
        """Fetches nothing yet: keys come with the first token, so a service starts while Countersign is away."""
        async with ClientSession(timeout=PATIENCE, cookie_jar=DummyCookieJar()) as http:
            if self.client is None:
                yield self.guard(http)
                return
            ended = Revocations(life=self.token_life, stale_after=self.stale_after, clock=self.clock)
            address = self.address or self.issuer
            async with FeedOfEnded(http, address, self.client, ended, issuer=self.issuer).followed():
                yield self.guard(http, ended)

    def guard(self, http: ClientSession, ended: Revocations | None = None) -> Guard:
        """The same over a session of your own."""
        issuer, address = self.issuer.rstrip("/"), (self.address or self.issuer).rstrip("/")

        def keys(path: str, algorithm: Algorithm) -> JwksCache:
            return JwksCache(http, f"{address}/.well-known/{path}", algorithm=algorithm, clock=self.clock)

        access = Verifier(
            CALLER if self.services else ACCESS,
            issuer=issuer,
            audience=ACCESS_AUDIENCE,
            keys=keys("jwks.json", self.algorithm),
            algorithm=self.algorithm,
            revocations=ended,
            clock=self.clock,
        )
        if self.name is None:
            return Guard(access, clock=self.clock)
        assertion = Verifier(
            ASSERTED if self.services else ASSERTION,
            issuer=f"{issuer}/gateway",
            audience=self.name,
            keys=keys("gateway/jwks.json", self.assertion_algorithm),
            algorithm=self.assertion_algorithm,
            revocations=ended,
            clock=self.clock,
        )
        return Guard(access, assertion, realm=self.name, clock=self.clock)
