"""Getting a session, or a second one, without an approval of one's own."""

import asyncio

import pytest

from tests.fakes.gateway_stack import Stack

FORM = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
}


async def exchange(stack: Stack, token: str, **more: str) -> tuple[int, dict[str, str]]:
    async with stack.http.post(stack.url("/oauth2/token"), data={**FORM, "subject_token": token, **more}) as answer:
        return answer.status, await answer.json()


async def approved(stack: Stack) -> str:
    token = stack.auth.partial()
    await stack.twofactor.move(stack.twofactor.open_for(token), "approved")
    return token


async def test_fifty_exchanges_of_one_approval_open_one_session(stack: Stack) -> None:
    token = await approved(stack)
    answers = await asyncio.gather(*(exchange(stack, token) for _ in range(50)))
    assert sorted(status for status, _ in answers) == [200] + [400] * 49
    assert {document["error"] for status, document in answers if status == 400} == {"invalid_grant"}
    assert stack.auth.sessions_opened == 1


async def test_a_receipt_from_outside_is_refused_whoever_it_is_for(stack: Stack) -> None:
    token = await approved(stack)
    for receipt in (f"receipt-for-{token}", "x"):
        status, document = await exchange(stack, token, receipt=receipt)
        assert (status, document["error"]) == (400, "invalid_request")
    body = f"grant_type=refresh_token&refresh_token=r&receipt=receipt-for-{token}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with stack.http.post(stack.url("/oauth2/token"), data=body, headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "invalid_request")
    assert stack.auth.sessions_opened == 0


async def test_a_parameter_given_twice_is_refused(stack: Stack) -> None:
    token = await approved(stack)
    body = "&".join(f"{name}={value}" for name, value in {**FORM, "subject_token": token}.items())
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for more in (f"&subject_token={token}", "&receipt=&receipt=x", "&grant_type=refresh_token"):
        async with stack.http.post(stack.url("/oauth2/token"), data=body + more, headers=headers) as answer:
            assert answer.status == 400
    assert stack.auth.sessions_opened == 0


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("pending", "authorization_pending"),
        ("denied", "access_denied"),
        ("expired", "expired_token"),
        ("cancelled", "invalid_grant"),
    ],
)
async def test_no_session_without_an_approval(stack: Stack, state: str, error: str) -> None:
    token = stack.auth.partial()
    await stack.twofactor.move(stack.twofactor.open_for(token), state)
    status, document = await exchange(stack, token)
    assert (status, document["error"], set(document)) == (400, error, {"error", "error_description"})


async def test_an_approval_of_another_login_is_worth_nothing(stack: Stack) -> None:
    await approved(stack)
    assert (await exchange(stack, stack.auth.partial("thief")))[0] == 400


@pytest.mark.parametrize("token", ["", "x", "a\r\nX-Injected: 1", "a b", "\u00e9", "a" * 5000, "..", "a.b.c\x00"])
async def test_garbage_as_a_partial_token_is_a_plain_refusal(stack: Stack, token: str) -> None:
    status, document = await exchange(stack, token)
    assert status == 400
    assert document["error"] in {"invalid_request", "invalid_grant"}


async def test_the_password_grant_is_not_offered(stack: Stack) -> None:
    form = {"grant_type": "password", "username": "a", "password": "b"}
    async with stack.http.post(stack.url("/oauth2/token"), data=form) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "unsupported_grant_type")


async def test_no_receipt_ever_leaves_the_gateway(stack: Stack) -> None:
    status, document = await exchange(stack, await approved(stack))
    assert status == 200
    assert "receipt" not in str(document)
    token = await approved(stack)
    for path in ("/v1/mfa/receipts", "/v1/mfa/receipts/"):
        async with stack.http.post(stack.url(path), headers=stack.bearer(token)) as answer:
            assert answer.status == 404
