"""What an operator does about people."""

import pytest

from services.auth.flows.create_user import CreateUser
from services.auth.flows.expire_password import ExpirePassword
from services.auth.flows.find_user import FindUser
from services.auth.flows.new_password import NewPasswords
from services.auth.flows.reset_factors import ResetFactors
from services.auth.flows.shut_out import ShutOutUser
from services.auth.model.client import ServiceClient
from services.auth.model.errors import EmailTaken, InvalidCredentials, InvalidGrant, PasswordRenewalDue, WeakPassword
from services.auth.model.events import Event, What
from services.auth.model.grant import RefreshRequest
from services.auth.model.operating import FactorsReset, NotDone, ShutOut
from services.auth.model.registration import Unregistrable, require_registrable
from services.auth.model.session import End
from services.auth.model.user import User
from services.auth.model.weakness import Weakness
from services.auth.ports_of_operators import TwofactorAway
from tests.fakes.auth_ids import new_id
from tests.fakes.auth_stores import FakeRoll, FakeTwofactor
from tests.unit.auth.conftest import EMAIL, HERE, PASSWORD, House


class Office:
    """The operator's flows, in a house."""

    def __init__(self, house: House) -> None:
        self.house, self.roll, self.twofactor = house, FakeRoll(house.sessions), FakeTwofactor()
        self.find = FindUser(house.users, self.roll)
        passwords = NewPasswords(house.passwords, house.strength, "Countersign")
        self.create = CreateUser(house.users, self.roll, passwords, house.events, house.clock, new_id)
        self.expire = ExpirePassword(self.roll, house.announcer, house.events, house.clock)
        self.shut_out = ShutOutUser(self.roll, self.twofactor, house.announcer, house.events, house.clock)
        self.reset = ResetFactors(self.twofactor, self.roll, house.announcer, house.events, house.clock)

    async def person(self) -> User:
        await self.house.account()
        return await self.find.require(EMAIL)


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


async def test_a_person_is_found_by_address_in_any_spelling_and_by_id(office: Office) -> None:
    user = await office.person()
    assert await office.find.require(f" {EMAIL.upper()} ") == user
    assert await office.find.require(user.id.upper()) == user
    for unknown in ("nobody@example.com", new_id(), "nobody", ""):
        with pytest.raises(NotDone):
            await office.find.require(unknown)


async def test_who_was_created_by_an_operator_signs_in_with_that_password(office: Office) -> None:
    made = await office.create("ada@example.com", PASSWORD)
    assert office.house.events.all == [Event(What.USER_CREATED, user=made.id)]
    assert (await office.house.login("ada@example.com", PASSWORD, HERE)).user_id == made.id
    with pytest.raises(EmailTaken):
        await office.create("ADA@example.com", PASSWORD)


async def test_the_password_that_an_operator_knows_opens_no_session(office: Office) -> None:
    """It leads to one that the person alone knows, once both factors are there."""
    house = office.house
    await office.create(EMAIL, PASSWORD)
    house.clock.advance(seconds=2)
    with pytest.raises(PasswordRenewalDue) as due:
        await house.exchange(await house.ask(await house.login(EMAIL, PASSWORD, HERE)))
    token = due.value.members["password_token"]
    with pytest.raises(WeakPassword):
        await house.renew(token, PASSWORD, HERE)
    assert await house.renew(token, "seven lamps under water", HERE)
    with pytest.raises(InvalidCredentials):
        await house.login(EMAIL, PASSWORD, HERE)


async def test_an_expired_password_ends_what_it_opened_and_an_approval_from_before(office: Office) -> None:
    user = await office.person()
    house = office.house
    await house.exchange(await house.ask(await house.login(EMAIL, PASSWORD, HERE)))
    approved = await house.ask(await house.login(EMAIL, PASSWORD, HERE))
    house.clock.advance(seconds=1)
    assert await office.expire(user, "on a list of stolen ones") == 1
    assert house.announcer.rung == 1
    assert house.events.all[-1] == Event(What.PASSWORD_EXPIRED, user=user.id, reason="on a list of stolen ones")
    with pytest.raises(InvalidGrant):
        await house.exchange(approved)
    house.clock.advance(seconds=2)
    with pytest.raises(PasswordRenewalDue):
        await house.exchange(await house.ask(await house.login(EMAIL, PASSWORD, HERE)))


async def test_an_operator_s_password_is_held_to_the_same_rules(office: Office) -> None:
    office.house.strength.weak[PASSWORD] = next(iter(Weakness))
    for weak in ("short", PASSWORD):
        with pytest.raises(WeakPassword):
            await office.create("ada@example.com", weak)


async def test_who_is_disabled_in_the_middle_of_a_login_does_not_finish_it(office: Office) -> None:
    user = await office.person()
    house = office.house
    begun = await house.login(EMAIL, PASSWORD, HERE)
    approved = await house.ask(begun)
    await office.shut_out.disable(user, "left")
    with pytest.raises(InvalidGrant):
        await house.exchange(approved)
    with pytest.raises(InvalidCredentials):
        await house.login(EMAIL, PASSWORD, HERE)
    # And not when they are let in again, either: the login was begun before.
    await office.shut_out.enable(await office.find.require(EMAIL), "back")
    with pytest.raises(InvalidGrant):
        await house.exchange(approved)
    house.clock.advance(seconds=1)
    assert await house.exchange(await house.ask(await house.login(EMAIL, PASSWORD, HERE)))


async def test_who_is_disabled_with_a_refresh_token_in_hand_gets_nothing_for_it(office: Office) -> None:
    user = await office.person()
    house = office.house
    grant = await house.exchange(await house.ask(await house.login(EMAIL, PASSWORD, HERE)))
    assert await office.shut_out.disable(user, "left") == ShutOut(1, everywhere=True)
    assert house.announcer.rung == 1
    assert office.twofactor.asked == [("void", user.id, "left")]
    for _ in range(2):
        with pytest.raises(InvalidGrant):
            await house.refresh(RefreshRequest(grant.refresh_token, "countersign-gateway", None))
        await office.roll.enable(user.id)


@pytest.mark.parametrize("fault", [TwofactorAway("away"), NotDone("refused")])
async def test_disabling_waits_for_nobody(office: Office, fault: Exception) -> None:
    user = await office.person()
    office.twofactor.fails = fault
    assert await office.shut_out.disable(user, "") == ShutOut(0, everywhere=False)
    assert What.USER_DISABLED in office.house.events.whats()


async def test_who_is_not_disabled_is_not_enabled(office: Office) -> None:
    with pytest.raises(NotDone):
        await office.shut_out.enable(await office.person(), "")


async def test_who_is_signed_out_by_an_operator_signs_in_anew(office: Office) -> None:
    user = await office.person()
    house = office.house
    await house.exchange(await house.ask(await house.login(EMAIL, PASSWORD, HERE)))
    begun = await house.ask(await house.login(EMAIL, PASSWORD, HERE))
    assert (await office.shut_out.sign_out(user)).sessions == 1
    with pytest.raises(InvalidGrant):
        await house.exchange(begun)
    house.clock.advance(seconds=1)
    assert await house.exchange(await house.ask(await house.login(EMAIL, PASSWORD, HERE)))


async def test_a_reset_takes_factors_and_sessions_and_is_recorded_with_its_reason(office: Office) -> None:
    user = await office.person()
    house = office.house
    office.twofactor.factors[user.id] = 2
    begun = await house.ask(await house.login(EMAIL, PASSWORD, HERE))
    await house.exchange(await house.ask(await house.login(EMAIL, PASSWORD, HERE)))
    assert await office.reset(user, "ticket 4711") == FactorsReset(2, 1, f"code for {EMAIL}")
    assert house.events.all[-1] == Event(What.FACTORS_RESET, user=user.id, reason="ticket 4711")
    assert {row.reason for row in house.sessions.rows.values()} == {End.FACTORS_RESET}
    with pytest.raises(InvalidGrant):
        await house.exchange(begun)


async def test_where_twofactor_does_not_answer_a_reset_changes_nothing(office: Office) -> None:
    user = await office.person()
    house = office.house
    await house.exchange(await house.ask(await house.login(EMAIL, PASSWORD, HERE)))
    recorded = list(house.events.all)
    office.twofactor.fails = TwofactorAway("away")
    with pytest.raises(TwofactorAway):
        await office.reset(user, "ticket 4711")
    assert house.events.all == recorded
    assert len(await house.sessions.of_user(user.id, house.clock())) == 1


def test_no_client_is_called_like_the_operator() -> None:
    with pytest.raises(Unregistrable):
        require_registrable(ServiceClient("countersign-operator"), frozenset())
