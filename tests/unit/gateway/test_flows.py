"""The flows without I/O: waiting, asking, exchanging, keeping a session."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from gateway.flows.authorize import Authorize
from gateway.flows.believe import Believe
from gateway.flows.exchange import Exchange
from gateway.flows.keep_session import KeepSession
from gateway.flows.places import Places
from gateway.flows.read_status import LongPoll, Poll
from gateway.flows.sign_in import SignIn, SignUp
from gateway.flows.stay import Stay
from gateway.flows.waiting import Waiting
from gateway.model import errors
from gateway.model.challenge import News, Status
from gateway.model.client import ClientContext
from gateway.model.code_at_hand import CodeAtHand
from gateway.model.decision import Approach, Forward
from gateway.model.identity import Identity
from gateway.model.policy import Policy, Require, Route
from gateway.model.tokens import Tokens
from gateway.model.visit import Visit
from gateway.store.ears import Ears
from tests.fakes.clock import FakeClock
from tests.fakes.gateway_ended import FakeEnded, FakePolicies, still_open
from tests.fakes.signing_in import FakeCredentials, FakeNews, FakeSecondFactor, FakeVisits

CLIENT = ClientContext("203.0.113.9", "Firefox", "r-1")


class Scene:
    def __init__(self, jitter: float = 0.5) -> None:
        self.clock = FakeClock()
        self.ears = Ears()
        self.phone = FakeSecondFactor(self.clock, FakeNews())
        self.credentials = FakeCredentials(self.clock)
        self.places = Places(2, 3)
        self.waiting = Waiting(self.phone, self.ears, self.places, self.clock, lambda: jitter)

    async def challenge(self, channel: str = "push") -> str:
        self.phone.enrolled = True
        return (await self.phone.open("token", channel=channel, client=CLIENT)).id

    def news(self, challenge: str, status: Status) -> None:
        self.clock.advance(seconds=1)
        self.ears.tell(News(challenge, status, None, self.clock().isoformat()))


async def test_waiting_tells_the_state_then_the_change_then_ends() -> None:
    scene = Scene()
    challenge, seen = await scene.challenge(), []
    async with aclosing(scene.waiting("token", challenge)) as states:
        async for state in states:
            seen.append(state.status)
            if len(seen) == 1:
                scene.news(challenge, Status.APPROVED)
    assert seen == [Status.PENDING, Status.APPROVED]
    assert (scene.places.total, scene.ears.by_challenge) == (0, {})


async def test_half_an_approval_is_news_and_not_the_end() -> None:
    scene = Scene()
    challenge, seen = await scene.challenge(), []
    async with aclosing(scene.waiting("token", challenge)) as states:
        async for state in states:
            seen.append((state.status, state.waiting_for, state.document.get("waiting_for")))
            if len(seen) == 1:
                # Within the same second: two states are two, whatever the clock says.
                scene.ears.tell(News(challenge, Status.PENDING, None, scene.clock().isoformat(), ("code",)))
            if len(seen) == 2:
                scene.news(challenge, Status.APPROVED)
    assert [told[:2] for told in seen] == [
        (Status.PENDING, ("phone",)),
        (Status.PENDING, ("code",)),
        (Status.APPROVED, ()),
    ]
    assert [told[2] for told in seen[1:]] == [["code"], []]


async def test_what_happens_while_the_state_is_read_is_heard() -> None:
    scene = Scene()
    challenge = await scene.challenge()
    read = scene.phone.challenge

    async def slowly(token: str, challenge_id: str) -> object:
        state = await read(token, challenge_id)
        scene.news(challenge, Status.DENIED)
        return state

    scene.phone.challenge = slowly
    async with aclosing(scene.waiting("token", challenge)) as states:
        assert [state.status async for state in states] == [Status.PENDING, Status.DENIED]


async def test_a_waiter_that_is_refused_takes_no_place() -> None:
    scene = Scene()
    challenge = await scene.challenge()
    with pytest.raises(errors.ChallengeUnknown):
        await anext(scene.waiting("other", challenge))
    assert (scene.places.total, scene.places.taken, scene.ears.by_challenge) == (0, {}, {})


async def test_places_are_bounded_by_login_and_in_all() -> None:
    places = Places(2, 3)
    with places.take("a"), places.take("a"):
        with pytest.raises(errors.TooManyWaiters), places.take("a"):
            pass
        with places.take("b"), pytest.raises(errors.TooManyWaiters), places.take("c"):
            pass
    assert (places.total, places.taken) == (0, {})


async def test_without_news_the_state_is_read_again_and_an_absence_is_sat_out(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    challenge, pauses = await scene.challenge(), []
    outcomes: list[object] = [errors.PeerUnavailable(), None, None]
    read = scene.phone.challenge

    async def sleep(_ear: object, seconds: float) -> None:
        pauses.append(seconds)

    async def unsteady(token: str, challenge_id: str) -> object:
        if len(pauses) and outcomes:
            outcome = outcomes.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
        state = await read(token, challenge_id)
        return replace(state, status=Status.CANCELLED) if len(pauses) > 4 else state

    monkeypatch.setattr("gateway.store.ears.Ear.next", sleep)
    scene.phone.challenge = unsteady
    async with aclosing(scene.waiting("token", challenge)) as states:
        assert [state.status async for state in states] == [Status.PENDING, Status.CANCELLED]
    assert pauses[:5] == [5, 10, 15, 15, 15]


async def test_a_challenge_is_read_right_after_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    challenge, pauses = await scene.challenge(), []
    scene.clock.advance(seconds=118)

    async def sleep(_ear: object, seconds: float) -> None:
        pauses.append(seconds)
        await scene.phone.cancel("token", challenge)

    monkeypatch.setattr("gateway.store.ears.Ear.next", sleep)
    async with aclosing(scene.waiting("token", challenge)) as states:
        async for _ in states:
            pass
    assert pauses == [2.5]


async def test_a_login_that_is_over_while_it_waits_just_ends() -> None:
    scene = Scene(jitter=0)
    challenge = await scene.challenge()
    async with aclosing(scene.waiting("token", challenge)) as states:
        await anext(states)
        scene.phone.owners[challenge] = "nobody"
        scene.ears.all()[0].tell(None)
        assert [state async for state in states] == []


async def test_a_draining_process_ends_all_waiting() -> None:
    scene = Scene()
    challenge = await scene.challenge()
    async with aclosing(scene.waiting("token", challenge)) as states:
        await anext(states)
        scene.ears.close()
        assert [state async for state in states] == []


async def test_an_ear_holds_the_newest_change_only() -> None:
    ears = Ears()
    async with ears.listen("c") as ear:
        for status in (Status.APPROVED, Status.CONSUMED):
            ears.tell(News("c", status, None, "2026-01-02T03:04:05Z"))
        ears.tell(News("other", Status.DENIED, None, "2026-01-02T03:04:05Z"))
        heard = await ear.next(1)
        assert heard is not None
        assert heard.status is Status.CONSUMED
        assert await ear.next(0.01) is None
    assert ears.by_challenge == {}


@dataclass
class FakePace:
    resting: set[str] = field(default_factory=set)
    rests: list[float] = field(default_factory=list)

    async def is_too_soon(self, key: str) -> bool:
        soon = key in self.resting
        self.resting.add(key)
        return soon

    async def rest(self, key: str, seconds: float) -> None:
        self.rests.append(seconds)


async def test_polls_keep_their_pace_each_for_itself() -> None:
    scene, pace = Scene(), FakePace()
    challenge = await scene.challenge()
    poll = Poll(scene.phone, pace)
    assert (await poll("token", challenge)).status is Status.PENDING
    with pytest.raises(errors.PolledTooSoon):
        await poll("token", challenge)
    with pytest.raises(errors.ChallengeUnknown):
        await poll("other", challenge)
    assert 1 < pace.rests[0] < 2


async def test_a_long_poll_waits_no_longer_than_asked() -> None:
    scene = Scene()
    challenge = await scene.challenge()
    state = await LongPoll(scene.waiting, scene.clock)("token", challenge, 0.02)
    assert state.status is Status.PENDING
    assert (scene.places.total, scene.ears.by_challenge) == (0, {})


async def test_signing_up_survives_a_refused_phone_and_signing_in_leads_back() -> None:
    scene = Scene()
    scene.phone.refuses_phone = True
    begun = await SignUp(scene.credentials, scene.phone)("e@e.example", "password", CLIENT, ("44", "1"))
    assert (begun.status, type(begun.enrolment)) == ("enrolment_required", errors.PhoneRefused)
    begun = await SignIn(scene.credentials, scene.phone)("e@e.example", "password", CLIENT)
    assert begun.status == "enrolment_required"
    scene.phone.enrolled = True
    assert (await SignIn(scene.credentials, scene.phone)("e@e.example", "password", CLIENT)).status == "mfa_required"


async def test_an_exchange_carries_the_receipt_from_one_to_the_other() -> None:
    scene = Scene()
    challenge = await scene.challenge("app")
    with pytest.raises(errors.ApprovalPending):
        await Exchange(scene.phone, scene.credentials)("token", CLIENT)
    await scene.phone.answer("token", challenge, "1234567")
    assert (await Exchange(scene.phone, scene.credentials)("token", CLIENT)).access_token == "access of token"


async def test_a_code_at_hand_is_one_step_and_a_wrong_one_leaves_the_login_as_it_was() -> None:
    scene = Scene()
    scene.phone.enrolled, exchange = True, Exchange(scene.phone, scene.credentials)
    with pytest.raises(errors.InvalidCode) as wrong:
        await exchange.with_code("token", CodeAtHand("0000000", "app"), CLIENT)
    assert (wrong.value.tries_left, scene.credentials.spent) == (2, set())
    tokens = await exchange.with_code("token", CodeAtHand("1234567", "app"), CLIENT)
    assert (tokens.access_token, len(scene.phone.challenges)) == ("access of token", 1)


async def test_a_code_that_was_right_needs_no_second_look_when_auth_was_away() -> None:
    scene = Scene()
    scene.phone.enrolled, exchange = True, Exchange(scene.phone, scene.credentials)
    scene.credentials.away = True
    with pytest.raises(errors.PeerUnavailable):
        await exchange.with_code("token", CodeAtHand("1234567"), CLIENT)
    scene.credentials.away = False
    assert (await exchange.with_code("token", CodeAtHand("0000000"), CLIENT)).access_token == "access of token"


async def test_somebody_else_s_knowledge_of_the_password_is_due_with_a_code_too() -> None:
    scene = Scene()
    scene.phone.enrolled = True
    scene.credentials.disavowed.add("ana@example.com")
    with pytest.raises(errors.NewPasswordDue):
        await Exchange(scene.phone, scene.credentials).with_code(
            "partial 1 of ana@example.com", CodeAtHand("1234567"), CLIENT
        )


class Refresher(FakeCredentials):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.refreshes = 0
        self.over = False

    async def refresh(self, refresh_token: str) -> Tokens:
        self._require_here()
        await asyncio.sleep(0.01)
        if self.over:
            raise errors.GrantRefused
        self.refreshes += 1
        return Tokens("fresh", "next", 300, self.clock() + timedelta(seconds=300))


async def signed_in(clock: FakeClock, visits: FakeVisits, seconds: float = 300) -> str:
    return await visits.save(Visit().with_session(Tokens("old", "first", 300, clock() + timedelta(seconds=seconds))))


async def test_a_session_is_refreshed_once_however_many_ask_and_whoever_gives_up() -> None:
    clock, visits = FakeClock(), FakeVisits()
    credentials = Refresher(clock)
    keep = KeepSession(visits, credentials, clock)
    cookie = await signed_in(clock, visits, 20)
    impatient = asyncio.create_task(keep(cookie))
    await asyncio.sleep(0)
    others = [asyncio.create_task(keep(cookie)) for _ in range(20)]
    await asyncio.sleep(0)
    impatient.cancel()
    assert {(await other).tokens.access_token for other in others} == {"fresh"}
    assert (credentials.refreshes, keep.running) == (1, {})
    assert (await visits.load(cookie)).tokens.refresh_token == "next"


async def test_a_session_that_is_over_signs_the_browser_out() -> None:
    clock, visits = FakeClock(), FakeVisits()
    credentials = Refresher(clock)
    credentials.over = True
    cookie = await signed_in(clock, visits, 20)
    assert not (await KeepSession(visits, credentials, clock)(cookie)).is_signed_in
    assert await visits.load(cookie) == Visit()


async def test_while_auth_is_away_a_living_token_serves_and_a_dead_one_does_not() -> None:
    clock, visits = FakeClock(), FakeVisits()
    credentials = Refresher(clock)
    credentials.away = True
    keep, cookie = KeepSession(visits, credentials, clock), await signed_in(clock, visits, 20)
    assert (await keep(cookie)).tokens.access_token == "old"
    clock.advance(seconds=20)
    with pytest.raises(errors.PeerUnavailable):
        await keep(cookie)


@dataclass
class FakeTokens:
    clock: FakeClock
    reads: int = 0
    withdrawn: set[str] = field(default_factory=lambda: {"bad"})

    async def read(self, text: str) -> Identity:
        self.reads += 1
        if text in self.withdrawn:
            raise errors.AccessTokenRefused
        return Identity(text, f"s-{text}", "aal2", (), self.clock(), self.clock() + timedelta(seconds=300))


async def test_a_belief_ends_with_its_token_and_its_memory_is_bounded() -> None:
    clock = FakeClock()
    tokens = FakeTokens(clock)
    believe = Believe(tokens, still_open(clock), 3)
    for _ in range(5):
        await believe("a", clock())
    assert tokens.reads == 1
    clock.advance(seconds=300)
    await believe("a", clock())
    assert tokens.reads == 2
    for name in "bcdefg":
        await believe(name, clock())
    assert len(believe.verdicts) == 3


async def test_a_token_whose_key_was_withdrawn_is_not_believed_for_as_long_as_it_says_itself() -> None:
    """With a stolen key an attacker signs a token that lives for years, and shows it before anybody notices."""
    clock = FakeClock()
    tokens = FakeTokens(clock)
    believe = Believe(tokens, still_open(clock), 10)
    await believe("forged", clock())
    clock.advance(seconds=59)
    await believe("forged", clock())
    tokens.withdrawn.add("forged")
    clock.advance(seconds=1)
    with pytest.raises(errors.AccessTokenRefused):
        await believe("forged", clock())


def authorize(clock: FakeClock, visits: FakeVisits) -> Authorize:
    policy = Policy(
        [Route("/app", "http://up", "app", Require.AAL2), Route("/open", "http://up", "o", Require.ANONYMOUS)]
    )
    believe = Believe(FakeTokens(clock), still_open(clock), 10)
    return Authorize(FakePolicies(policy), believe, KeepSession(visits, Refresher(clock), clock), clock)


async def test_a_bad_token_is_not_made_good_by_a_cookie() -> None:
    clock, visits = FakeClock(), FakeVisits()
    decide, cookie = authorize(clock, visits), await signed_in(clock, visits)
    with pytest.raises(errors.AccessTokenRefused):
        await decide(Approach("GET", "/app", bearer="bad", cookie=cookie))
    decision = await decide(Approach("GET", "/app", cookie=cookie))
    assert isinstance(decision, Forward)
    assert decision.identity is not None
    assert decision.identity.subject == "old"
    assert (await decide(Approach("GET", "/open", bearer="bad"))).identity is None


async def test_an_open_connection_ends_with_its_session() -> None:
    clock, visits = FakeClock(), FakeVisits()
    decide, cookie, slept = authorize(clock, visits), await signed_in(clock, visits, 100), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds=seconds)
        if len(slept) == 4:
            await visits.end(cookie)

    approach = Approach("GET", "/app", cookie=cookie, is_own=True, is_socket=True)
    await Stay(decide, FakeEnded(on_wait=sleep), clock)(approach, (await decide(approach)).identity)
    assert len(slept) == 4
    assert max(slept) <= 60
