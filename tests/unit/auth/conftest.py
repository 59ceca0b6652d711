"""The flows on stores in memory."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from services.auth.crypto.refresh_tokens import HmacRefreshTokens
from services.auth.flows.announce import Announce
from services.auth.flows.begin_login import BeginLogin
from services.auth.flows.change_password import ChangePassword, ConfirmPassword, ReplacePassword
from services.auth.flows.end_sessions import EndSessions
from services.auth.flows.exchange import Exchange, Proof
from services.auth.flows.guard import Guard
from services.auth.flows.heed_disavowal import HeedDisavowal
from services.auth.flows.issue_grant import IssueFirstGrant, IssueGrant
from services.auth.flows.lineage import Lineage
from services.auth.flows.login import Login
from services.auth.flows.new_password import NewPasswords
from services.auth.flows.open_session import DraftSession, Lifetimes, OpenSession
from services.auth.flows.pace import Pace
from services.auth.flows.refresh import Refresh
from services.auth.flows.register import OpenAccount, Register
from services.auth.flows.renew_password import BeginRenewal, RenewPassword
from services.auth.model.caller import Caller
from services.auth.model.grant import ExchangeRequest, Grant, PartialLogin, RefreshRequest
from services.auth.model.limits import Amounts, limits
from services.auth.store.turns import InProcessTurns
from tests.fakes.auth_ids import new_id
from tests.fakes.auth_stores import (
    FakeAnnouncer,
    FakeDevices,
    FakeDisavowals,
    FakeFamilies,
    FakeFeed,
    FakeOutbox,
    FakePasswords,
    FakeSessions,
    FakeStrength,
    FakeUsers,
    RecordedEvents,
)
from tests.fakes.auth_tokens import FakeReader, FakeRenewals, FakeSigner, a_receipt
from tests.fakes.clock import FakeClock
from tests.fakes.limits import FakeLimiter

EMAIL, PASSWORD = "eve@example.com", "wooden-lantern-9-kites"
HERE, THERE = Caller("192.0.2.1", "Firefox"), Caller("198.51.100.7", "curl")
IDLE, WHOLE = timedelta(hours=1), timedelta(hours=24)


# Small, so that a test reaches them soon.
FEW = Amounts(
    login_tries=5,
    login_tries_account=8,
    login_tries_network=20,
    register_tries_network=3,
    registrations_network=30,
    registrations=40,
)


@dataclass
class House:
    """Everything of the service but HTTP and the real stores."""

    clock: FakeClock = field(default_factory=FakeClock)
    users: FakeUsers = field(default_factory=FakeUsers)
    passwords: FakePasswords = field(default_factory=FakePasswords)
    strength: FakeStrength = field(default_factory=FakeStrength)
    events: RecordedEvents = field(default_factory=RecordedEvents)
    signer: FakeSigner = field(default_factory=FakeSigner)
    partials: FakeReader = field(default_factory=FakeReader)
    receipts: FakeReader = field(default_factory=FakeReader)
    announcer: FakeAnnouncer = field(default_factory=FakeAnnouncer)
    feed: FakeFeed = field(default_factory=FakeFeed)

    def __post_init__(self) -> None:
        self.sessions = FakeSessions(self.users, self.events)
        self.families = FakeFamilies(self.sessions)
        self.outbox = FakeOutbox(self.sessions)
        self.tokens = HmacRefreshTokens([bytes(32)], lambda n: new_id().encode()[:n])
        self.limiter, self.limits, devices = FakeLimiter(self.clock), limits(FEW), FakeDevices()
        guard = Guard(self.limiter, self.limits, devices, InProcessTurns(1, 100), InProcessTurns(1, 100))
        self.pace = Pace(self.limiter, self.limits)
        begin = BeginLogin(self.signer, timedelta(minutes=5), self.clock, new_id)
        issue = IssueGrant(self.signer, timedelta(minutes=5), self.clock, new_id)
        self.login = Login(guard, self.users, self.passwords, begin, self.events)
        open_account = OpenAccount(self.users, begin, self.events, self.clock, new_id)
        new_passwords = NewPasswords(self.passwords, self.strength, "Countersign")
        self.register = Register(guard, self.users, new_passwords, open_account)
        draft = DraftSession(self.tokens, Lifetimes(WHOLE, IDLE), self.clock, new_id)
        open_session = OpenSession(self.sessions, draft)
        self.disavowals, self.renewals = FakeDisavowals(self.users, self.sessions), FakeRenewals()
        renewal = BeginRenewal(self.disavowals, self.renewals, self.clock, new_id)
        proof = Proof(self.partials, self.receipts, self.pace)
        self.exchange = Exchange(
            proof, open_session, renewal, IssueFirstGrant(issue, devices), frozenset({"session"}), self.events
        )
        self.renew = RenewPassword(
            renewals=self.renewals,
            users=self.users,
            passwords=new_passwords,
            pool=self.passwords,
            disavowals=self.disavowals,
            sessions=self.sessions,
            draft=draft,
            issue=IssueFirstGrant(issue, devices),
            announcer=self.announcer,
            events=self.events,
            clock=self.clock,
        )
        self.statements = FakeReader()
        self.heed = HeedDisavowal(self.statements, self.disavowals, self.announcer, self.events, self.clock)
        self.end = EndSessions(self.sessions, self.announcer, self.events, self.clock)
        self.announce = Announce(self.outbox, self.feed, timedelta(minutes=5), self.clock)
        confirm = ConfirmPassword(guard, self.passwords, self.events)
        replace = ReplacePassword(self.users, self.announcer, self.events, self.clock)
        self.change_password = ChangePassword(self.users, confirm, new_passwords, replace, self.clock)
        self.refresh = Refresh(Lineage(self.families, self.tokens, IDLE, self.clock), self.pace, self.end, issue)

    async def account(self, email: str = EMAIL) -> PartialLogin:
        return await self.register(email, PASSWORD, HERE)

    async def ask(self, login: PartialLogin, *, receipt: str | None = None) -> ExchangeRequest:
        """An exchange of this login, with its receipt or another text."""
        partial = self.signer.partials[login.mfa_token]
        self.partials.believed[login.mfa_token] = partial
        good = f"receipt for {partial.id}"
        self.receipts.believed.setdefault(good, a_receipt(partial))
        return ExchangeRequest(login.mfa_token, receipt or good, "countersign-gateway", None, HERE)

    def refreshing(self, grant: Grant) -> RefreshRequest:
        return RefreshRequest(grant.refresh_token, "countersign-gateway", None)

    async def session(self) -> Grant:
        return await self.exchange(await self.ask(await self.account(f"{new_id()}@example.com")))


@pytest.fixture
def house() -> House:
    return House()
