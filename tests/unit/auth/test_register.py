"""Opening an account, without I/O."""

import asyncio

import pytest

from services.auth.model.errors import EmailTaken, InvalidEmail, Overloaded, TooManyAttempts, WeakPassword
from services.auth.model.events import What
from services.auth.model.weakness import Weakness
from tests.unit.auth.conftest import EMAIL, HERE, PASSWORD, House


async def test_a_new_account_is_a_login_that_lacks_its_second_factor(house: House) -> None:
    login = await house.account()
    token = house.signer.partials[login.mfa_token]
    assert (token.subject, token.email) == (login.user_id, EMAIL)
    assert token.expires_at - token.issued_at == login.expires_in
    assert house.events.whats() == [What.REGISTERED]


async def test_an_address_is_taken_whatever_its_spelling(house: House) -> None:
    await house.account()
    with pytest.raises(EmailTaken):
        await house.account("EVE@EXAMPLE.com")


async def test_of_two_at_once_one_gets_the_address(house: House) -> None:
    results = await asyncio.gather(*(house.account() for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(result, EmailTaken) for result in results) == 2


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", Weakness.TOO_SHORT),
        ("x" * 129, Weakness.TOO_LONG),
        ("eve@example.com1", Weakness.PERSONAL),
        ("countersign!", Weakness.PERSONAL),
        ("a guessable one", Weakness.GUESSABLE),
    ],
)
async def test_a_weak_password_is_refused_with_its_reason(house: House, password: str, reason: Weakness) -> None:
    house.strength.weak["a guessable one"] = Weakness.GUESSABLE
    with pytest.raises(WeakPassword) as refused:
        await house.register(EMAIL, password, HERE)
    assert refused.value.members == {"reason": reason}
    assert house.users.by_key == {}
    assert house.passwords.hashes == 0


async def test_the_whole_password_counts(house: House) -> None:
    long = "correct horse battery staple and then " * 3
    await house.register(EMAIL, long + "x", HERE)
    assert [user.password_hash for user in house.users.by_key.values()] == [f"v1:{long}x"]


async def test_asking_who_has_an_account_is_slowed_down_and_costs_no_hash(house: House) -> None:
    await house.account()
    hashes = house.passwords.hashes
    for _ in range(3):
        with pytest.raises(EmailTaken):
            await house.account()
    with pytest.raises(TooManyAttempts):
        await house.account()
    assert house.passwords.hashes == hashes


async def test_asking_how_strong_a_text_is_is_slowed_down(house: House) -> None:
    for _ in range(3):
        with pytest.raises(WeakPassword):
            await house.register(EMAIL, "short", HERE)
    with pytest.raises(TooManyAttempts):
        await house.account()


async def test_new_people_behind_one_address_are_not_slowed_down(house: House) -> None:
    for number in range(10):
        await house.account(f"person{number}@example.com")


async def test_a_full_pool_refuses_at_once(house: House) -> None:
    house.passwords.full = True
    with pytest.raises(Overloaded):
        await house.account()


async def test_what_is_no_address_opens_no_account(house: House) -> None:
    with pytest.raises(InvalidEmail):
        await house.register("eve", PASSWORD, HERE)
