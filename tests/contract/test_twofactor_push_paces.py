"""The pace of pushes: the fake and Valkey promise the same."""

import asyncio
from datetime import timedelta

import pytest
import redis.asyncio

from services.twofactor.model.push_pace import PushPace
from services.twofactor.store.push_paces import ValkeyPushPaces
from tests.fakes.twofactor_drafts import START, an_id
from tests.fakes.twofactor_stores import FakePushPaces

LIFE = timedelta(hours=1)


@pytest.fixture(params=["fake", "valkey"])
async def paces(request, valkey_url):
    if request.param == "fake":
        yield FakePushPaces()
        return
    async with redis.asyncio.Redis.from_url(valkey_url) as client:
        yield ValkeyPushPaces(client)


def sending(pace, name):
    return pace.sending(name, START + timedelta(minutes=2))


async def test_nothing_is_remembered_of_who_was_never_asked(paces):
    assert await paces.of(an_id()) == PushPace()


async def test_what_is_kept_comes_back_whole(paces):
    user, pace = an_id(), sending(PushPace(), an_id()).disavowed(START, LIFE)
    assert await paces.replace(user, PushPace(), pace, LIFE)
    assert await paces.of(user) == pace
    assert await paces.of(an_id()) == PushPace()


async def test_who_was_slower_keeps_nothing(paces):
    user, one, other = an_id(), sending(PushPace(), "one"), sending(PushPace(), "other")
    assert await paces.replace(user, PushPace(), one, LIFE)
    assert not await paces.replace(user, PushPace(), other, LIFE)
    assert not await paces.replace(user, other, one, LIFE)
    assert await paces.of(user) == one


async def test_of_many_at_once_one_is_kept(paces):
    user = an_id()
    asked = [paces.replace(user, PushPace(), sending(PushPace(), f"{n}"), LIFE) for n in range(30)]
    assert (await asyncio.gather(*asked)).count(True) == 1


async def test_after_an_approval_one_may_begin_as_if_there_had_been_nothing(paces):
    user, one = an_id(), sending(PushPace(), "one")
    assert await paces.replace(user, PushPace(), one, LIFE)
    assert await paces.replace(user, one, PushPace(), LIFE)
    assert await paces.of(user) == PushPace()
    assert await paces.replace(user, PushPace(), one, LIFE)
    assert await paces.of(user) == one
