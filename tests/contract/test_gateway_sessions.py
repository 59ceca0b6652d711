"""Browser sessions: the real store and the one of the pages' tests keep the same promises."""

import base64
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.valkey import connect
from gateway.model.tokens import PartialLogin, Tokens
from gateway.model.visit import Visit
from gateway.ports import BrowserSessions
from gateway.store.browser_sessions import ValkeySessions
from gateway.store.remembered_sessions import RememberedSessions
from tests.fakes.clock import FakeClock
from tests.fakes.signing_in import FakeVisits

CLOCK = FakeClock()
TOKENS = Tokens("access", "refresh", 300, CLOCK() + timedelta(minutes=5), "a b")
PARTIAL = PartialLogin("partial", "u-1", 300, CLOCK() + timedelta(minutes=5))


@pytest.fixture(params=["fake", "valkey", "remembered"])
async def sessions(request: pytest.FixtureRequest, valkey_url: str) -> AsyncIterator[BrowserSessions]:
    redis = connect(valkey_url)
    real = ValkeySessions(redis, os.urandom, timedelta(hours=8))
    yield {"fake": FakeVisits(), "valkey": real, "remembered": RememberedSessions(real, CLOCK, 2)}[request.param]
    await redis.aclose()


async def test_a_visit_comes_back_as_it_was_saved(sessions: BrowserSessions) -> None:
    visit = replace(
        Visit().with_login(PARTIAL, "eve@example.com").with_challenge("c-1"), return_to="/app", notice="hello"
    )
    cookie = await sessions.save(visit)
    assert await sessions.load(cookie) == replace(visit, cookie=cookie)


async def test_an_unknown_cookie_is_an_empty_visit(sessions: BrowserSessions) -> None:
    for cookie in (None, "", "x", "A" * 43, "é" * 43):
        assert await sessions.load(cookie) == Visit()


async def test_a_known_visit_keeps_its_id_and_a_new_privilege_takes_a_new_one(sessions: BrowserSessions) -> None:
    first = await sessions.save(Visit(return_to="/a"))
    known = await sessions.load(first)
    assert await sessions.save(replace(known, return_to="/b")) == first
    assert (await sessions.load(first)).return_to == "/b"
    second = await sessions.save((await sessions.load(first)).with_login(PARTIAL, "eve@example.com"))
    third = await sessions.save((await sessions.load(second)).with_session(TOKENS))
    assert len({first, second, third}) == 3
    assert await sessions.load(first) == await sessions.load(second) == Visit()
    assert (await sessions.load(third)).tokens == TOKENS


async def test_an_ended_visit_is_gone_and_saving_it_late_brings_nothing_back(sessions: BrowserSessions) -> None:
    cookie = await sessions.save(Visit().with_session(TOKENS))
    late = await sessions.load(cookie)
    await sessions.end(cookie)
    assert await sessions.load(cookie) == Visit()
    await sessions.save(replace(late, return_to="/late"))
    await sessions.renew(cookie, TOKENS)
    assert await sessions.load(cookie) == Visit()
    await sessions.end(cookie)


async def test_a_refresh_and_a_step_saved_beside_it_do_not_undo_each_other(sessions: BrowserSessions) -> None:
    cookie = await sessions.save(Visit().with_session(TOKENS))
    stale = await sessions.load(cookie)
    fresh = replace(TOKENS, refresh_token="refresh-2")
    await sessions.renew(cookie, fresh)
    await sessions.save(replace(stale, return_to="/step"))
    visit = await sessions.load(cookie)
    assert (visit.tokens, visit.return_to) == (fresh, "/step")


async def test_a_cookie_holds_256_bits_of_the_system_s_chance(valkey_url: str) -> None:
    asked: list[int] = []

    def random(amount: int) -> bytes:
        asked.append(amount)
        return os.urandom(amount)

    redis = connect(valkey_url)
    store = ValkeySessions(redis, random, timedelta(hours=8))
    cookies = {await store.save(Visit(email="eve@example.com")) for _ in range(20)}
    assert asked.count(32) == len(cookies) == 20
    assert {len(base64.urlsafe_b64decode(cookie + "=")) for cookie in cookies} == {32}
    await redis.aclose()
