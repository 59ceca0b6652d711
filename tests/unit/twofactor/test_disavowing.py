"""It was not me: written down once, pushes pause, and auth is told, whatever dies on the way."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta

import jwt
import pytest

from chassis.dated_ids import dated
from chassis.keyring import KeyRing, new_key
from services.twofactor.api import bearer
from services.twofactor.crypto.disavowals import RingDisavowals
from services.twofactor.flows.announce import Announce
from services.twofactor.model.challenge import Status
from services.twofactor.model.channel import Unavailable
from services.twofactor.model.disavowal import How
from services.twofactor.model.errors import ChannelUnavailable, NotAuthenticated, ReplayedCallback, WrongCode
from tests.fakes.twofactor_world import TwoFactor


async def paused(world, user):
    with pytest.raises(ChannelUnavailable) as refused:
        await world.open(world.partial(user))
    return refused.value.reason, refused.value.retry_after


async def test_a_denial_is_written_down_pauses_pushes_and_rings():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial)
    await world.deny(challenge)
    (said,) = world.disavowals.rows.values()
    assert (said.id, said.user, said.how, said.login) == (challenge.id, partial.subject, How.DENIED, partial.login)
    assert world.bell.rung.is_set()
    assert await paused(world, partial.subject) == (Unavailable.PUSH_PAUSED, 3600)
    assert (await world.open(world.partial(partial.subject), "app")).channel == "app"


async def test_a_login_that_begins_a_moment_after_it_was_said_counts():
    """A token tells its time in whole seconds, its id in thousandths: nobody who signs in at once is turned away."""
    world = TwoFactor()
    partial = await world.person()
    await world.deny(await world.open(partial))
    standing, now = world.app[bearer.REQUIRE_STANDING], world.clock()
    for milliseconds, holds in ((-1, False), (0, False), (1, True)):
        id_ = dated(world.new_id(), now + timedelta(milliseconds=milliseconds))
        began = replace(world.partial(partial.subject), id=id_, issued_at=now.replace(microsecond=0))
        with nullcontext() if holds else pytest.raises(NotAuthenticated):
            await standing(began)


async def test_a_denial_that_was_read_back_counts_as_one_that_was_told():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial)
    world.provider.deny(challenge.reference)
    world.clock.advance(seconds=5)
    await world.show(partial, challenge)
    await world.background.run()
    assert list(world.disavowals.rows) == [challenge.id]


async def test_a_denial_that_comes_twice_is_once_and_lengthens_no_pause():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial)
    await world.deny(challenge, proof="one")
    await world.deny(challenge, proof="two")
    with pytest.raises(ReplayedCallback):
        await world.deny(challenge, proof="two")
    assert len(world.disavowals.rows) == 1
    assert (await paused(world, partial.subject))[1] == 3600


async def test_a_denial_that_comes_after_the_time_was_up_is_one_all_the_same():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial)
    world.clock.advance(seconds=125)
    assert (await world.show(partial, challenge)).status is Status.EXPIRED
    await world.deny(challenge)
    assert list(world.disavowals.rows) == [challenge.id]


async def test_tidying_up_a_request_that_was_taken_back_means_nothing():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial)
    await world.cancel(partial, challenge)
    await world.deny(challenge)
    assert not world.disavowals.rows


async def test_a_denial_of_what_was_approved_means_nothing():
    world = TwoFactor()
    partial = await world.person()
    challenge = await world.open(partial)
    await world.approve(challenge)
    answer = world.answer_to(challenge, challenge.reference)
    await world.callback(type(answer)(**{**vars(answer), "status": "denied"}), proof="late")
    assert not world.disavowals.rows


async def test_wrong_numbers_are_not_the_person_s_word():
    world = TwoFactor(push_binding="prompt")
    partial = await world.person()
    challenge = await world.open(partial)
    for _ in range(3):
        with pytest.raises(WrongCode):
            await world.answer(partial, challenge, "000000")
    assert (await world.show(partial, challenge)).status is Status.DENIED
    assert not world.disavowals.rows


async def test_where_an_operator_says_so_a_denial_only_denies():
    world = TwoFactor(deny_means_not_me=False)
    partial = await world.person()
    challenge = await world.open(partial)
    await world.deny(challenge)
    assert not world.disavowals.rows
    assert await paused(world, partial.subject) == (Unavailable.PUSH_RESTING, 10)
    await world.disavow(world.session(partial.subject))
    assert len(world.disavowals.rows) == 1, "the link says it still"


async def test_from_a_session_it_is_said_once_however_old_the_session():
    world = TwoFactor()
    partial = await world.person()
    session = world.session(partial.subject, age_seconds=9000)
    await world.disavow(session)
    await world.disavow(session)
    (said,) = world.disavowals.rows.values()
    assert (said.id, said.user, said.how) == (session.session, partial.subject, How.SESSION)
    assert await paused(world, partial.subject) == (Unavailable.PUSH_PAUSED, 3600)


@dataclass
class Feed:
    run: str = "first"
    told: list[str] = field(default_factory=list)
    broken: bool = False

    async def life(self) -> str:
        return self.run

    async def add(self, statements: Sequence[str]) -> None:
        if self.broken:
            raise ConnectionError
        self.told += statements


async def told(world, feed):
    ring = KeyRing(world.clock, [new_key("k", world.clock())])
    signer = RingDisavowals(ring, "https://id.example.com/approvals", "https://id.example.com", world.clock)
    return Announce(world.disavowals, signer, feed, world.clock)


async def test_what_is_told_is_a_security_event_token():
    world, feed = TwoFactor(), Feed()
    partial = await world.person()
    challenge = await world.open(partial)
    await world.deny(challenge)
    world.clock.advance(seconds=3)
    await (await told(world, feed))()
    (statement,) = feed.told
    assert jwt.get_unverified_header(statement)["typ"] == "secevent+jwt"
    claims = jwt.decode(statement, options={"verify_signature": False})
    assert (claims["sub"], claims["jti"], claims["txn"]) == (partial.subject, challenge.id, partial.login)
    assert claims["iat"] - claims["toe"] == 3
    assert claims["exp"] - claims["iat"] == timedelta(days=1).total_seconds()
    assert list(claims["events"]) == ["https://schemas.openid.net/secevent/risc/event-type/credential-compromise"]


async def test_what_could_not_be_told_is_told_later_and_what_was_lost_again():
    world, feed = TwoFactor(), Feed(broken=True)
    partial = await world.person()
    await world.deny(await world.open(partial))
    announce = await told(world, feed)
    with pytest.raises(ConnectionError):
        await announce()
    feed.broken = False
    await announce()
    await announce()
    assert len(feed.told) == 1
    feed.run = "another server"
    await announce()
    assert len(feed.told) == 2
    world.clock.advance(days=8)
    feed.run = "a third"
    await announce()
    assert len(feed.told) == 2, "what is a week old concerns nobody any more"
