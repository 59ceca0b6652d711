"""One approval, one session: whoever tries to get more out of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.fakes.auth_ids import new_id
from tests.fakes.auth_service import Auth, no_keys, serve_auth


@pytest.fixture
async def auth(aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str) -> AsyncIterator[Auth]:
    async with no_keys(postgres):
        yield await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)


async def refused(auth: Auth, form: dict[str, str]) -> bool:
    answer = await auth.ask_token(form)
    return (answer.status, (await answer.json()).get("error")) == (400, "invalid_grant")


async def sessions_of(auth: Auth, user_id: str) -> int:
    counted: int = await auth.database.fetchval("SELECT count(*) FROM sessions WHERE user_id = $1", user_id)
    return counted


async def test_a_second_exchange_of_one_approval_is_refused(auth: Auth) -> None:
    person = await auth.register()
    form = auth.exchange_form(person)
    assert (await auth.ask_token(form)).status == 200
    assert await refused(auth, form)
    assert await sessions_of(auth, person.user_id) == 1


async def test_fifty_exchanges_at_once_of_one_approval_open_one_session(auth: Auth) -> None:
    person = await auth.register()
    form = auth.exchange_form(person)
    answers = await asyncio.gather(*(auth.ask_token(form) for _ in range(50)))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 49
    assert await sessions_of(auth, person.user_id) == 1


async def test_fifty_exchanges_at_once_through_two_processes_open_one_session(
    auth: Auth, aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    other = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    other.twofactor.ring.keys = auth.twofactor.ring.keys
    person = await auth.register()
    form = auth.exchange_form(person)
    answers = await asyncio.gather(*(process.ask_token(form) for process in (auth, other) for _ in range(25)))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 49
    assert await sessions_of(auth, person.user_id) == 1


async def test_fifty_receipts_for_one_partial_token_open_one_session(auth: Auth) -> None:
    person = await auth.register()
    forms = [auth.exchange_form(person) for _ in range(50)]
    answers = await asyncio.gather(*map(auth.ask_token, forms))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 49
    assert await sessions_of(auth, person.user_id) == 1


async def test_one_receipt_for_two_partial_tokens_opens_one_session(auth: Auth) -> None:
    """Two logins of one person: a receipt names one of them, and its id is spent whatever it names."""
    first = await auth.register()
    second = await auth.sign_in(first.email)
    challenge = new_id()
    assert (
        await auth.ask_token(auth.exchange_form(first, receipt=auth.twofactor.receipt(first, jti=challenge)))
    ).status == 200
    assert await refused(auth, auth.exchange_form(second, receipt=auth.twofactor.receipt(second, jti=challenge)))


async def test_a_receipt_for_another_login_of_the_same_person_is_refused(auth: Auth) -> None:
    """Who has the password and waits beside the victim must not ride on the victim's approval."""
    victim = await auth.register()
    attacker = await auth.sign_in(victim.email)
    assert await refused(auth, auth.exchange_form(attacker, receipt=auth.twofactor.receipt(victim)))
    assert await auth.exchange(victim)


@pytest.mark.parametrize("claim", ["txn", "pjti"])
async def test_a_receipt_that_names_half_of_another_login_is_refused(auth: Auth, claim: str) -> None:
    victim = await auth.register()
    attacker = await auth.sign_in(victim.email)
    name = {"txn": "txn", "pjti": "jti"}[claim]
    receipt = auth.twofactor.receipt(attacker, **{claim: victim.claims[name]})
    assert await refused(auth, auth.exchange_form(attacker, receipt=receipt))


async def test_another_person_s_receipt_is_refused(auth: Auth) -> None:
    mallory, victim = await auth.register(), await auth.register()
    assert await refused(auth, auth.exchange_form(victim, receipt=auth.twofactor.receipt(mallory)))
    receipt = auth.twofactor.receipt(victim, sub=mallory.user_id)
    assert await refused(auth, auth.exchange_form(victim, receipt=receipt))


async def test_yesterday_s_approval_is_worth_nothing_today(auth: Auth) -> None:
    """A public sample kept the approval on the user: a later password alone rode on it."""
    person = await auth.register()
    receipt = auth.twofactor.receipt(person)
    assert await auth.exchange(person, receipt=receipt)
    auth.clock.advance(days=1)
    again = await auth.sign_in(person.email)
    assert await refused(auth, auth.exchange_form(again, receipt=receipt))


@pytest.mark.parametrize("amr", [["pwd"], [], ["pwd", "otp"], ["MFA"]])
async def test_a_receipt_without_a_second_factor_is_refused(auth: Auth, amr: list[str]) -> None:
    person = await auth.register()
    assert await refused(auth, auth.exchange_form(person, receipt=auth.twofactor.receipt(person, amr=amr)))


async def test_a_password_alone_never_becomes_a_session(auth: Auth) -> None:
    person = await auth.register()
    form = auth.exchange_form(person)
    del form["receipt"]
    answer = await auth.ask_token(form)
    assert (answer.status, (await answer.json())["error"]) == (400, "invalid_request")
    for grant in (
        "password",
        "Password",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "implicit",
    ):
        answer = await auth.ask_token(
            {
                "grant_type": grant,
                "username": person.email,
                "password": "wooden-lantern-9-kites",
                "assertion": person.mfa_token,
            }
        )
        assert (answer.status, (await answer.json())["error"]) == (400, "unsupported_grant_type")
    assert await sessions_of(auth, person.user_id) == 0


async def test_a_person_who_was_disabled_after_the_password_gets_no_session(auth: Auth, postgres: Any) -> None:
    person, signed_in = await auth.register(), await auth.register()
    tokens = await auth.exchange(signed_in)
    owner = await asyncpg.connect(postgres.owner_url("auth"))
    await owner.execute("UPDATE users SET disabled_at = now() WHERE id = ANY($1)", [person.user_id, signed_in.user_id])
    await owner.close()
    assert await refused(auth, auth.exchange_form(person))
    assert (await auth.login(person.email)).status == 401
    assert (await auth.refresh(tokens["refresh_token"])).status == 400
    assert await auth.introspect(tokens["access_token"]) == {"active": False}


async def test_a_stolen_refresh_token_ends_the_session_when_both_have_used_it(
    auth: Auth, capsys: pytest.CaptureFixture[str]
) -> None:
    tokens = await auth.session()
    thief = await (await auth.refresh(tokens["refresh_token"])).json()
    auth.clock.advance(seconds=11)
    assert (await auth.refresh(tokens["refresh_token"])).status == 400
    assert (await auth.refresh(thief["refresh_token"])).status == 400
    assert capsys.readouterr().out.count("refresh_reused") == 2, "once as the event, once as the session's end"
    assert await auth.introspect(thief["access_token"]) == {"active": False}


async def test_a_refresh_never_raises_what_a_session_was_opened_with(auth: Auth) -> None:
    tokens = await auth.session()
    said = await auth.introspect(tokens["access_token"])
    auth.clock.advance(minutes=30)
    form = {"scope": "session admin", "acr": "aal3", "acr_values": "aal3"}
    refreshed = await (await auth.refresh(tokens["refresh_token"], **form)).json()
    again = await auth.introspect(refreshed["access_token"])
    kept = ("sub", "sid", "acr", "amr", "auth_time", "scope", "client_id")
    assert {name: again[name] for name in kept} == {name: said[name] for name in kept}
