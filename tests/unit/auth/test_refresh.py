"""A session goes on, without I/O."""

import asyncio

import pytest

from services.auth.model.errors import InvalidGrant, InvalidScope
from services.auth.model.events import What
from services.auth.model.grant import Grant, RefreshRequest
from services.auth.model.session import End
from tests.unit.auth.conftest import House


async def refresh(house: House, token: str, *, client: str = "countersign-gateway", scope: str | None = None) -> Grant:
    return await house.refresh(RefreshRequest(token, client, scope))


async def test_the_newest_token_becomes_a_new_pair_for_the_same_session(house: House) -> None:
    first = await house.session()
    second = await refresh(house, first.refresh_token)
    tokens = [house.signer.accesses[grant.access_token] for grant in (first, second)]
    assert tokens[0].session == tokens[1].session
    assert tokens[0].id != tokens[1].id
    assert (tokens[1].acr, tokens[1].amr) == (tokens[0].acr, tokens[0].amr)
    assert tokens[1].authenticated_at == tokens[0].authenticated_at
    assert second.refresh_token != first.refresh_token


async def test_a_lost_answer_is_given_again(house: House) -> None:
    first = await house.session()
    lost = await refresh(house, first.refresh_token)
    house.clock.advance(seconds=10)
    again = await refresh(house, first.refresh_token)
    assert again.refresh_token == lost.refresh_token
    assert await refresh(house, again.refresh_token)


async def test_many_tabs_at_once_get_the_same_child(house: House) -> None:
    first = await house.session()
    grants = await asyncio.gather(*(refresh(house, first.refresh_token) for _ in range(20)))
    assert len({grant.refresh_token for grant in grants}) == 1


async def test_a_stolen_token_that_comes_back_ends_the_session_for_both(house: House) -> None:
    first = await house.session()
    second = await refresh(house, first.refresh_token)
    house.clock.advance(seconds=11)
    with pytest.raises(InvalidGrant):
        await refresh(house, first.refresh_token)
    with pytest.raises(InvalidGrant):
        await refresh(house, second.refresh_token)
    row = next(iter(house.sessions.rows.values()))
    assert row.reason is End.REFRESH_REUSED
    assert house.events.whats()[-2:] == [What.REFRESH_REUSED, What.SESSION_ENDED]


async def test_a_grandparent_ends_the_session_even_at_once(house: House) -> None:
    first = await house.session()
    second = await refresh(house, first.refresh_token)
    third = await refresh(house, second.refresh_token)
    for token in (first.refresh_token, third.refresh_token):
        with pytest.raises(InvalidGrant):
            await refresh(house, token)


async def test_a_session_that_rests_too_long_is_over(house: House) -> None:
    first = await house.session()
    house.clock.advance(hours=1)
    with pytest.raises(InvalidGrant):
        await refresh(house, first.refresh_token)
    assert What.REFRESH_REUSED not in house.events.whats()


async def test_a_session_ends_a_day_after_it_began_however_busy_it_was(house: House) -> None:
    grant = await house.session()
    for _ in range(24 * 2 - 1):
        house.clock.advance(minutes=30)
        grant = await refresh(house, grant.refresh_token)
    house.clock.advance(minutes=30)
    with pytest.raises(InvalidGrant):
        await refresh(house, grant.refresh_token)


async def test_a_disabled_person_s_session_does_not_go_on(house: House) -> None:
    grant = await house.session()
    token = house.signer.accesses[grant.access_token]
    await house.users.disable(token.subject, house.clock())
    with pytest.raises(InvalidGrant):
        await refresh(house, grant.refresh_token)


async def test_another_client_s_token_is_no_token(house: House) -> None:
    grant = await house.session()
    with pytest.raises(InvalidGrant):
        await refresh(house, grant.refresh_token, client="reports")
    assert await refresh(house, grant.refresh_token)


async def test_scope_can_be_asked_for_less_and_never_for_more(house: House) -> None:
    grant = await house.session()
    with pytest.raises(InvalidScope):
        await refresh(house, grant.refresh_token, scope="admin")
    assert (await refresh(house, grant.refresh_token, scope="session admin")).scope == {"session"}


@pytest.mark.parametrize("text", ["", "csr_", "csr_" + "A" * 91, "csr_" + "A" * 90, "not one", "csr_\x00", "csr_é"])
async def test_a_made_up_token_does_not_reach_the_store(house: House, text: str) -> None:
    await house.session()
    house.families.sessions = None  # type: ignore[assignment]
    with pytest.raises(InvalidGrant):
        await refresh(house, text)
