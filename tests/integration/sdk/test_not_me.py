"""It was not me, said and heard with the SDK; and that no method of its client is left untried."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from countersign.client import Countersign, InvalidRequest, NewPasswordDue, NotAuthenticated, Phone
from countersign.client.accounts import Accounts, Factors
from countersign.client.challenges import Challenges
from countersign.client.sessions import Sessions
from countersign.client.tokens import Tokens
from tests.fakes.auth_ids import new_email
from tests.fakes.auth_service import PASSWORD, no_keys
from tests.fakes.phone_numbers import new_number
from tests.fakes.three_services import House, three_services

ANOTHER = "another-lantern-7-kites"
SUITES = Path(__file__).resolve().parents[2]


@pytest.fixture
async def house(postgres: Any, valkey_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with no_keys(postgres), three_services(postgres, valkey_url, tmp_path) as running:
        yield running


async def confirmed(api: Countersign, house: House, mfa_token: str, number: str) -> str:
    """The same partial token, its login confirmed with a code of the phone's app."""
    challenge = await api.challenges.open(mfa_token, "app")
    await api.challenges.answer(mfa_token, challenge.id, house.provider.app_token(house.account(number)))
    return mfa_token


async def test_who_says_it_was_not_me_gets_back_in_with_another_password(house: House) -> None:
    api, email, number = Countersign(house.http, house.address["gateway"]), new_email(), new_number()
    begun = await api.accounts.register(email, PASSWORD, Phone("44", number))
    session = await api.tokens.exchange(await confirmed(api, house, begun.mfa_token, number))
    await api.sessions.disavow(session.access_token)
    async with asyncio.timeout(10):
        with pytest.raises(NotAuthenticated):
            while True:
                await api.sessions.list(session.access_token)
                await asyncio.sleep(0.01)
    # An approval within the second in which it was said is none.
    house.clock.advance(seconds=2)
    login = await api.accounts.login(email, PASSWORD)
    with pytest.raises(NewPasswordDue) as due:
        await api.tokens.exchange(await confirmed(api, house, login.mfa_token, number))
    token = due.value.password_token
    with pytest.raises(InvalidRequest) as weak:
        await api.accounts.renew_password(token, "short")
    assert weak.value.code == "weak_password"
    renewed = await api.accounts.renew_password(token, ANOTHER)
    assert [each.current for each in await api.sessions.list(renewed.access_token)] == [True]
    with pytest.raises(NotAuthenticated):
        await api.accounts.renew_password(token, PASSWORD)
    with pytest.raises(NotAuthenticated):
        await api.accounts.login(email, PASSWORD)
    assert (await api.accounts.login(email, ANOTHER)).status == "mfa_required"


def test_every_method_of_the_client_is_called_somewhere() -> None:
    tried = "".join(
        each.read_text() for suite in ("unit", "integration") for each in (SUITES / suite / "sdk").glob("*.py")
    )
    for group in (Accounts, Factors, Challenges, Tokens, Sessions):
        methods = {name for name, each in vars(group).items() if callable(each) and not name.startswith("_")}
        called = set(re.findall(rf"\bapi\.{group.__name__.lower()}\.(\w+)\(", tried))
        assert methods <= called, group.__name__
