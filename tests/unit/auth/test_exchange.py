"""Two proofs become a session, without I/O."""

import asyncio
from datetime import timedelta

import pytest

from countersign.errors import KeysUnavailable
from services.auth.model.errors import InvalidGrant, InvalidScope
from services.auth.model.events import What
from services.auth.model.grant import ExchangeRequest, RefreshRequest
from tests.fakes.auth_tokens import a_receipt
from tests.unit.auth.conftest import HERE, WHOLE, House


async def test_a_password_and_an_approval_become_a_session(house: House) -> None:
    login = await house.account()
    grant = await house.exchange(await house.ask(login))
    token = house.signer.accesses[grant.access_token]
    assert (token.subject, token.acr, token.amr) == (login.user_id, "aal2", ("pwd", "swk", "mca", "mfa"))
    assert token.authenticated_at == house.clock()
    assert grant.expires_in == timedelta(minutes=5)
    assert grant.refresh_token.startswith("csr_")
    assert [session.id for session in await house.sessions.of_user(login.user_id, house.clock())] == [token.session]
    assert house.events.whats() == [What.REGISTERED, What.SESSION_OPENED]


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "another person"},
        {"login": "another login"},
        {"partial_id": "another partial token"},
        {"amr": ("pwd",)},
        {"amr": ()},
    ],
)
async def test_a_receipt_that_is_not_for_this_login_opens_nothing(house: House, change: dict[str, object]) -> None:
    login = await house.account()
    request = await house.ask(login, receipt="another receipt")
    house.receipts.believed["another receipt"] = a_receipt(house.signer.partials[login.mfa_token], **change)
    with pytest.raises(InvalidGrant):
        await house.exchange(request)
    assert house.sessions.rows == {}
    assert house.events.whats()[-1] is What.EXCHANGE_REFUSED


async def test_a_refused_receipt_spends_nothing(house: House) -> None:
    login = await house.account()
    with pytest.raises(InvalidGrant):
        await house.exchange(await house.ask(login, receipt="not believed"))
    assert await house.exchange(await house.ask(login))


async def test_a_second_exchange_of_one_approval_is_refused(house: House) -> None:
    request = await house.ask(await house.account())
    await house.exchange(request)
    with pytest.raises(InvalidGrant):
        await house.exchange(request)


async def test_of_fifty_exchanges_at_once_one_opens_a_session(house: House) -> None:
    request = await house.ask(await house.account())
    results = await asyncio.gather(*(house.exchange(request) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(result, InvalidGrant) for result in results) == 49
    assert len(house.sessions.rows) == 1


async def test_whoever_was_disabled_meanwhile_gets_no_session(house: House) -> None:
    login = await house.account()
    await house.users.disable(login.user_id, house.clock())
    with pytest.raises(InvalidGrant):
        await house.exchange(await house.ask(login))


async def test_unknown_keys_are_not_the_client_s_fault(house: House) -> None:
    request = await house.ask(await house.account())
    house.receipts.away = KeysUnavailable()
    with pytest.raises(KeysUnavailable):
        await house.exchange(request)


async def test_a_scope_that_cannot_be_granted_spends_nothing(house: House) -> None:
    request = await house.ask(await house.account())
    with pytest.raises(InvalidScope):
        await house.exchange(ExchangeRequest(request.subject_token, request.receipt, "x", "admin", HERE))
    assert await house.exchange(request)


async def test_an_access_token_never_outlives_its_session(house: House) -> None:
    grant = await house.session()
    for _ in range(30):
        house.clock.advance(minutes=50)
        if house.clock() >= next(iter(house.sessions.rows.values())).session.expires_at:
            break
        grant = await house.refresh(RefreshRequest(grant.refresh_token, "countersign-gateway", None))
        token = house.signer.accesses[grant.access_token]
        row = house.sessions.rows[token.session]
        assert token.expires_at <= row.session.expires_at == row.session.opened_at + WHOLE
