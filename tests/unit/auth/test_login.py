"""Signing in with a password, without I/O."""

import asyncio
from dataclasses import replace

import pytest

from services.auth.model.caller import Caller
from services.auth.model.errors import InvalidCredentials, InvalidEmail, Overloaded, TooManyAttempts
from services.auth.model.events import What
from tests.unit.auth.conftest import EMAIL, HERE, PASSWORD, THERE, House


async def guess(house: House, times: int, *, email: str = EMAIL, caller: object = HERE) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            await house.login(email, "not the password", caller)  # type: ignore[arg-type]


async def test_the_right_password_begins_a_login_of_its_own(house: House) -> None:
    registered = await house.account()
    first = await house.login(EMAIL, PASSWORD, HERE)
    second = await house.login(" EVE@Example.com ", PASSWORD, HERE)
    tokens = [house.signer.partials[login.mfa_token] for login in (registered, first, second)]
    assert {token.subject for token in tokens} == {registered.user_id}
    assert len({token.login for token in tokens}) == len({token.id for token in tokens}) == 3
    assert {token.email for token in tokens} == {EMAIL}


@pytest.mark.parametrize("case", ["unknown", "wrong", "disabled", "locked", "locked and right"])
async def test_every_refusal_is_the_same_and_costs_the_same_work(house: House, case: str) -> None:
    account = await house.account()
    if case == "disabled":
        await house.users.disable(account.user_id, house.clock())
    if case.startswith("locked"):
        await guess(house, 5)
    house.users.lookups = house.passwords.verifications = 0
    email = "nobody@example.com" if case == "unknown" else EMAIL
    password = PASSWORD if case in {"disabled", "locked and right"} else "not the password"
    with pytest.raises(InvalidCredentials) as refused:
        await house.login(email, password, HERE)
    assert (house.users.lookups, house.passwords.verifications) == (1, 1)
    assert (refused.value.args, refused.value.members, refused.value.retry_after) == ((), {}, None)


async def test_the_record_tells_what_the_answer_hides(house: House) -> None:
    account = await house.account()
    await guess(house, 1, email="nobody@example.com")
    await guess(house, 6)
    reasons = [event.reason for event in house.events.all if event.what is What.LOGIN_REFUSED]
    assert reasons == ["unknown"] + ["wrong_password"] * 5 + ["locked"]
    assert all(event.user in {"", account.user_id} and "@" not in repr(event) for event in house.events.all)


async def test_a_locked_account_opens_again_after_the_pause(house: House) -> None:
    await house.account()
    await guess(house, 5)
    with pytest.raises(InvalidCredentials):
        await house.login(EMAIL, PASSWORD, HERE)
    house.clock.advance(seconds=63)
    assert await house.login(EMAIL, PASSWORD, HERE)


async def test_the_right_password_forgets_one_s_own_mistakes(house: House) -> None:
    await house.account()
    for mistakes in (4, 3):
        await guess(house, mistakes)
        assert await house.login(EMAIL, PASSWORD, HERE)


async def test_an_attacker_locks_himself_out_and_not_the_owner(house: House) -> None:
    await house.account()
    await guess(house, 7, caller=THERE)
    assert await house.login(EMAIL, PASSWORD, HERE)


async def test_many_networks_together_get_no_further_than_the_account_s_own_limit(house: House) -> None:
    account = await house.account()
    for network in range(20):
        await guess(house, 1, caller=type(HERE)(f"203.0.113.{network}"))
    reasons = [e.reason for e in house.events.all if e.what is What.LOGIN_REFUSED]
    assert reasons.count("wrong_password") == 8
    assert reasons.count("locked") == 12
    assert account


async def test_one_network_against_many_accounts_is_told_to_wait(house: House) -> None:
    for number in range(20):
        await guess(house, 1, email=f"person{number}@example.com", caller=THERE)
    with pytest.raises(TooManyAttempts) as refused:
        await house.login("another@example.com", PASSWORD, THERE)
    assert 900 <= (refused.value.retry_after or 0) <= 938
    assert house.events.all[-1].reason == "too_many_attempts"


async def test_a_network_that_is_shut_out_uses_up_no_account_s_tries(house: House) -> None:
    await house.account()
    for number in range(20):
        await guess(house, 1, email=f"person{number}@example.com", caller=THERE)
    for _ in range(10):
        with pytest.raises(TooManyAttempts):
            await house.login(EMAIL, "not the password", THERE)
    for network in range(8):
        await guess(house, 1, caller=Caller(f"203.0.113.{network}"))
    assert "locked" not in {event.reason for event in house.events.all}


async def test_people_who_get_it_right_do_not_use_up_their_network_s_tries(house: House) -> None:
    await house.account()
    for _ in range(60):
        assert await house.login(EMAIL, PASSWORD, HERE)


async def test_an_account_of_one_s_own_does_not_buy_guesses_at_others(house: House) -> None:
    """A success gives its own try back and no more: nobody resets his network's tally with it."""
    await house.account()
    for number in range(20):
        await guess(house, 1, email=f"person{number}@example.com", caller=THERE)
        if number < 19:
            await house.login(EMAIL, PASSWORD, THERE)
    with pytest.raises(TooManyAttempts):
        await house.login("another@example.com", PASSWORD, THERE)


async def test_with_the_tallies_away_nobody_gets_in(house: House) -> None:
    await house.account()
    house.limiter.broken = ConnectionError("away")
    with pytest.raises(ConnectionError):
        await house.login(EMAIL, PASSWORD, HERE)
    assert house.passwords.verifications == 0


async def test_a_full_pool_refuses_before_anything_is_counted(house: House) -> None:
    await house.account()
    tries = dict(house.limiter.tries)
    house.passwords.full = True
    for _ in range(30):
        with pytest.raises(Overloaded):
            await house.login(EMAIL, PASSWORD, HERE)
    assert house.limiter.tries == tries


async def test_what_is_no_address_is_said_to_be_none(house: House) -> None:
    with pytest.raises(InvalidEmail):
        await house.login("eve\x00@example.com", PASSWORD, HERE)
    assert house.limiter.tries == {}


async def test_a_hash_of_old_parameters_is_renewed_by_the_right_password_only(house: House) -> None:
    await house.account()
    house.passwords.parameters = "v2"
    await guess(house, 1)
    assert [user.password_hash for user in house.users.by_key.values()] == [f"v1:{PASSWORD}"]
    await house.login(EMAIL, PASSWORD, HERE)
    assert [user.password_hash for user in house.users.by_key.values()] == [f"v2:{PASSWORD}"]


async def test_another_keyboard_enters_the_same_password(house: House) -> None:
    await house.register(EMAIL, "Cafe\u0301 au lait, twice", HERE)
    assert await house.login(EMAIL, "Caf\u00e9 au lait, twice", HERE)


async def test_one_network_waits_for_itself_and_not_for_everybody_s_hashing_places(house: House) -> None:
    await house.account()
    async with house.login.guard.network_turn(HERE):
        waiting = asyncio.create_task(house.login(EMAIL, PASSWORD, HERE))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        assert house.passwords.verifications == 0
        waiting.cancel()
        assert (await house.login(EMAIL, PASSWORD, THERE)).mfa_token


def known(caller: Caller) -> Caller:
    """The same place, on a device on which this account has signed in before."""
    return replace(caller, device=f"device of {EMAIL}")


async def test_a_botnet_that_shuts_an_account_leaves_its_owner_s_device_its_way_in(house: House) -> None:
    await house.account()
    for network in range(20):
        await guess(house, 1, caller=Caller(f"203.0.113.{network}"))
    with pytest.raises(InvalidCredentials):
        await house.login(EMAIL, PASSWORD, HERE)
    assert await house.login(EMAIL, PASSWORD, known(HERE))


async def test_only_a_device_that_the_account_knows_is_named_to_the_second_factor(house: House) -> None:
    await house.account()
    stranger = replace(HERE, device="device of eve-s-neighbour@example.com")
    named = [(await house.login(EMAIL, PASSWORD, caller)).mfa_token for caller in (HERE, stranger, known(HERE))]
    assert [house.signer.partials[token].device for token in named] == ["", "", f"device of {EMAIL}"]


async def test_a_stolen_device_guesses_no_faster_and_locks_out_nobody_else(house: House) -> None:
    await house.account()
    await guess(house, 5, caller=known(THERE))
    with pytest.raises(InvalidCredentials):
        await house.login(EMAIL, PASSWORD, known(THERE))
    assert await house.login(EMAIL, PASSWORD, HERE)


async def test_a_device_of_another_account_is_a_stranger(house: House) -> None:
    await house.account()
    stranger = replace(THERE, device="device of eve-s-neighbour@example.com")
    await guess(house, 5, caller=stranger)
    await guess(house, 1, caller=THERE)
    assert house.limiter.reached == ["login_pair-60"]


async def test_an_owner_who_signs_in_does_not_begin_a_botnet_s_guesses_anew(house: House) -> None:
    await house.account()
    for network in range(6):
        await guess(house, 1, caller=Caller(f"203.0.113.{network}"))
        await house.login(EMAIL, PASSWORD, HERE)
    await guess(house, 3, caller=THERE)
    assert house.limiter.reached == ["login_account-3600"]
