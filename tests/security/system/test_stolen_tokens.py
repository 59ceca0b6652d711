"""(b, c) Who replays what crossed the network, or stole one token: each token is good for its own thing, in its own time."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.security.system.attacker import EXCHANGE, MFA_RECOVERY_CODE, Victim, claims_of
from tools.demo.story import MFA_OTP


@pytest.fixture
async def tokens(victim: Victim) -> dict[str, str]:
    """One of each kind, all genuine."""
    opened = await victim.session()
    _, seen = await victim.ask("GET", "/demo/hello", opened["access_token"])
    return {
        "partial": await victim.partial(),
        "access": opened["access_token"],
        "refresh": opened["refresh_token"],
        "assertion": dict(seen["headers"])["Countersign-Assertion"],
        "cookie": "A" * 43,
    }


async def test_no_token_is_read_from_an_address_a_body_or_a_cookie(victim: Victim, tokens: dict[str, str]) -> None:
    access = tokens["access"]
    tries: list[dict[str, Any]] = [
        {"params": {"access_token": access}},
        {"headers": {"Cookie": f"access_token={access}; __Host-session={access}"}},
        {"headers": {"X-Authorization": f"Bearer {access}"}},
        {"headers": {"Proxy-Authorization": f"Bearer {access}"}},
        {"headers": {"Authorization": f"Basic {access}"}},
        {"headers": {"Authorization": f"Bearer {access}, Bearer {access}"}},
        {"headers": {"Authorization": f"Bearer {access} "}},
        {"headers": {"Sec-WebSocket-Protocol": f"countersign.v1, bearer.{access}"}},
    ]
    for each in tries:
        for path in ("/demo/hello", "/v1/sessions"):
            status, _ = await victim.ask("GET", path, **each)
            # Blanks around a header's value do not belong to it (RFC 9110 section 5.5).
            assert status == (200 if each.get("headers", {}).get("Authorization", "").endswith(" ") else 401), each


async def test_a_spent_login_is_good_for_nothing_more(victim: Victim) -> None:
    partial = await victim.approved()
    assert (await victim.exchange(partial))[0] == 200
    assert (await victim.exchange(partial))[1]["error"] == "invalid_grant"
    status, body = await victim.ask("POST", "/v1/mfa/challenges", partial, json={"channel": "push"})
    assert (status, body["error"]) == (409, "login_finished")
    body = {"phone": {"country_code": "44", "number": "7700 900998"}}
    assert (await victim.ask("POST", "/v1/mfa/factors", partial, json=body))[1]["error"] == "session_required"


async def test_a_login_that_was_confirmed_by_a_code_at_hand_is_as_spent(victim: Victim) -> None:
    """Whoever replays the request, or has stolen its partial token and comes with the next code."""
    partial, code = await victim.partial(), await victim.code()
    status, body = await victim.confirm(partial, f"{(int(code) + 1) % 10**7:07d}")
    assert (status, body["error"], body["tries_left"]) == (400, "invalid_code", 4)
    assert (await victim.confirm(partial, f" {code[:3]} {code[3:]}"))[0] == 200
    for replayed in (code, "0000000"):
        assert (await victim.confirm(partial, replayed))[1]["error"] == "invalid_grant"
    assert (await victim.exchange(partial))[1]["error"] == "invalid_grant"


async def test_a_stolen_refresh_token_that_was_replaced_ends_the_session_of_both(victim: Victim) -> None:
    first = (await victim.session())["refresh_token"]
    second = (await victim.refresh(first))[1]
    third = (await victim.refresh(second["refresh_token"]))[1]
    # The thief comes with the grandparent: whoever of the two is the thief, both are out.
    assert (await victim.refresh(first))[1]["error"] == "invalid_grant"
    assert (await victim.refresh(third["refresh_token"]))[1]["error"] == "invalid_grant"
    assert (await victim.ask("GET", "/v1/sessions", third["access_token"]))[0] == 401


async def test_a_refresh_token_gives_no_more_than_it_was_given(victim: Victim) -> None:
    opened = await victim.session()
    form = {"grant_type": "refresh_token", "refresh_token": opened["refresh_token"]}
    assert (await victim.token({**form, "scope": "admin"}))[1]["error"] == "invalid_scope"
    fresh = (await victim.token({**form, "scope": "session admin"}))[1]
    before, after = claims_of(opened["access_token"]), claims_of(fresh["access_token"])
    for claim in ("sub", "sid", "acr", "amr", "auth_time", "client_id", "scope"):
        assert before[claim] == after[claim]


async def test_a_fresh_refresh_does_not_make_an_old_confirmation_fresh(victim: Victim) -> None:
    """Who steals a refresh token cannot change phones with it for longer than the confirmation itself is fresh."""
    opened = await victim.session()
    await asyncio.sleep(1.1)
    fresh = (await victim.refresh(opened["refresh_token"]))[1]
    assert claims_of(fresh["access_token"])["auth_time"] == claims_of(opened["access_token"])["auth_time"]


@pytest.mark.parametrize("kind", ["partial", "access", "refresh", "assertion"])
async def test_no_token_is_exchanged_for_another_but_the_partial(
    victim: Victim, tokens: dict[str, str], kind: str
) -> None:
    """Confused deputies: any token in any place of the token endpoint."""
    token = tokens[kind]
    forms = [
        {**EXCHANGE, "subject_token": token},
        {**EXCHANGE, "subject_token": token, "subject_token_type": "urn:ietf:params:oauth:token-type:access_token"},
        {**EXCHANGE, "subject_token": token, "actor_token": tokens["access"]},
        {"grant_type": MFA_OTP, "mfa_token": token, "otp": "0000000"},
        {"grant_type": MFA_RECOVERY_CODE, "mfa_token": token, "recovery_code": "A" * 24},
        {"grant_type": "refresh_token", "refresh_token": token + "x"},
        {"grant_type": "authorization_code", "code": token},
        {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": token},
        {"grant_type": "password", "username": victim.email, "password": victim.password},
        {"grant_type": "client_credentials", "client_assertion": token},
    ]
    for form in forms:
        status, body = await victim.token(form)
        assert status == 400, form
        assert "access_token" not in body


async def test_signing_out_everywhere_ends_refreshing_and_what_auth_answers_at_once(
    victim: Victim, http: ClientSession
) -> None:
    one, two = await victim.session(), await victim.session()
    assert (await victim.ask("DELETE", "/v1/sessions?scope=global", one["access_token"]))[0] == 204
    for session in (one, two):
        assert (await victim.refresh(session["refresh_token"]))[1]["error"] == "invalid_grant"
        assert (await victim.ask("GET", "/v1/sessions", session["access_token"]))[0] == 401


async def test_nobody_ends_or_sees_the_sessions_of_another(victim: Victim, stranger: Victim) -> None:
    mine, theirs = await victim.session(), await stranger.session()
    sid = claims_of(mine["access_token"])["sid"]
    for each in (sid, sid.upper(), f"{{{sid}}}", f"{sid}%00", f"{sid}%20", "current%2f", "..", "x" * 3000, "0", "null"):
        status, _ = await stranger.ask("DELETE", f"/v1/sessions/{each}", theirs["access_token"])
        assert status in {400, 404}, each
    _, listed = await stranger.ask("GET", "/v1/sessions", theirs["access_token"])
    assert sid not in str(listed)
    assert (await stranger.ask("DELETE", "/v1/sessions?scope=global", theirs["access_token"]))[0] == 204
    assert (await victim.ask("GET", "/v1/sessions", mine["access_token"]))[0] == 200
