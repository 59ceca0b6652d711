"""Whatever is refreshed, replayed, stolen or ended, in whatever order and at once: memory and PostgreSQL obey one model."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chassis.limits import Window
from services.auth.crypto.refresh_tokens import HmacRefreshTokens
from services.auth.flows.end_sessions import EndSessions
from services.auth.flows.issue_grant import IssueGrant
from services.auth.flows.lineage import Lineage
from services.auth.flows.pace import Pace
from services.auth.flows.read_token import ReadToken
from services.auth.flows.refresh import Refresh
from services.auth.model.caller import Caller
from services.auth.model.email import parse_email
from services.auth.model.errors import InvalidGrant
from services.auth.model.events import What
from services.auth.model.family import GRACE, Family
from services.auth.model.grant import Grant, RefreshRequest
from services.auth.model.limits import limits
from services.auth.model.session import ACR, End, Proofs, Session
from services.auth.model.user import User
from services.auth.store.families import PostgresFamilies
from services.auth.store.sessions import PostgresSessions
from services.auth.store.users import PostgresUsers
from tests.fakes.auth_ids import new_email, new_id
from tests.fakes.auth_stores import FakeAnnouncer, FakeFamilies, FakeSessions, FakeUsers, RecordedEvents
from tests.fakes.auth_tokens import FakeReader, FakeSigner
from tests.fakes.clock import FakeClock
from tests.fakes.limits import FakeLimiter
from tests.unit.auth.conftest import FEW

CLIENT, SCOPE, AMR = "countersign-gateway", frozenset({"session"}), ("pwd", "otp", "mfa")
IDLE, WHOLE = timedelta(hours=1), timedelta(hours=3)


class RefreshMachine(RuleBasedStateMachine):
    """One session. The model: the tokens in order, when the newest came, and whether the session stands."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock, self.events, self.signer = FakeClock(), RecordedEvents(), FakeSigner()
        self.tokens = HmacRefreshTokens([bytes(32)], lambda n: new_id().encode()[:n])
        self.pool: Any = None
        self.run(self.build())

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def build(self) -> None:
        users: Any
        if self.url:
            self.pool = await asyncpg.create_pool(self.url, min_size=1, max_size=8)
            users, self.sessions = PostgresUsers(self.pool), PostgresSessions(self.pool, self.events)
            families: Any = PostgresFamilies(self.pool)
        else:
            users = FakeUsers()
            self.sessions = FakeSessions(users)  # type: ignore[assignment]
            families = FakeFamilies(self.sessions)  # type: ignore[arg-type]
        self.user = User(new_id(), parse_email(new_email()), "a hash", self.clock())
        await users.add(self.user)
        self.end = EndSessions(self.sessions, FakeAnnouncer(), self.events, self.clock)
        issue = IssueGrant(self.signer, timedelta(minutes=5), self.clock, new_id)
        self.refresh = Refresh(Lineage(families, self.tokens, IDLE, self.clock), self.pace(), self.end, issue)
        self.read = ReadToken(FakeReader(), self.tokens, self.sessions, families, self.clock)

    def pace(self) -> Pace:
        """Never in the way: twenty-five steps of many tabs are more than a minute has room for (see `test_limits`)."""
        table = limits(FEW)
        unhurried = replace(table.refresh_session, windows=(Window(10_000, timedelta(minutes=1)),))
        return Pace(FakeLimiter(self.clock), replace(table, refresh_session=unhurried))

    @initialize()
    def sign_in(self) -> None:
        now = self.clock()
        self.session = Session(
            new_id(), self.user.id, CLIENT, SCOPE, AMR, now, now, now, now + WHOLE, Caller("192.0.2.1", "Firefox")
        )
        family_id = new_id()
        text, digest = self.tokens.first(family_id)
        family = Family(family_id, 0, digest, now, now + IDLE, now + WHOLE)
        assert self.run(self.sessions.open(self.session, Proofs(new_id(), new_id(), now), family))
        self.known, self.rotated_at, self.is_open, self.reuses = [text], now, True, 0

    @property
    def is_alive(self) -> bool:
        now: datetime = self.clock()
        return self.is_open and now < self.rotated_at + IDLE and now < self.session.opened_at + WHOLE

    async def ask(self, token: str, **changes: Any) -> Grant | None:
        try:
            return await self.refresh(replace(RefreshRequest(token, CLIENT, None), **changes))
        except InvalidGrant:
            return None

    def took(self, grant: Grant) -> None:
        """The model after the newest was refreshed."""
        self.known.append(grant.refresh_token)
        self.rotated_at = self.clock()

    @rule()
    def use_the_newest(self) -> None:
        alive = self.is_alive
        grant = self.run(self.ask(self.known[-1]))
        assert (grant is not None) == alive
        if grant:
            assert grant.refresh_token not in self.known
            self.took(grant)

    @rule(tabs=st.integers(2, 8))
    def use_the_newest_in_many_tabs_at_once(self, tabs: int) -> None:
        alive = self.is_alive

        async def all_at_once() -> list[Grant | None]:
            return await asyncio.gather(*(self.ask(self.known[-1]) for _ in range(tabs)))

        grants = self.run(all_at_once())
        assert all((grant is not None) == alive for grant in grants)
        if alive:
            assert len({grant.refresh_token for grant in grants}) == 1
            self.took(grants[0])

    @precondition(lambda self: len(self.known) > 1)
    @rule()
    def replay_the_parent(self) -> None:
        alive, in_time = self.is_alive, self.clock() - self.rotated_at <= GRACE
        grant = self.run(self.ask(self.known[-2]))
        if alive and in_time:
            assert grant is not None
            assert grant.refresh_token == self.known[-1]
        else:
            assert grant is None
            self.betrayed(alive)

    @precondition(lambda self: len(self.known) > 2)
    @rule(data=st.data())
    def steal_an_older_one(self, data: st.DataObject) -> None:
        alive = self.is_alive
        assert self.run(self.ask(data.draw(st.sampled_from(self.known[:-2])))) is None
        self.betrayed(alive)

    def betrayed(self, was_alive: bool) -> None:
        if was_alive:
            self.is_open = False
            self.reuses += 1
        assert self.events.whats().count(What.REFRESH_REUSED) == self.reuses

    @precondition(lambda self: len(self.known) > 2)
    @rule()
    def thief_and_owner_at_the_same_moment(self) -> None:
        """Whatever comes first: afterwards nobody holds a session with a token that two parties know."""
        alive = self.is_alive

        async def both() -> list[Grant | None]:
            return await asyncio.gather(self.ask(self.known[-1]), self.ask(self.known[0]))

        owner, thief = self.run(both())
        assert thief is None
        if owner:
            # Not kept: who is first is chance, and the steps that follow must not hang on it.
            assert self.run(self.read.find_refresh(owner.refresh_token)) is None
        if alive:
            self.is_open = False
            self.reuses += 1

    @rule(other=st.sampled_from(["reports", "", "countersign"]))
    def another_client_brings_it(self, other: str) -> None:
        assert self.run(self.ask(self.known[-1], client_id=other)) is None

    @rule()
    def sign_out(self) -> None:
        ended = self.run(self.end.one(self.user.id, self.session.id, End.SIGNED_OUT))
        assert ended == (self.is_open and self.clock() < self.session.opened_at + WHOLE)
        self.is_open = False

    @rule(seconds=st.sampled_from([1, 9, 10, 11, 60, 1200, 3599, 3600, 7200]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @invariant()
    def exactly_the_newest_is_live(self) -> None:
        if not hasattr(self, "known"):
            return
        live = [token for token in self.known[-4:] if self.run(self.read.find_refresh(token))]
        assert live == ([self.known[-1]] if self.is_alive else [])

    @invariant()
    def nothing_was_raised(self) -> None:
        for token in self.signer.accesses.values():
            assert (token.acr, token.amr, token.scope) == (ACR, AMR, SCOPE)
            assert (token.session, token.subject) == (self.session.id, self.user.id)
            assert token.authenticated_at == self.session.authenticated_at
            assert token.expires_at <= self.session.expires_at

    def teardown(self) -> None:
        if self.pool is not None:
            self.run(self.pool.close())
        self.loop.close()


@pytest.mark.parametrize("store", ["memory", "postgres"])
def test_refreshing_obeys_the_model(request: pytest.FixtureRequest, store: str) -> None:
    url = request.getfixturevalue("postgres").url("auth") if store == "postgres" else ""
    machine = type("Machine", (RefreshMachine,), {"url": url})
    examples = 25 if url else 150
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
