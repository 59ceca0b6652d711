"""It was not me: every session ends, and nothing opens before a new password stands, chosen by who has the factor."""

from dataclasses import replace
from datetime import timedelta

import pytest

from countersign.claims import Disavowal
from countersign.errors import Expired, KeysUnavailable
from services.auth.model.errors import InvalidCredentials, InvalidGrant, NotSignedIn, PasswordRenewalDue, WeakPassword
from services.auth.model.events import What
from services.auth.model.session import End
from tests.fakes.auth_ids import new_id
from tests.unit.auth.conftest import EMAIL, HERE, PASSWORD, House

ANOTHER = "seven lamps under water"


async def said(house: House, user: str, **facts) -> str:
    """A statement of twofactor's, told."""
    statement = f"statement {new_id()}"
    now = house.clock().replace(microsecond=0)
    known = Disavowal(subject=user, id=new_id(), said_at=now, expires_at=now + timedelta(days=1))
    house.statements.believed[statement] = replace(known, **facts)
    await house.heed(statement)
    return statement


def of(house: House, what: What):
    return [event for event in house.events.all if event.what is what]


async def confirmed(house: House, *, after=2):
    """Another login with the old password, approved `after` seconds from now."""
    house.clock.advance(seconds=after)
    login = await house.login(EMAIL, PASSWORD, HERE)
    return await house.ask(login)


async def renewal_of(house: House) -> str:
    with pytest.raises(PasswordRenewalDue) as due:
        await house.exchange(await confirmed(house))
    assert due.value.members["expires_in"] == 600
    return str(due.value.members["password_token"])


@pytest.fixture
async def victim(house: House) -> str:
    """Somebody with a session."""
    login = await house.account()
    await house.exchange(await house.ask(login))
    return login.user_id


async def test_it_ends_every_session_and_tells_the_world(house: House, victim: str):
    await house.exchange(await confirmed(house))
    await said(house, victim)
    assert {row.reason for row in house.sessions.rows.values()} == {End.DISAVOWED}
    assert house.announcer.rung
    assert [event.user for event in of(house, What.PASSWORD_DISAVOWED)] == [victim]


async def test_told_twice_it_is_heard_once(house: House, victim: str):
    statement = await said(house, victim)
    token = await renewal_of(house)
    await house.renew(token, ANOTHER, HERE)
    await house.heed(statement)
    assert [row for row in house.sessions.rows.values() if row.ended_at is None], "the new session stands"
    assert len(of(house, What.PASSWORD_DISAVOWED)) == 1


async def test_what_twofactor_did_not_sign_changes_nothing(house: House, victim: str):
    await house.heed("forged")
    assert all(row.ended_at is None for row in house.sessions.rows.values())
    assert [event.reason for event in of(house, What.STATEMENT_REFUSED)] == ["Malformed"]


async def test_an_old_statement_is_no_news_and_no_alarm(house: House, victim: str):
    house.statements.away = Expired()
    await house.heed("old")
    assert not of(house, What.STATEMENT_REFUSED)


async def test_without_keys_it_is_heard_again_later(house: House, victim: str):
    house.statements.away = KeysUnavailable()
    with pytest.raises(KeysUnavailable):
        await house.heed("statement")


async def test_ids_that_are_none_are_refused(house: House, victim: str):
    await said(house, victim, id="not a uuid")
    assert all(row.ended_at is None for row in house.sessions.rows.values())


async def test_password_and_factor_lead_to_a_new_password_and_not_to_a_session(house: House, victim: str):
    await said(house, victim)
    token = await renewal_of(house)
    assert all(row.ended_at for row in house.sessions.rows.values())
    grant = await house.renew(token, ANOTHER, HERE)
    assert house.signer.accesses[grant.access_token].subject == victim
    assert (await house.login(EMAIL, ANOTHER, HERE)).user_id == victim
    with pytest.raises(InvalidCredentials):
        await house.login(EMAIL, PASSWORD, HERE)


async def test_the_password_alone_chooses_no_new_one(house: House, victim: str):
    await said(house, victim)
    house.clock.advance(seconds=2)
    login = await house.login(EMAIL, PASSWORD, HERE)
    for token in (login.mfa_token, "", "renewal of nobody"):
        with pytest.raises(NotSignedIn):
            await house.renew(token, ANOTHER, HERE)


async def test_an_approval_from_before_it_was_said_opens_nothing_and_chooses_nothing(house: House, victim: str):
    """The attacker's login was approved by mistake; then the person said that it was not them."""
    approved = await confirmed(house)
    await said(house, victim)
    with pytest.raises(InvalidGrant):
        await house.exchange(approved)


async def test_who_was_waiting_with_the_password_when_it_was_said_chooses_nothing(house: House, victim: str):
    """The attacker's login was begun before; only afterwards does somebody approve it, or read a code aloud."""
    waiting = await house.login(EMAIL, PASSWORD, HERE)
    await said(house, victim)
    house.clock.advance(seconds=30)
    request = await house.ask(waiting)
    approved = house.receipts.believed[request.receipt]
    house.receipts.believed[request.receipt] = replace(approved, issued_at=house.clock())
    with pytest.raises(InvalidGrant):
        await house.exchange(request)


async def test_said_once_more_while_a_new_password_is_chosen_the_choice_is_void(house: House, victim: str):
    await said(house, victim)
    token = await renewal_of(house)
    house.clock.advance(seconds=5)
    await said(house, victim)
    with pytest.raises(NotSignedIn):
        await house.renew(token, ANOTHER, HERE)
    assert not [row for row in house.sessions.rows.values() if row.ended_at is None]


async def test_a_new_password_is_chosen_once(house: House, victim: str):
    await said(house, victim)
    token = await renewal_of(house)
    await house.renew(token, ANOTHER, HERE)
    with pytest.raises(NotSignedIn):
        await house.renew(token, "and yet another lamp", HERE)


async def test_the_old_one_and_weak_ones_are_no_new_ones(house: House, victim: str):
    await said(house, victim)
    token = await renewal_of(house)
    with pytest.raises(WeakPassword) as unchanged:
        await house.renew(token, PASSWORD, HERE)
    assert unchanged.value.reason == "unchanged"
    with pytest.raises(WeakPassword):
        await house.renew(token, "short", HERE)
    assert await house.renew(token, ANOTHER, HERE)


async def test_a_stranger_s_word_ends_nothing_of_mine(house: House, victim: str):
    await said(house, new_id())
    assert all(row.ended_at is None for row in house.sessions.rows.values())
