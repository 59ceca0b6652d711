"""When pushes run out: the fake and Valkey promise the same."""

import asyncio
from datetime import timedelta

import pytest
import redis.asyncio

from services.twofactor.store.push_ends import LEASE, ValkeyPushEnds
from tests.fakes.twofactor_drafts import a_challenge
from tests.fakes.twofactor_stores import FakePushEnds

INSTANT = timedelta(milliseconds=1)


@pytest.fixture(params=["fake", "valkey"])
async def ends(request, valkey_url):
    if request.param == "fake":
        yield FakePushEnds()
        return
    async with redis.asyncio.Redis.from_url(valkey_url) as client:
        await client.delete("twofactor:push-ends")
        yield ValkeyPushEnds(client)


async def test_it_is_due_when_its_time_is_up_and_not_before(ends):
    challenge = a_challenge()
    await ends.note(challenge)
    assert await ends.take(challenge.expires_at - INSTANT) == []
    assert await ends.take(challenge.expires_at) == [(challenge.login, challenge.id)]


async def test_what_somebody_took_is_nobody_elses_until_he_may_have_died(ends):
    challenge = a_challenge()
    await ends.note(challenge)
    asked = await asyncio.gather(*(ends.take(challenge.expires_at) for _ in range(10)))
    assert sorted(map(len, asked)) == [*([0] * 9), 1]
    assert await ends.take(challenge.expires_at + LEASE - INSTANT) == []
    assert len(await ends.take(challenge.expires_at + LEASE)) == 1


async def test_what_was_looked_at_is_not_looked_at_again(ends):
    challenge, other = a_challenge(), a_challenge()
    for each in (challenge, other):
        await ends.note(each)
    await ends.forget(challenge.login, challenge.id)
    await ends.forget(challenge.login, challenge.id)
    assert await ends.take(challenge.expires_at) == [(other.login, other.id)]


async def test_many_are_taken_in_parts(ends):
    challenges = [a_challenge() for _ in range(50)]
    for each in challenges:
        await ends.note(each)
    parts = [await ends.take(challenges[0].expires_at) for _ in range(4)]
    assert [len(part) for part in parts] == [20, 20, 10, 0]
    assert {each for part in parts for each in part} == {(each.login, each.id) for each in challenges}
