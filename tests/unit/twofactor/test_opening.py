"""Opening a challenge: one at a time, written down before it is sent, and no trace left when it cannot be sent."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from services.twofactor.model.challenge import Status
from services.twofactor.model.channel import Channel, Delivery, Unavailable
from services.twofactor.model.errors import (
    AccountUnknown,
    ChallengePending,
    ChannelUnavailable,
    FactorUnknown,
    LoginFinished,
    NoFactor,
    ProviderUnavailable,
    TooManyChallenges,
)
from services.twofactor.model.factor import Phone
from tests.fakes.twofactor_world import TwoFactor


async def test_a_push_says_what_to_compare_and_carries_the_way_back():
    world = TwoFactor(service_name="Acme", logo_url="https://acme.example/logo.png")
    partial = await world.person()
    challenge = await world.open(partial)
    request = world.provider.pushes[challenge.reference].request
    assert request.message == "Sign in to Acme?"
    assert request.details == {
        "Service": "Acme",
        "Place": "not known",
        "Network": "203.0.113.7",
        "Browser": "Firefox on Linux",
        "Time": "2 January 2026, 03:04 UTC",
    }
    assert request.hidden_details == {"challenge": challenge.id, "login": partial.login}
    assert request.logo_url == "https://acme.example/logo.png"


async def test_a_push_never_outlives_its_challenge():
    world = TwoFactor(challenge_ttl=120)
    challenge = await world.open(await world.person())
    assert world.provider.pushes[challenge.reference].request.seconds_to_expire == 120


async def test_a_challenge_never_outlives_the_login_it_is_for():
    world = TwoFactor(challenge_ttl=120)
    partial = await world.person()
    world.clock.advance(seconds=260)
    challenge = await world.open(partial)
    assert challenge.expires_at == partial.expires_at
    assert world.provider.pushes[challenge.reference].request.seconds_to_expire == 40


@pytest.mark.parametrize(
    ("channel", "delivery"), [("sms", "sent"), ("voice", "sent"), ("app", "none"), ("push", "push")]
)
async def test_each_channel_says_what_was_done(channel, delivery):
    world = TwoFactor()
    challenge = await world.open(await world.person(), channel)
    assert (challenge.channel, challenge.delivery) == (channel, delivery)


async def test_a_text_that_was_held_back_says_open_your_app():
    world = TwoFactor()
    world.provider.hold_texts_back()
    partial = await world.person()
    challenge = await world.open(partial, "sms")
    assert challenge.delivery is Delivery.OPEN_APP
    assert (await world.show(partial, challenge)).delivery is Delivery.OPEN_APP


async def test_a_factor_is_chosen_by_its_id():
    world = TwoFactor()
    partial = await world.person()
    await world.enrol_another(world.session(partial.subject), Phone(44, "7700900456"))
    second = (await world.enrolments.of_user(partial.subject))[1]
    challenge = await world.open(partial, factor_id=f"sms-{second.id}")
    assert (challenge.factor_id, challenge.name) == (f"sms-{second.id}", "+44 ... 56")
    assert challenge.account == second.account


@pytest.mark.parametrize("factor_id", ["push-00000000-0000-4000-8000-00000000dead", "push", "", "fax-1", "push-\x00"])
async def test_no_such_factor(factor_id):
    world = TwoFactor()
    partial = await world.person()
    with pytest.raises(FactorUnknown):
        await world.open(partial, channel=None, factor_id=factor_id or "-")


async def test_another_persons_factor_is_no_factor():
    world = TwoFactor()
    mine, theirs = await world.person(), await world.person(Phone(44, "7700900999"))
    enrolment = await world.enrolment(theirs.subject)
    with pytest.raises(FactorUnknown):
        await world.open(mine, factor_id=f"push-{enrolment.id}")
    assert world.provider.pushes == {}


async def test_without_a_phone_there_is_nothing_to_ask():
    world = TwoFactor()
    with pytest.raises(NoFactor):
        await world.open(world.partial())


async def test_a_second_one_is_refused_by_naming_the_open_one_and_sends_nothing():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial)
    with pytest.raises(ChallengePending) as refused:
        await world.open(partial, "sms")
    assert refused.value.members["challenge_id"] == challenge.id
    assert world.provider.sent == []


async def test_of_ten_tabs_that_ask_at_once_one_push_goes_out():
    world = TwoFactor()
    partial = await world.person()
    outcomes = await asyncio.gather(*(world.open(partial) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(outcome, ChallengePending) for outcome in outcomes) == 9
    assert len(world.provider.pushes) == 1


async def test_after_the_time_is_up_one_may_ask_again():
    world = TwoFactor(challenge_ttl=60)
    partial = await world.person()
    first = await world.open(partial)
    world.clock.advance(seconds=70)
    second = await world.open(partial)
    assert second.id != first.id
    assert (await world.show(partial, first)).status is Status.EXPIRED


async def test_cancelled_means_one_may_ask_again_but_not_for_ever():
    world = TwoFactor(challenges_per_login=3)
    partial = await world.person()
    for _ in range(3):
        await world.cancel(partial, await world.open(partial))
    with pytest.raises(TooManyChallenges):
        await world.open(partial)
    assert len(world.provider.pushes) == 3
    await world.open(world.partial(partial.subject))  # another login of the same person


async def test_a_login_that_was_used_asks_nobody_any_more():
    world = TwoFactor()
    partial = await world.person()
    await world.approve(await world.open(partial))
    await world.receipt(partial)
    with pytest.raises(LoginFinished):
        await world.open(partial)


async def test_while_authy_is_away_nothing_stays_open_and_the_other_ways_are_named():
    world = TwoFactor()
    partial = await world.person()
    world.provider.fail("push", ProviderUnavailable(), times=1)
    with pytest.raises(ProviderUnavailable) as refused:
        await world.open(partial)
    assert [factor["channel"] for factor in refused.value.members["factors"]] == ["app", "sms", "voice"]
    assert refused.value.retry_after
    latest = await world.challenges.latest(partial.login)
    assert (latest.status, latest.reason) == (Status.CANCELLED, "provider_unavailable")
    assert (await world.open(partial)).status is Status.PHONE_MISSING


async def test_a_channel_that_does_not_work_is_told_with_its_reason_and_the_others():
    world = TwoFactor()
    partial = await world.person()
    await world.factors(partial.subject)
    world.provider.switch_off(Channel.SMS, Unavailable.NUMBER_OPTED_OUT)
    with pytest.raises(ChannelUnavailable) as refused:
        await world.open(partial, "sms")
    members = refused.value.members
    assert (members["channel"], members["reason"]) == ("sms", "number_opted_out")
    assert [factor["channel"] for factor in members["factors"]] == ["push", "app", "voice"]
    listed = {f["channel"]: f["available"] for f in await world.factors(partial.subject)}
    assert listed["sms"] is False, "what was remembered of the channel is forgotten"


async def test_a_phone_the_vendor_lost_is_told_and_leaves_nothing_open():
    world = TwoFactor()
    partial = await world.person()
    world.provider.forget((await world.enrolment(partial.subject)).account)
    with pytest.raises(AccountUnknown):
        await world.open(partial)
    assert (await world.challenges.latest(partial.login)).reason == "account_unknown"


async def test_an_approval_that_was_faster_than_the_vendors_own_answer_stands():
    """The vendor took the request, the person pressed Approve, and only its answer to us was lost."""
    world = TwoFactor()
    partial = await world.person()
    opening = world.provider.hold("push")
    task = asyncio.create_task(world.open(partial))
    await asyncio.sleep(0)
    while not world.challenges.stored:
        await asyncio.sleep(0)
    challenge = await world.challenges.latest(partial.login)
    answer = world.answer_to(challenge, "11111111-1111-4111-8111-111111111111")
    await world.callback(answer)
    world.provider.fail("push", ProviderUnavailable(), times=1)
    opening.set()
    with suppress(ProviderUnavailable):
        await task
    assert (await world.show(partial, challenge)).status is Status.APPROVED


async def test_a_callback_that_outruns_our_own_writing_binds_its_reference():
    world = TwoFactor()
    partial = await world.person()
    opening = world.provider.hold("push")
    task = asyncio.create_task(world.open(partial))
    while not world.challenges.stored:
        await asyncio.sleep(0)
    challenge = await world.challenges.latest(partial.login)
    # The vendor's next reference, which nobody on our side knows yet.
    await world.callback(world.answer_to(challenge, "00000000-0000-4000-8000-000000000001"))
    opening.set()
    assert (await task).status is Status.APPROVED
    assert (await world.show(partial, challenge)).reference == "00000000-0000-4000-8000-000000000001"


async def test_times_are_told_as_they_are():
    world = TwoFactor(challenge_ttl=90)
    challenge = await world.open(await world.person())
    assert challenge.created_at == challenge.updated_at == world.clock()
    assert challenge.expires_at - challenge.created_at == timedelta(seconds=90)


async def test_a_challenge_that_no_operator_would_find_does_not_stand_and_the_next_try_works(monkeypatch):
    world = TwoFactor()
    partial = await world.person()
    with monkeypatch.context() as away:
        away.setattr(world.logins, "note", _away)
        with pytest.raises(ConnectionError):
            await world.open(partial)
    assert (await world.open(partial)).status.is_pending


async def _away(*_args):
    raise ConnectionError
