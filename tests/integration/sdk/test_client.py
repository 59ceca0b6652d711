"""Every call of the typed client, against the real system."""

import asyncio
from contextlib import aclosing

import pyotp
import pytest
from aiohttp import ClientSession

from countersign.client import (
    ChallengePending,
    Countersign,
    Denied,
    InvalidCode,
    InvalidRequest,
    LoginOver,
    LoginPending,
    NotAuthenticated,
    NotFound,
    Phone,
)
from tests.integration.sdk.conftest import Person
from tools.devstack.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system")]


async def test_a_person_registers_signs_in_by_push_and_looks_at_their_sessions(person: Person) -> None:
    registered = await person.register()
    assert (registered.status, registered.enrolment) == ("mfa_required", None)
    assert "push" in {factor.channel for factor in registered.factors if factor.available}
    login = await person.api.accounts.login(person.email, person.password)
    assert login.user_id == registered.user_id
    with pytest.raises(LoginOver):
        await person.api.tokens.exchange(login.mfa_token)
    challenge = await person.api.challenges.open(login.mfa_token, "push")
    assert (challenge.status, challenge.channel, challenge.delivery) == ("pending", "push", "push")
    with pytest.raises(LoginPending):
        await person.api.tokens.exchange(login.mfa_token)
    waiting = asyncio.create_task(person.api.challenges.wait(login.mfa_token, challenge.id, 20))
    await asyncio.sleep(0.2)
    await person.approve(login.mfa_token)
    assert (await waiting).status == "approved"
    grant = await person.api.tokens.exchange(login.mfa_token)
    sessions = await person.api.sessions.list(grant.access_token)
    assert [(session.current, bool(session.device)) for session in sessions] == [(True, True)]
    with pytest.raises(LoginOver):
        await person.api.tokens.exchange(login.mfa_token)


async def test_a_stream_tells_of_a_denial(person: Person) -> None:
    login = await person.register()
    challenge = await person.api.challenges.open(login.mfa_token, "push")
    seen: list[str] = []
    async with aclosing(person.api.challenges.follow(login.mfa_token, challenge.id)) as states:
        async for state in states:
            seen.append(state.status)
            if state.is_pending:
                await person.press("deny")
    assert seen == ["pending", "denied"]
    with pytest.raises(Denied):
        await person.api.tokens.exchange(login.mfa_token)


async def test_an_open_challenge_is_named_cancelled_and_followed_by_another(person: Person) -> None:
    login = await person.register()
    first = await person.api.challenges.open(login.mfa_token, "push")
    with pytest.raises(ChallengePending) as pending:
        await person.api.challenges.open(login.mfa_token, "app")
    assert pending.value.challenge_id == first.id
    await person.api.challenges.cancel(login.mfa_token, first.id)
    await person.api.challenges.cancel(login.mfa_token, first.id)
    assert (await person.api.challenges.show(login.mfa_token, first.id)).status == "cancelled"
    app = next(factor for factor in await person.api.factors.list(login.mfa_token) if factor.channel == "app")
    second = await person.api.challenges.open(login.mfa_token, factor_id=app.id)
    code = (await person.phone())["app_token"]
    with pytest.raises(InvalidCode) as wrong:
        await person.api.challenges.answer(login.mfa_token, second.id, f"{(int(code) + 1) % 10**7:07d}")
    assert wrong.value.tries_left is not None
    assert (await person.api.challenges.answer(login.mfa_token, second.id, code)).status == "approved"
    assert (await person.api.tokens.exchange(login.mfa_token)).refresh_token


async def test_what_is_wrong_is_an_error_of_its_kind(person: Person) -> None:
    await person.register()
    with pytest.raises(InvalidRequest) as taken:
        await person.register()
    assert taken.value.code == "email_taken"
    with pytest.raises(InvalidRequest) as weak:
        await person.api.accounts.register("eve.x@example.com", "password1234", Phone("44", "1"))
    assert weak.value.code == "weak_password"
    with pytest.raises(NotAuthenticated) as wrong:
        await person.api.accounts.login(person.email, "not the password at all")
    assert wrong.value.code == "invalid_credentials"
    login = await person.api.accounts.login(person.email, person.password)
    with pytest.raises(NotFound):
        await person.api.challenges.show(login.mfa_token, "00000000-0000-4000-8000-000000000000")


async def test_a_session_is_renewed_looked_at_and_ended(person: Person, api: Countersign) -> None:
    grant = await person.signed_in()
    renewed = await person.api.tokens.refresh(grant.refresh_token or "")
    again = await person.api.tokens.refresh(grant.refresh_token or "")
    assert renewed.refresh_token == again.refresh_token, "a refresh that was lost is answered alike"
    seen = await api.tokens.introspect(renewed.access_token)
    assert (seen.active, seen.acr, "mfa" in seen.amr) == (True, "aal2", True)
    await person.api.tokens.revoke(renewed.refresh_token or "")
    assert not (await api.tokens.introspect(renewed.access_token)).active
    with pytest.raises(LoginOver):
        await person.api.tokens.refresh(renewed.refresh_token or "")


async def test_a_person_ends_sessions_here_there_and_everywhere(person: Person) -> None:
    first = await person.signed_in()

    async def another() -> str:
        login = await person.api.accounts.login(person.email, person.password)
        await person.api.challenges.open(login.mfa_token, "push")
        await person.approve(login.mfa_token)
        return (await person.api.tokens.exchange(login.mfa_token)).access_token

    second, third = await another(), await another()
    by_current = {each.current: each for each in await person.api.sessions.list(second)}
    assert set(by_current) == {True, False}
    await person.api.sessions.end(third, by_current[True].id)
    with pytest.raises(NotAuthenticated):
        await person.api.sessions.list(second)
    with pytest.raises(NotFound):
        await person.api.sessions.end(third, by_current[True].id)
    await person.api.sessions.end_others(third)
    with pytest.raises(NotAuthenticated):
        await person.api.sessions.list(first.access_token)
    await person.api.sessions.end_all(third)
    with pytest.raises(NotAuthenticated):
        await person.api.sessions.end_current(third)


async def test_factors_are_enrolled_and_removed(stack: Stack, http: ClientSession, person: Person) -> None:
    login = await person.api.accounts.register(person.email, person.password)
    assert (login.status, login.factors) == ("enrolment_required", ())
    factors = await person.api.factors.enrol(login.mfa_token, Phone("44", person.number))
    assert {factor.channel for factor in factors} >= {"push", "app"}
    await person.api.challenges.open(login.mfa_token, "push")
    await person.approve(login.mfa_token)
    grant = await person.api.tokens.exchange(login.mfa_token)
    with pytest.raises(InvalidRequest) as only:
        await person.api.factors.remove(grant.access_token, factors[0].id)
    assert only.value.code == "last_factor"
    app = await person.api.factors.begin_app(grant.access_token)
    assert not await person.api.factors.confirm_app(grant.access_token, app, pyotp.TOTP(app.secret).now())
    codes = await person.api.factors.recovery_codes(grant.access_token)
    await person.api.factors.remove(grant.access_token, factors[0].id)
    left = await person.api.factors.list(grant.access_token)
    assert [(factor.channel, factor.left) for factor in left] == [("totp", None), ("recovery", 10)]
    assert codes[0] not in repr(left)
    assert app.secret not in repr(app)


async def test_an_app_alone_makes_an_account_and_a_recovery_code_opens_it(person: Person) -> None:
    login = await person.api.accounts.register(person.email, person.password)
    app = await person.api.factors.begin_app(login.mfa_token)
    assert await person.api.factors.confirm_app(login.mfa_token, app, pyotp.TOTP(app.secret).now())
    grant = await person.api.tokens.exchange(login.mfa_token)
    codes = await person.api.factors.recovery_codes(grant.access_token)
    again = await person.api.accounts.login(person.email, person.password)
    challenge = await person.api.challenges.open(again.mfa_token, "recovery")
    with pytest.raises(InvalidCode):
        await person.api.challenges.answer(
            again.mfa_token, challenge.id, f"{codes[0][:-1]}{'A' if codes[0][-1] != 'A' else 'B'}"
        )
    await person.api.challenges.answer(again.mfa_token, challenge.id, codes[0])
    assert (await person.api.tokens.exchange(again.mfa_token)).refresh_token


async def test_a_code_at_hand_is_one_call(person: Person) -> None:
    login = await person.register()
    code = (await person.phone())["app_token"]
    with pytest.raises(InvalidCode) as wrong:
        await person.api.tokens.confirm(login.mfa_token, f"{(int(code) + 1) % 10**7:07d}", channel="app")
    assert wrong.value.tries_left == 4
    with pytest.raises(InvalidRequest):
        await person.api.tokens.confirm(login.mfa_token, code, channel="sms")
    grant = await person.api.tokens.confirm(login.mfa_token, code)
    with pytest.raises(LoginOver):
        await person.api.tokens.confirm(login.mfa_token, code)
    codes = await person.api.factors.recovery_codes(grant.access_token)
    login = await person.api.accounts.begin(person.email, person.password)
    push = await person.api.challenges.open(login.mfa_token, "push")
    with pytest.raises(ChallengePending) as pending:
        await person.api.tokens.recover(login.mfa_token, codes[0])
    assert pending.value.challenge_id == push.id
    await person.api.challenges.cancel(login.mfa_token, push.id)
    assert (await person.api.tokens.recover(login.mfa_token, codes[0].lower())).refresh_token
    assert {factor.left for factor in await person.api.factors.list(grant.access_token)} == {None, 9}


async def test_another_password_ends_the_other_sessions(person: Person) -> None:
    elsewhere = await person.signed_in()
    login = await person.api.accounts.login(person.email, person.password)
    await person.api.challenges.open(login.mfa_token, "push")
    await person.approve(login.mfa_token)
    here = await person.api.tokens.exchange(login.mfa_token)
    with pytest.raises(NotAuthenticated) as wrong:
        await person.api.accounts.change_password(here.access_token, "not the password", "another long password 7")
    assert wrong.value.code == "wrong_password"
    await person.api.accounts.change_password(here.access_token, person.password, "another long password 7")
    assert len(await person.api.sessions.list(here.access_token)) == 1
    with pytest.raises(NotAuthenticated):
        await person.api.sessions.list(elsewhere.access_token)


async def test_a_stranger_may_not_introspect(stack: Stack, http: ClientSession, person: Person) -> None:
    with pytest.raises(ValueError, match="credentials"):
        await person.api.tokens.introspect("x")
