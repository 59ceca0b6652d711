"""Two requests make a session: what an attacker could make of the second."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.fakes.gateway_stack import Stack

OTP, RECOVERY = (f"http://auth0.com/oauth/grant-type/mfa-{kind}" for kind in ("otp", "recovery-code"))
FORM = "application/x-www-form-urlencoded"
CODE, WRONG = "1234567", "0000000"


async def ask(stack: Stack, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    async with stack.http.post(stack.url("/oauth2/token"), data=form) as answer:
        return answer.status, await answer.json()


async def confirm(stack: Stack, token: str, code: str = CODE, **more: str) -> tuple[int, dict[str, Any]]:
    return await ask(stack, {"grant_type": OTP, "mfa_token": token, "otp": code, **more})


def said_to_twofactor(stack: Stack) -> list[dict[str, str]]:
    return [json.loads(body) for _, path, _, body in stack.twofactor.requests if path == "/v1/mfa/receipts" and body]


async def test_fifty_at_once_open_one_session(stack: Stack) -> None:
    token = stack.auth.partial()
    answers = await asyncio.gather(*(confirm(stack, token) for _ in range(50)))
    assert sorted(status for status, _ in answers) == [200] + [400] * 49
    assert stack.auth.sessions_opened == 1


async def test_whoever_steals_the_login_or_replays_the_request_gets_nothing_more(stack: Stack) -> None:
    token = stack.auth.partial()
    assert (await confirm(stack, token))[0] == 200
    for code in (CODE, WRONG):
        status, document = await confirm(stack, token, code)
        assert (status, document["error"]) == (400, "invalid_grant")
    assert stack.auth.sessions_opened == 1


async def test_a_wrong_code_is_not_a_login_that_is_over_and_says_how_often_yet(stack: Stack) -> None:
    token = stack.auth.partial()
    status, document = await confirm(stack, token, WRONG)
    assert (status, document["error"], document["tries_left"]) == (400, "invalid_code", 4)
    assert set(document) == {"error", "error_description", "tries_left"}
    assert (await confirm(stack, token))[0] == 200


async def test_a_code_opens_nothing_while_another_way_is_asked(stack: Stack) -> None:
    token = stack.auth.partial()
    push = stack.twofactor.open_for(token)
    status, document = await confirm(stack, token)
    assert (status, document["error"], document["challenge_id"]) == (400, "challenge_pending", push)
    assert stack.auth.sessions_opened == 0


async def test_after_an_answer_that_was_lost_the_code_is_not_looked_at_again(stack: Stack) -> None:
    token = stack.auth.partial()
    stack.auth.refuse["/oauth2/token"] = (503, {"error": "unavailable"})
    assert (await confirm(stack, token))[0] == 503
    del stack.auth.refuse["/oauth2/token"]
    assert (await confirm(stack, token))[0] == 200
    assert stack.auth.sessions_opened == 1


async def test_codes_are_taken_as_people_type_them(stack: Stack) -> None:
    assert (await confirm(stack, stack.auth.partial(), " 123 4567\u00a0", channel="app"))[0] == 200
    token = stack.auth.partial()
    assert (await ask(stack, {"grant_type": RECOVERY, "mfa_token": token, "recovery_code": "1234 567"}))[0] == 200
    assert (await confirm(stack, stack.auth.partial(), factor_id="totp-1"))[0] == 200
    assert said_to_twofactor(stack) == [
        {"code": CODE, "channel": "app"}, {"code": CODE, "channel": "recovery"}, {"code": CODE, "factor_id": "totp-1"},
    ]  # fmt: skip


async def test_who_asks_is_told_to_twofactor_as_with_every_challenge(stack: Stack) -> None:
    form, headers = {"grant_type": OTP, "mfa_token": stack.auth.partial(), "otp": CODE}, {"User-Agent": "Phone/1"}
    async with stack.http.post(stack.url("/oauth2/token"), data=form, headers=headers) as answer:
        assert answer.status == 200
    sent = stack.twofactor.requests[-1][2]
    assert (sent["User-Agent"], sent["X-Forwarded-For"]) == ("Phone/1", "127.0.0.1")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"grant_type": OTP, "otp": CODE}, "mfa_token"),
        ({"grant_type": OTP, "mfa_token": "a.b.c"}, "otp"),
        ({"grant_type": OTP, "mfa_token": "a.b.c", "otp": " "}, "otp"),
        ({"grant_type": OTP, "mfa_token": "a.b.c", "otp": "1" * 65}, "otp"),
        ({"grant_type": OTP, "mfa_token": "a.b.c", "recovery_code": "A" * 24}, "otp"),
        ({"grant_type": OTP, "mfa_token": "a.b.c", "otp": CODE, "channel": "app", "factor_id": "app-1"}, "factor_id"),
        ({"grant_type": OTP, "mfa_token": "a.b.c", "otp": CODE, "channel": "sms"}, "channel"),
        ({"grant_type": OTP, "mfa_token": "a.b.c", "otp": CODE, "channel": "recovery"}, "channel"),
        ({"grant_type": OTP, "mfa_token": "a.b.c", "otp": CODE, "factor_id": "x" * 65}, "factor_id"),
        ({"grant_type": OTP, "mfa_token": "a.b.c", "otp": CODE, "receipt": "x"}, "receipt"),
        ({"grant_type": RECOVERY, "mfa_token": "a.b.c", "otp": CODE}, "recovery_code"),
        ({"grant_type": RECOVERY, "recovery_code": "A" * 24}, "mfa_token"),
    ],
)
async def test_what_does_not_fit_is_said_and_reaches_nobody(stack: Stack, form: dict[str, str], said: str) -> None:
    status, document = await ask(stack, form)
    assert (status, document["error"]) == (400, "invalid_request")
    assert said in document["error_description"]
    assert stack.twofactor.requests == []
    assert CODE not in str(document)


async def test_a_parameter_given_twice_is_refused(stack: Stack) -> None:
    body = f"grant_type={OTP}&mfa_token={stack.auth.partial()}&otp={CODE}"
    for more in (f"&otp={WRONG}", "&mfa_token=x", "&receipt=&receipt=x"):
        async with stack.http.post(
            stack.url("/oauth2/token"), data=body + more, headers={"Content-Type": FORM}
        ) as answer:
            assert answer.status == 400
    assert stack.auth.sessions_opened == 0


@pytest.mark.parametrize("token", ["x", "a\r\nX-Injected: 1", "a b", "\u00e9", "a" * 5000, "a.b.c\x00"])
async def test_garbage_in_place_of_the_login_is_a_plain_refusal(stack: Stack, token: str) -> None:
    status, document = await confirm(stack, token)
    assert (status, document["error"]) == (400, "invalid_grant")


async def test_no_receipt_leaves_the_gateway_by_this_way_either(stack: Stack) -> None:
    status, document = await confirm(stack, stack.auth.partial())
    assert status == 200
    assert "receipt" not in str(document)


async def test_a_limit_is_said_with_the_time_to_wait(stack: Stack) -> None:
    stack.twofactor.refuse["/v1/mfa/receipts"] = (429, {"error": "too_many_codes"})
    form = {"grant_type": OTP, "mfa_token": stack.auth.partial(), "otp": CODE}
    async with stack.http.post(stack.url("/oauth2/token"), data=form) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert (await answer.json())["error"] == "too_many_codes"


async def test_what_is_offered_is_said(stack: Stack) -> None:
    async with stack.http.get(stack.url("/.well-known/oauth-authorization-server")) as answer:
        offered = (await answer.json())["grant_types_supported"]
    assert {OTP, RECOVERY, "refresh_token"} <= set(offered)
    for grant in offered:
        assert (await ask(stack, {"grant_type": grant, "refresh_token": "r"}))[1].get(
            "error"
        ) != "unsupported_grant_type"
