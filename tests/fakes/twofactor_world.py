"""twofactor's flows over fakes, wired as `app.py` wires them, with helpers that read like a login."""

import itertools
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from chassis.announcing import Bell
from countersign import AccessToken, PartialToken
from services.twofactor.api import callbacks, challenges, disavowals, factors, operators, receipts
from services.twofactor.crypto.binding_codes import KeyedCodes
from services.twofactor.flows.begin_totp import BegunTotp
from services.twofactor.flows.choose_factor import Choice
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.receive_callback import Letter
from services.twofactor.flows.reset_factors import FactorsReset
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel
from services.twofactor.model.context import Context
from services.twofactor.model.factor import Enrolment, Phone
from services.twofactor.model.limits import Amounts, limits
from services.twofactor.model.provider import PushAnswer, PushStatus
from services.twofactor.model.receipt import IssuedReceipt, ReceiptFacts
from services.twofactor.phones import calling_codes
from services.twofactor.settings import Settings
from services.twofactor.vendor import Vendor
from services.twofactor.wiring import READ_AT_END, wire
from services.twofactor.world import World, pace_of
from tests.fakes.clock import FakeClock
from tests.fakes.limits import FakeLimiter
from tests.fakes.provider import FakeCallbackReader, FakeProvider, fake_callback
from tests.fakes.twofactor_kinds import App, vendor_free
from tests.fakes.twofactor_stores import (
    FakeChallenges,
    FakeDisavowals,
    FakeEnrolments,
    FakeLogins,
    FakePushEnds,
    FakePushPaces,
    FakeReceipts,
    FakeSeenMarks,
    FakeStateCache,
    FakeTurns,
    RecordedEvents,
)

PHONE = Phone(44, "7700900123")
NUMBER = "Number to type"
CONTEXT = Context("Firefox on Linux", "203.0.113.7")
SETTINGS: dict[str, Any] = {
    "public_url": "https://id.example.com",
    "database_url": "postgresql://unused",
    "redis_url": "redis://unused",
    "auth_url": "http://127.0.0.1:1",
    "key_encryption_key": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
    "authy_api_key": "an-api-key-for-tests",
}


class CountedIds:
    """Ids that a test can foretell: UUIDs that count."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self) -> str:
        return str(UUID(int=(4 << 76) | (2 << 62) | next(self._numbers)))


class PlainSigner:
    """Implements `ports.ReceiptSigner`: every call signs another text, as ES256 does."""

    def __init__(self) -> None:
        self.signed: list[ReceiptFacts] = []

    def sign(self, facts: ReceiptFacts) -> str:
        self.signed.append(facts)
        return f"receipt {len(self.signed)} for {facts.id}"


class Pending:
    """Implements `ports.Background`: the test decides when."""

    def __init__(self) -> None:
        self.works: list[Coroutine[Any, Any, None]] = []

    def __call__(self, work: Coroutine[Any, Any, None]) -> None:
        self.works.append(work)

    def __del__(self) -> None:
        for work in self.works:
            work.close()

    async def run(self) -> None:
        works, self.works = self.works, []
        for work in works:
            await work


class TwoFactor:
    """The service without HTTP, servers or time of its own. Pushes want no code, unless `push_binding="prompt"`."""

    def __init__(self, *, store: Any = None, clock: FakeClock | None = None, **settings: Any) -> None:
        configured = Settings(**{**SETTINGS, "push_binding": "none", **settings})
        self.clock, self.new_id = clock or FakeClock(), CountedIds()
        self.limiter = FakeLimiter(self.clock)
        self.provider = FakeProvider()
        self.challenges = store or FakeChallenges()
        self.logins = FakeLogins()
        self.enrolments = FakeEnrolments()
        self.seen, self.signer, self.background = FakeSeenMarks(), PlainSigner(), Pending()
        self.cache, self.events = FakeStateCache(self.clock), RecordedEvents()
        self.receipts = FakeReceipts(self.enrolments, self.events)
        self.paces, self.disavowals, self.bell = FakePushPaces(), FakeDisavowals(), Bell()
        self.ends = FakePushEnds()
        self.codes = KeyedCodes([b"K" * 32])
        self.own = vendor_free(self.enrolments, self.clock)
        world = World(
            challenges=self.challenges,
            guard=Guard(self.limiter, limits(Amounts.of(configured)), calling_codes(configured.served)),
            logins=self.logins,
            paces=self.paces,
            ends=self.ends,
            enrolments=self.enrolments,
            receipts=self.receipts,
            disavowals=self.disavowals,
            announcer=self.bell,
            seen=self.seen,
            turns=FakeTurns(self.clock),
            cache=self.cache,
            signer=self.signer,
            codes=self.codes,
            events=self.events,
            vendor=Vendor(self.provider, FakeCallbackReader()),
            vendor_free=self.own,
            background=self.background,
            clock=self.clock,
            new_id=self.new_id,
        )
        self.app, self.pace = web.Application(), pace_of(world, configured)
        self.kinds = wire(self.app, world, configured)

    # People and their tokens.

    def partial(self, user: str | None = None, *, minutes: float = 5, device: str = "") -> PartialToken:
        """A password was right: a new login of `user`, on a `device` of theirs or anywhere else."""
        now = self.clock()
        return PartialToken(
            subject=user or self.new_id(),
            id=self.new_id(),
            login=self.new_id(),
            email="eve@example.com",
            issued_at=now,
            expires_at=now + timedelta(minutes=minutes),
            device=device,
        )

    def session(self, user: str, *, age_seconds: float = 0, acr: str = "aal2") -> AccessToken:
        """A session whose second factor was confirmed `age_seconds` ago."""
        now = self.clock()
        return AccessToken(
            subject=user,
            id=self.new_id(),
            session=self.new_id(),
            client_id="test",
            scope=frozenset(),
            acr=acr,
            amr=("pwd", "swk", "mca", "mfa"),
            authenticated_at=now - timedelta(seconds=age_seconds),
            expires_at=now + timedelta(minutes=5),
        )

    async def person(self, phone: Phone = PHONE) -> PartialToken:
        """Somebody with an enrolled phone, in a new login."""
        partial = self.partial()
        await self.enrol_first(partial, phone)
        return partial

    # The verbs.

    async def enrol_first(self, partial: PartialToken, phone: Phone = PHONE) -> None:
        await self.app[factors.ENROL_PHONE](partial, phone, CONTEXT)

    async def enrol_another(self, session: AccessToken, phone: Phone) -> None:
        await self.app[factors.ENROL_PHONE](session, phone, CONTEXT)

    async def begin_totp(self, person: PartialToken | AccessToken) -> BegunTotp:
        return await self.app[factors.BEGIN_TOTP](person, CONTEXT)

    async def confirm_totp(self, person: PartialToken | AccessToken, begun: BegunTotp | str, code: str) -> bool:
        """Whether it confirmed the login too."""
        id_ = begun if isinstance(begun, str) else begun.id
        enrolment = await self.app[factors.CONFIRM_TOTP](person, id_, code)
        return await self.app[factors.CONFIRM_LOGIN](person, enrolment, CONTEXT)

    async def add_app(self, person: PartialToken | AccessToken) -> App:
        """An authenticator app, enrolled; its first code is used up, so time has gone on since."""
        begun = await self.begin_totp(person)
        app = App(begun.secret, self.clock)
        await self.confirm_totp(person, begun, app.code())
        self.clock.advance(seconds=30)
        return app

    async def person_with_app(self) -> tuple[PartialToken, App]:
        """Somebody with an app and no phone, in a new login."""
        partial = self.partial()
        app = await self.add_app(partial)
        return self.partial(partial.subject), app

    async def recovery_codes(self, session: AccessToken) -> Sequence[str]:
        return await self.app[factors.NEW_CODES](session)

    async def reset(self, user: str) -> FactorsReset:
        return await self.app[operators.RESET](user, "eve@example.com", "lost phone")

    async def factors(self, user: str) -> list[dict[str, object]]:
        return [factor.shown() for factor in await self.app[factors.LIST](self.partial(user))]

    async def remove(self, session: AccessToken, factor_id: str) -> None:
        await self.app[factors.REMOVE](session, factor_id)

    async def enrolment(self, user: str) -> Enrolment:
        return (await self.enrolments.of_user(user))[0]

    async def open(
        self, partial: PartialToken, channel: str | None = "push", factor_id: str | None = None
    ) -> Challenge:
        choice = Choice(factor_id=factor_id) if factor_id else Choice(channel=Channel(channel))
        return await self.app[challenges.OPEN](partial, choice, CONTEXT)

    async def show(self, partial: PartialToken, challenge: Challenge | str) -> Challenge:
        id_ = challenge if isinstance(challenge, str) else challenge.id
        return await self.app[challenges.SHOW](partial, id_)

    async def answer(self, partial: PartialToken, challenge: Challenge, code: str) -> Challenge:
        return await self.app[challenges.ANSWER](partial, challenge.id, code)

    async def cancel(self, partial: PartialToken, challenge: Challenge) -> None:
        await self.app[challenges.CANCEL](partial, challenge.id)

    async def callback(self, answer: PushAnswer, *, proof: str = "once") -> None:
        headers, body = fake_callback(answer, proof=proof)
        await self.app_callback(headers=headers, body=body)

    async def app_callback(self, *, headers: dict[str, str], body: bytes) -> None:
        await self.app[callbacks.RECEIVE](Letter("POST", headers, body), CONTEXT)

    def answer_to(self, challenge: Challenge, reference: str) -> PushAnswer:
        """An approval whose reference only the vendor knows yet."""
        hidden = {"challenge": challenge.id, "login": challenge.login}
        return PushAnswer(reference, challenge.account, PushStatus.APPROVED, hidden)

    async def disavow(self, session: AccessToken) -> None:
        await self.app[disavowals.DISAVOW].by_session(session)

    async def look_at_ends(self) -> None:
        """What goes on by itself, every second."""
        await self.app[READ_AT_END]()

    async def receipt(self, partial: PartialToken) -> IssuedReceipt:
        return await self.app[receipts.ISSUE](partial)

    async def at_hand(
        self, partial: PartialToken, code: str, channel: str | None = None, factor_id: str | None = None
    ) -> IssuedReceipt:
        """A code in place of challenge, answer and receipt."""
        choice = Choice(factor_id, Channel(channel) if channel else None)
        return await self.app[receipts.CODE_AT_HAND](partial, code, choice, CONTEXT)

    # The phone.

    def number(self, challenge: Challenge) -> str:
        """What the push says is to be typed."""
        return self.provider.pushes[challenge.reference].request.details[NUMBER]

    async def approve(self, challenge: Challenge, *, proof: str = "") -> None:
        """The person presses Approve and the callback arrives."""
        self.provider.approve(challenge.reference)
        await self.callback(self.provider.answer_of(challenge.reference), proof=proof or f"of {challenge.id}")

    async def deny(self, challenge: Challenge, *, proof: str = "") -> None:
        self.provider.deny(challenge.reference)
        await self.callback(self.provider.answer_of(challenge.reference), proof=proof or f"of {challenge.id}")
