"""One suite for the challenges in memory and in Valkey: each method one atomic step, none of them knows the rules."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import redis.asyncio

from services.twofactor.model.challenge import Status
from services.twofactor.model.channel import Channel, Delivery
from services.twofactor.model.errors import ChallengePending, TooManyChallenges
from services.twofactor.store.challenges import ValkeyChallenges
from tests.fakes.twofactor_drafts import START, a_challenge, an_id
from tests.fakes.twofactor_stores import FakeChallenges


@pytest.fixture(params=["fake", "valkey"])
async def store(request):
    if request.param == "fake":
        yield FakeChallenges()
        return
    client = redis.asyncio.Redis.from_url(request.getfixturevalue("valkey_url"))
    yield ValkeyChallenges(client)
    await client.aclose()


async def opened(store, **facts):
    challenge = a_challenge(**facts)
    await store.open(challenge, at_most=5)
    return challenge


async def moved(store, challenge, status, *, closes=False, **told):
    after = challenge.moved(status, challenge.updated_at + timedelta(seconds=1), **told)
    assert await store.move(after, expected=challenge.status, closes=closes)
    return after


async def test_what_is_opened_is_found_as_it_was(store):
    challenge = await opened(store, channel=Channel.SMS, login="login_of-another-kind", account="not a number")
    assert await store.by_id(challenge.login, challenge.id) == challenge
    assert await store.latest(challenge.login) == challenge


async def test_where_it_was_opened_is_kept_if_it_is_known(store):
    challenge = await opened(store, opened_in=f"00-{'ab' * 16}-{'cd' * 8}-01")
    assert await store.by_id(challenge.login, challenge.id) == challenge


async def test_opening_it_once_more_after_a_broken_connection_finds_it_open(store):
    challenge = await opened(store)
    await store.open(challenge, at_most=5)
    assert await store.latest(challenge.login) == challenge


async def test_a_challenge_is_found_in_its_own_login_only(store):
    challenge = await opened(store)
    assert await store.by_id(an_id(), challenge.id) is None
    assert await store.by_id(challenge.login, an_id()) is None
    assert await store.latest(an_id()) is None


@pytest.mark.parametrize(
    "text", ["", "*", "a b", "{x}", "x}:open{y", "x:y", "\x00", "é", "٣", "a" * 65, "../x", "a\n", "\ud800"]
)
async def test_a_text_that_cannot_be_an_id_finds_nothing(store, text):
    challenge = await opened(store)
    assert await store.by_id(challenge.login, text) is None
    assert await store.by_id(text, challenge.id) is None
    assert await store.latest(text) is None


async def test_a_login_has_one_place(store):
    first = await opened(store)
    with pytest.raises(ChallengePending) as refused:
        await store.open(a_challenge(login=first.login), at_most=5)
    assert refused.value.members == {"challenge_id": first.id}
    await opened(store)


async def test_of_many_that_open_at_once_one_does(store):
    login = an_id()
    tries = [store.open(a_challenge(login=login), at_most=5) for _ in range(20)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, ChallengePending) for outcome in outcomes) == 19


@pytest.mark.parametrize("status", [Status.DENIED, Status.EXPIRED, Status.CANCELLED])
async def test_what_closes_gives_its_place_free(store, status):
    first = await opened(store)
    await moved(store, first, status, closes=True)
    second = await opened(store, login=first.login)
    assert (await store.latest(first.login)).id == second.id


async def test_what_does_not_close_keeps_its_place(store):
    first = await opened(store)
    approved = await moved(store, first, Status.APPROVED)
    await moved(store, approved, Status.CONSUMED)
    with pytest.raises(ChallengePending):
        await opened(store, login=first.login)


async def test_an_old_challenge_does_not_give_away_the_place_of_the_next(store):
    first = await opened(store)
    cancelled = await moved(store, first, Status.CANCELLED, closes=True)
    second = await opened(store, login=first.login)
    late = replace(cancelled, status=Status.EXPIRED)
    assert await store.move(late, expected=Status.CANCELLED, closes=True)
    with pytest.raises(ChallengePending) as refused:
        await opened(store, login=first.login)
    assert refused.value.members == {"challenge_id": second.id}


async def test_a_login_may_ask_so_often_and_no_more(store):
    login = an_id()
    for _ in range(3):
        challenge = a_challenge(login=login)
        await store.open(challenge, at_most=3)
        await moved(store, challenge, Status.CANCELLED, closes=True)
    with pytest.raises(TooManyChallenges):
        await store.open(a_challenge(login=login), at_most=3)


async def test_a_move_writes_the_new_status_and_its_facts(store):
    challenge = await opened(store)
    denied = await moved(store, challenge, Status.DENIED, reason="declined", closes=True)
    assert await store.by_id(challenge.login, challenge.id) == denied


async def test_a_move_from_another_status_moves_nothing(store):
    challenge = await opened(store)
    approved = await moved(store, challenge, Status.APPROVED)
    late = challenge.moved(Status.CANCELLED, START, reason="person_cancelled")
    assert not await store.move(late, expected=Status.PHONE_MISSING, closes=True)
    assert await store.by_id(challenge.login, challenge.id) == approved
    assert not await store.move(replace(approved, id=an_id()), expected=Status.APPROVED, closes=False)


async def test_of_many_that_consume_at_once_one_does_and_its_text_stands(store):
    challenge = await opened(store)
    approved = await moved(store, challenge, Status.APPROVED)
    texts = [f"receipt {number}" for number in range(20)]
    consumed = [replace(approved.moved(Status.CONSUMED, START), receipt=text) for text in texts]
    moves = [store.move(one, expected=Status.APPROVED, closes=False) for one in consumed]
    outcomes = await asyncio.gather(*moves)
    assert outcomes.count(True) == 1
    stored = await store.by_id(challenge.login, challenge.id)
    assert stored.receipt == texts[outcomes.index(True)]


async def test_a_reference_is_bound_once(store):
    challenge = await opened(store)
    assert await store.bind(challenge, "00000000-0000-4000-8000-000000000001") == "00000000-0000-4000-8000-000000000001"
    assert await store.bind(challenge, "another") == "00000000-0000-4000-8000-000000000001"
    stored = await store.by_id(challenge.login, challenge.id)
    assert (stored.reference, stored.delivery) == ("00000000-0000-4000-8000-000000000001", Delivery.PUSH)
    assert await store.bind(a_challenge(), "another") == "", "nothing is made out of nothing"
    assert await store.latest(an_id()) is None


async def test_a_move_does_not_undo_what_others_wrote_meanwhile(store):
    challenge = await opened(store, channel=Channel.SMS)
    await store.bind(challenge, "reference")
    await store.delivered(challenge, Delivery.OPEN_APP)
    await store.take_try(challenge)
    await moved(store, challenge, Status.APPROVED)
    stored = await store.by_id(challenge.login, challenge.id)
    assert (stored.reference, stored.delivery, stored.tries_left) == ("reference", Delivery.OPEN_APP, 4)


async def test_delivery_is_noted_of_what_exists_only(store):
    ghost = a_challenge()
    await store.delivered(ghost, Delivery.SENT)
    assert await store.by_id(ghost.login, ghost.id) is None


async def test_tries_run_out_and_parallel_ones_are_counted_one_by_one(store):
    challenge = await opened(store, channel=Channel.APP)
    left = await asyncio.gather(*(store.take_try(challenge) for _ in range(30)))
    assert sorted(n for n in left if n is not None) == [0, 1, 2, 3, 4]
    assert (await store.by_id(challenge.login, challenge.id)).tries_left == 0


async def test_only_a_challenge_that_wants_a_code_has_tries(store):
    assert await store.take_try(await opened(store)) is None, "a push without a number"
    challenge = await opened(store, channel=Channel.SMS)
    await moved(store, challenge, Status.APPROVED)
    assert await store.take_try(challenge) is None
    await store.give_try_back(challenge)
    assert (await store.by_id(challenge.login, challenge.id)).tries_left == 5
    assert await store.take_try(a_challenge()) is None


async def test_a_bound_push_has_tries_until_its_code_was_right(store):
    challenge = await opened(store, bound=True, tries_left=3)
    assert (await store.by_id(challenge.login, challenge.id)).bound
    assert await store.take_try(challenge) == 2
    half = await moved(store, challenge, Status.CODE_MISSING)
    assert await store.take_try(half) == 1
    await moved(store, half, Status.PHONE_MISSING)
    assert await store.take_try(half) is None


async def test_a_try_that_nobody_judged_is_given_back(store):
    challenge = await opened(store, channel=Channel.SMS)
    assert await store.take_try(challenge) == 4
    await store.give_try_back(challenge)
    assert await store.take_try(challenge) == 4
