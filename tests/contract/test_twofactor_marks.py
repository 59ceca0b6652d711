"""One suite for marks, turns and the vendor's kept word, in memory and in Valkey."""

import asyncio
from datetime import timedelta

import pytest
import redis.asyncio

from services.twofactor.model.channel import Availability, Channel, Unavailable
from services.twofactor.model.factor import Word
from services.twofactor.store.logins import ValkeyLogins
from services.twofactor.store.marks import ValkeySeenMarks, ValkeyTurns
from services.twofactor.store.states import ValkeyStateCache
from tests.fakes.clock import FakeClock
from tests.fakes.twofactor_drafts import a_challenge
from tests.fakes.twofactor_stores import FakeLogins, FakeSeenMarks, FakeStateCache, FakeTurns


@pytest.fixture
async def valkey(valkey_url):
    client = redis.asyncio.Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture(params=["fake", "valkey"])
def real(request):
    return request.getfixturevalue("valkey") if request.param == "valkey" else None


async def test_a_mark_is_seen_once_it_was_added(real):
    seen = ValkeySeenMarks(real) if real else FakeSeenMarks()
    assert not await seen.has("nonce:signature")
    await seen.add("nonce:signature")
    await seen.add("nonce:signature")
    assert await seen.has("nonce:signature")
    assert not await seen.has("nonce:another")


async def test_a_turn_is_taken_by_one(real):
    turns = ValkeyTurns(real) if real else FakeTurns(FakeClock())
    challenge, other = a_challenge(), a_challenge()
    taken = await asyncio.gather(*(turns.take(challenge, timedelta(seconds=3)) for _ in range(10)))
    assert taken.count(True) == 1
    assert await turns.take(other, timedelta(seconds=3))


async def test_a_word_is_kept_and_forgotten(real):
    cache = ValkeyStateCache(real) if real else FakeStateCache(FakeClock())
    word = Word((Availability(Channel.SMS), Availability(Channel.PUSH, Unavailable.APP_NOT_REGISTERED)))
    assert await cache.of("ada") == {}
    await cache.keep("ada", "phone", word, timedelta(seconds=15))
    await cache.keep("ada", "another", Word(None), timedelta(seconds=5))
    await cache.keep("eve", "phone", Word(None), timedelta(seconds=5))
    assert await cache.of("ada") == {"phone": word, "another": Word(None)}
    await cache.keep("ada", "phone", Word(None), timedelta(seconds=5))
    assert await cache.of("ada") == {"phone": Word(None), "another": Word(None)}
    await cache.forget("ada", "another")
    assert await cache.of("ada") == {"phone": Word(None)}


async def test_no_word_outlives_its_time_whatever_is_kept_beside_it(valkey):
    clock = FakeClock()
    fake, real = FakeStateCache(clock), ValkeyStateCache(valkey)
    for cache in (fake, real):
        await cache.keep("ada", "phone", Word(None), timedelta(seconds=5))
        await cache.keep("ada", "another", Word(None), timedelta(seconds=15))
    assert 0 < await valkey.pttl("twofactor:states:ada") <= 5000
    clock.advance(seconds=5)
    assert await fake.of("ada") == {}


async def test_everything_in_valkey_ends_by_itself(valkey):
    await ValkeySeenMarks(valkey).add("x")
    await ValkeyTurns(valkey).take(a_challenge(), timedelta(seconds=3))
    await ValkeyStateCache(valkey).keep("ada", "phone", Word(None), timedelta(seconds=5))
    keys = await valkey.keys("*")
    assert len(keys) == 3
    assert all(key.startswith(b"twofactor:") for key in keys)
    lives = sorted([await valkey.ttl(key) for key in keys])
    assert 0 < lives[0] <= 3
    assert lives[1] <= 5
    assert 10 * 60 < lives[2] <= 11 * 60


async def test_a_word_of_another_version_counts_as_none(valkey):
    for text in (b"x", b'[["fax",null]]', b'[["sms","because"]]', b'[["sms"]]', b"{}", b"7"):
        await valkey.hset("twofactor:states:ada", "phone", text)
        assert await ValkeyStateCache(valkey).of("ada") in ({}, {"phone": Word(())})


async def test_a_person_s_logins_are_known_until_they_are_over(real):
    logins, clock = ValkeyLogins(real) if real else FakeLogins(), FakeClock()
    now = clock()
    await logins.note("ada", "late", now + timedelta(minutes=5), now)
    await logins.note("ada", "early", now + timedelta(minutes=1), now)
    await logins.note("ada", "early", now + timedelta(minutes=1), now)
    await logins.note("eve", "other", now + timedelta(minutes=5), now)
    assert await logins.of_user("ada", now) == ["early", "late"]
    assert await logins.of_user("ada", now + timedelta(minutes=2)) == ["late"]
    assert await logins.of_user("nobody", now) == []


async def test_an_operator_s_word_is_kept_to_the_millisecond_and_replaced_by_the_next(real):
    logins, clock = ValkeyLogins(real) if real else FakeLogins(), FakeClock()
    assert await logins.voided_at("ada") is None
    for minutes in (0, 1):
        said = clock() + timedelta(minutes=minutes, milliseconds=123)
        await logins.void("ada", said)
        assert await logins.voided_at("ada") == said
    assert await logins.voided_at("eve") is None


async def test_what_is_known_of_logins_forgets_itself(valkey):
    logins, now = ValkeyLogins(valkey), FakeClock()()
    await logins.note("ada", "login", now + timedelta(minutes=5), now)
    await logins.void("ada", now)
    keys = await valkey.keys("*")
    assert len(keys) == 2
    lives = [await valkey.pttl(key) for key in keys]
    assert all(0 < life <= 65 * 60 * 1000 for life in lives)
