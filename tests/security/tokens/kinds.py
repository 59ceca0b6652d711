"""One good specimen of everything that anybody is ever given to prove something with, each by the flow that gives it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from chassis.audit.verify import HEAD
from chassis.valkey import VALKEY
from countersign import claims
from countersign.claims import Kind, ServiceToken
from gateway.api import keys
from gateway.crypto import assertions
from gateway.model.tokens import Tokens
from gateway.model.visit import Visit
from services.auth.api.discovery import KEY_RING
from services.auth.crypto.renewal_tokens import RENEWAL
from services.auth.crypto.signer import TokenSigner
from services.auth.model.operating import OPERATOR
from services.twofactor.store.disavowal_feed import STREAM
from tests.fakes.auth_clients import Service, let_in
from tests.fakes.auth_ids import new_email, new_id
from tests.fakes.auth_service import basic
from tests.fakes.three_services import EXCHANGE, ISSUER, House, bearer

# `typ` of everything that is signed anywhere: a kind of token that is not in the collection fails the test.
SIGNED = {
    *(kind.typ for kind in vars(claims).values() if isinstance(kind, Kind)),
    RENEWAL.typ,
    assertions.TYPE,
    HEAD,
}
KINDS = (
    "partial", "receipt", "access", "ended access", "refresh", "renewal", "service", "operator reset",
    "operator void", "assertion", "client assertion", "client secret", "disavowal", "audit head", "browser cookie",
    "device token",
)  # fmt: skip


@dataclass
class Collection:
    """`tokens` by kind, all of the same `person` as far as they are of anybody; `confirmed` is the receipt's login.

    `challenge`, `session`, `factor` and `begun` (an app that lacks its first code) are ids of what the person has.
    """

    house: House
    person: str = ""
    email: str = ""
    service: Service = field(default_factory=lambda: Service("", ""))
    tokens: dict[str, str] = field(default_factory=dict)
    confirmed: str = ""
    challenge: str = ""
    session: str = ""
    factor: str = ""
    begun: str = ""

    async def gather(self) -> "Collection":
        """One of each."""
        self.tokens["renewal"] = await self._renewal()
        await self._meet()
        self.confirmed = await self.house.approved(self.email)
        mine = {"headers": bearer(self.confirmed)}
        receipt = await self.house.done("twofactor", "POST", "/v1/mfa/receipts", **mine)
        self.tokens["receipt"] = receipt["receipt"]
        await self.house.done("gateway", "GET", "/app/x", headers=bearer(self.tokens["access"]))
        self.tokens["assertion"] = self.house.upstream.sent("Countersign-Assertion")[0]
        self.service = await let_in(self.house)
        self.tokens |= await self._of_machines()
        return self

    async def anew(self, kinds: Iterable[str]) -> None:
        """Others of these kinds, which nothing was done with yet."""
        if "renewal" in kinds:
            self.tokens["renewal"] = await self._renewal()
        else:
            await self._meet()
            self.tokens |= await self._of_machines()

    async def _meet(self) -> None:
        """Another person: with a session, a session that has ended, and a login whose challenge waits."""
        house, tokens, self.email = self.house, self.tokens, new_email()
        self.person = await house.sign_up(self.email)
        tokens["ended access"] = ended = (await house.session(self.email))["access_token"]
        await house.done("gateway", "DELETE", "/v1/sessions/current", headers=bearer(ended))
        # The gateway hears of it in a moment.
        await house.app["gateway"][keys.ENDED].wait(session_of(ended), 10)
        session = await house.session(self.email)
        tokens["access"], tokens["refresh"] = session["access_token"], session["refresh_token"]
        tokens["device token"], tokens["browser cookie"] = session["device_token"], await self._cookie(session)
        self.session = session_of(tokens["access"])
        tokens["partial"] = await house.partial(self.email)
        self.challenge = await house.challenge(tokens["partial"])
        mine = {"headers": bearer(tokens["access"])}
        # With codes beside it the phone may go.
        await house.done("gateway", "POST", "/v1/mfa/recovery-codes", **mine)
        self.begun = (await house.done("gateway", "POST", "/v1/mfa/factors", json={"totp": {}}, **mine))["id"]
        factors = await house.done("gateway", "GET", "/v1/mfa/factors", **mine)
        self.factor = factors["factors"][0]["id"]

    async def _cookie(self, session: dict[str, Any]) -> str:
        until = self.house.clock() + timedelta(seconds=session["expires_in"])
        held = Tokens(session["access_token"], session["refresh_token"], session["expires_in"], until)
        visits = self.house.app["gateway"][keys.BROWSER_SESSIONS]
        return str(await visits.save(Visit(email=self.email).with_session(held)))

    async def _renewal(self) -> str:
        """Of somebody who has said that it was not them."""
        house, email = self.house, new_email()
        user = await house.sign_up(email)
        access = (await house.session(email))["access_token"]
        await house.done("gateway", "POST", "/v1/mfa/disavowals", headers=bearer(access))
        self.tokens["disavowal"] = await self._told(user)
        # An approval within the second in which it was said is none.
        house.clock.advance(seconds=2)
        form = {**EXCHANGE, "subject_token": await house.approved(email)}
        status, said = await house.ask("gateway", "POST", "/oauth2/token", data=form)
        assert (status, said["error"]) == (400, "password_change_required")
        return str(said["password_token"])

    async def _told(self, user: str) -> str:
        """The statement that twofactor signed, once auth has heeded it, too."""
        valkey, database = self.house.app["twofactor"][VALKEY], self.house.database
        async with asyncio.timeout(10):
            while not await database.fetchval("SELECT count(*) FROM disavowals WHERE user_id = $1", user):
                await asyncio.sleep(0.01)
        found = await valkey.xrange(STREAM)
        return str(found[-1][1][b"statement"].decode())

    async def _of_machines(self) -> dict[str, str]:
        service = self.service
        given = await self.house.done(
            "auth",
            "POST",
            "/oauth2/token",
            data={"grant_type": "client_credentials"},
            headers=basic(service.id, service.secret),
        )
        return {
            "service": given["access_token"],
            "client secret": service.secret,
            "client assertion": service.assertion(self.house, aud=ISSUER),
            "audit head": self.house.app["auth"][KEY_RING].sign(HEAD, {"iss": ISSUER, "number": 1, "hash": "00"}),
            "operator reset": self._operator(f"factors:reset:{self.person}"),
            "operator void": self._operator(f"logins:void:{self.person}"),
        }

    def _operator(self, scope: str) -> str:
        now: datetime = self.house.clock()
        signer = TokenSigner(self.house.app["auth"][KEY_RING], ISSUER)
        return signer.service(ServiceToken(OPERATOR, new_id(), frozenset({scope}), now + timedelta(minutes=1)), now)


def types(tokens: dict[str, str]) -> set[str]:
    """The `typ` of each that is a JWS."""
    return {str(jwt.get_unverified_header(token).get("typ", "")) for token in tokens.values() if token.count(".") == 2}


def session_of(access: str) -> str:
    """The session that an access token names."""
    return str(jwt.decode(access, options={"verify_signature": False})["sid"])
