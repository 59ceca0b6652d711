"""The public API of signing in, over HTTP, against stub services and a real Valkey."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientTimeout

from tests.fakes.gateway_stack import Stack, gateway_stack

PASSWORD = "correct horse battery"
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
}


async def test_a_person_registers_with_a_phone_signs_in_approves_and_gets_a_session(stack: Stack) -> None:
    body = {"email": "eve@example.com", "password": PASSWORD, "phone": {"country_code": "44", "number": "7700900123"}}
    async with stack.http.post(stack.url("/v1/users"), json=body) as answer:
        registered = await answer.json()
    assert (answer.status, registered["status"]) == (201, "mfa_required")
    assert [factor["channel"] for factor in registered["factors"]] == ["push", "app"]

    async with stack.http.post(
        stack.url("/v1/login"), json={"email": "eve@example.com", "password": PASSWORD}
    ) as answer:
        login = await answer.json()
    assert (answer.status, login["status"], login["expires_in"]) == (200, "mfa_required", 300)
    bearer = stack.bearer(login["mfa_token"])

    async with stack.http.post(stack.url("/v1/mfa/challenges"), json={"channel": "push"}, headers=bearer) as answer:
        challenge = await answer.json()
    assert (answer.status, challenge["status"]) == (201, "pending")

    form = {**EXCHANGE, "subject_token": login["mfa_token"]}
    async with stack.http.post(stack.url("/oauth2/token"), data=form) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "authorization_pending")

    await stack.twofactor.move(challenge["id"], "approved")
    async with stack.http.post(stack.url("/oauth2/token"), data=form) as answer:
        tokens = await answer.json()
    assert answer.status == 200
    assert tokens["token_type"] == "Bearer"
    assert tokens["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    async with stack.http.get(stack.url("/app/x"), headers=stack.bearer(tokens["access_token"])) as answer:
        assert (answer.status, stack.upstream.sent("Countersign-User")) == (200, ["u-1"])


async def test_whoever_wants_no_ways_to_confirm_is_told_none_and_nobody_is_asked(stack: Stack) -> None:
    body = {"email": "eve@example.com", "password": PASSWORD, "phone": {"country_code": "44", "number": "7700900123"}}
    async with stack.http.post(stack.url("/v1/users"), json=body) as answer:
        assert answer.status == 201
    asked = stack.twofactor.lists
    credentials = {"email": "eve@example.com", "password": PASSWORD}
    less = {"Prefer": "return=minimal"}
    async with stack.http.post(stack.url("/v1/login"), json=credentials, headers=less) as answer:
        login = await answer.json()
    assert (answer.status, answer.headers["Preference-Applied"]) == (200, "return=minimal")
    assert login.keys() == {"mfa_token", "expires_in", "user_id"}
    assert stack.twofactor.lists == asked
    async with stack.http.get(stack.url("/v1/mfa/factors"), headers=stack.bearer(login["mfa_token"])) as answer:
        assert answer.status == 200
    async with stack.http.post(stack.url("/v1/login"), json={**credentials, "password": "x"}, headers=less) as answer:
        assert (answer.status, (await answer.json())["error"]) == (401, "invalid_credentials")


async def test_an_account_without_a_phone_is_told_to_enrol(stack: Stack) -> None:
    async with stack.http.post(stack.url("/v1/users"), json={"email": "a@example.com", "password": PASSWORD}) as answer:
        assert (answer.status, (await answer.json())["status"]) == (201, "enrolment_required")


async def test_an_account_stands_when_its_phone_is_refused_and_the_answer_says_why(stack: Stack) -> None:
    body = {"email": "eve@example.com", "password": PASSWORD, "phone": {"country_code": "44", "number": "none"}}
    async with stack.http.post(stack.url("/v1/users"), json=body) as answer:
        document = await answer.json()
    assert (answer.status, document["status"]) == (201, "enrolment_required")
    assert document["enrolment"]["error"] == "invalid_phone"
    assert "eve@example.com" in stack.auth.people


async def test_a_refusal_of_auth_reaches_a_program_word_for_word(stack: Stack) -> None:
    async with stack.http.post(stack.url("/v1/login"), json={"email": "eve@example.com", "password": "no"}) as answer:
        document = await answer.json()
    assert (answer.status, document["detail"]) == (401, "detail of invalid_credentials")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert answer.content_type == "application/problem+json"


async def test_a_busy_auth_passes_its_retry_after(stack: Stack) -> None:
    stack.auth.refuse["/v1/login"] = (503, {"error": "overloaded"})
    async with stack.http.post(stack.url("/v1/login"), json={"email": "e@example.com", "password": "x"}) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
        assert (await answer.json())["error"] == "overloaded"


async def test_a_wrong_code_tells_the_tries_left(stack: Stack) -> None:
    token = stack.auth.partial()
    challenge = stack.twofactor.open_for(token)
    url = stack.url(f"/v1/mfa/challenges/{challenge}/code")
    async with stack.http.post(url, json={"code": "0000000"}, headers=stack.bearer(token)) as answer:
        document = await answer.json()
    assert (answer.status, document["error"], document["tries_left"]) == (403, "invalid_code", 4)


async def test_the_client_is_named_to_the_services(stack: Stack) -> None:
    headers = {"User-Agent": "Phone/1", "X-Request-ID": "reference-1"}
    async with stack.http.post(stack.url("/v1/login"), json={"email": "e@e.example", "password": "x"}, headers=headers):
        pass
    sent = stack.auth.requests[-1][2]
    assert (sent["User-Agent"], sent["X-Forwarded-For"], sent["X-Request-ID"]) == (
        "Phone/1",
        "127.0.0.1",
        "reference-1",
    )


async def test_a_refresh_goes_to_auth_and_its_answer_comes_back(stack: Stack) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "r-1"}
    async with stack.http.post(stack.url("/oauth2/token"), data=form) as answer:
        assert (answer.status, (await answer.json())["refresh_token"]) == (200, "r-1+")


async def test_a_denied_login_is_access_denied_in_oauths_words(stack: Stack) -> None:
    token = stack.auth.partial()
    await stack.twofactor.move(stack.twofactor.open_for(token), "denied")
    async with stack.http.post(stack.url("/oauth2/token"), data={**EXCHANGE, "subject_token": token}) as answer:
        document = await answer.json()
    assert (answer.status, document) == (
        400,
        {"error": "access_denied", "error_description": "detail of access_denied"},
    )


async def test_a_service_that_is_away_is_503_with_retry_after(valkey_url: str, tmp_path: Path) -> None:
    async with (
        gateway_stack(valkey_url, tmp_path, auth_url="http://127.0.0.1:1") as stack,
        stack.http.post(stack.url("/v1/login"), json={"email": "a@example.com", "password": PASSWORD}) as answer,
    ):
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert (await answer.json())["error"] == "unavailable"


async def test_keys_are_published_at_their_addresses(stack: Stack) -> None:
    for path, count in [
        ("/.well-known/jwks.json", 1),
        ("/.well-known/approvals/jwks.json", 0),
        ("/.well-known/gateway/jwks.json", 1),
    ]:
        async with stack.http.get(stack.url(path)) as answer:
            assert (answer.status, len((await answer.json())["keys"])) == (200, count), path
    async with stack.http.get(stack.url("/.well-known/oauth-authorization-server")) as answer:
        assert (await answer.json())["issuer"] == "http://gateway.test"


async def test_a_callback_passes_byte_for_byte_with_its_signature(stack: Stack) -> None:
    body = b'{"b":1, "a" : "\\u00e9"}'
    headers = {"Content-Type": "application/json", "X-Authy-Signature": "abc=", "X-Authy-Signature-Nonce": "17"}
    async with stack.http.post(stack.url("/callbacks/authy"), data=body, headers=headers) as answer:
        assert (await answer.json())["signature"] == "abc="
    method, path, sent, received = stack.twofactor.requests[-1]
    assert (method, path, received, sent["X-Authy-Signature-Nonce"]) == ("POST", "/callbacks/authy", body, "17")


async def test_our_own_answers_carry_the_headers_that_protect_them(stack: Stack) -> None:
    async with stack.http.get(stack.url("/livez")) as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers
        assert "Strict-Transport-Security" not in answer.headers


async def test_a_ready_gateway_says_so(stack: Stack) -> None:
    async with stack.http.get(stack.url("/readyz")) as answer:
        assert (answer.status, (await answer.json())["checks"]) == (200, {"valkey": "ok", "revocations": "ok"})


async def test_an_exchange_is_finished_when_its_client_goes_away(stack: Stack) -> None:
    token = stack.auth.partial()
    await stack.twofactor.move(stack.twofactor.open_for(token), "approved")
    stack.auth.slow = 0.2
    form = {**EXCHANGE, "subject_token": token}
    with pytest.raises(TimeoutError):
        await stack.http.post(stack.url("/oauth2/token"), data=form, timeout=ClientTimeout(total=0.1))
    await asyncio.sleep(0.3)
    assert stack.auth.sessions_opened == 1


async def test_https_is_insisted_on_where_it_is_spoken(valkey_url: str, tmp_path: Path) -> None:
    async with gateway_stack(valkey_url, tmp_path, public_url="https://id.example.com") as stack:
        async with stack.http.get(stack.url("/livez")) as answer:
            assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        async with stack.http.get(stack.url("/app/public/x")) as answer:
            assert "Strict-Transport-Security" not in answer.headers
        assert stack.upstream.sent("X-Forwarded-Proto") == ["https"]
        assert stack.upstream.sent("X-Forwarded-Host") == ["id.example.com"]


async def test_sessions_are_auths_to_list_and_end(stack: Stack) -> None:
    async with stack.http.get(stack.url("/v1/sessions"), headers=stack.bearer()) as answer:
        assert (answer.status, await answer.json()) == (200, {"sessions": []})
    async with stack.http.get(stack.url("/v1/sessions")) as answer:
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')
    for path in ("/v1/sessions/s-1", "/v1/sessions/current", "/v1/sessions?scope=others"):
        async with stack.http.delete(stack.url(path), headers=stack.bearer()) as answer:
            assert answer.status in {200, 204}
        assert stack.auth.requests[-1][:2] == ("DELETE", path)
    assert stack.auth.ended == ["s-1", "current"]


async def test_a_challenge_can_be_cancelled_and_another_opened(stack: Stack) -> None:
    token = stack.auth.partial()
    bearer = stack.bearer(token)
    async with stack.http.post(stack.url("/v1/mfa/challenges"), json={"channel": "push"}, headers=bearer) as answer:
        first = (await answer.json())["id"]
    async with stack.http.post(stack.url("/v1/mfa/challenges"), json={"channel": "sms"}, headers=bearer) as answer:
        assert (answer.status, (await answer.json())["challenge_id"]) == (409, first)
    async with stack.http.delete(stack.url(f"/v1/mfa/challenges/{first}"), headers=bearer) as answer:
        assert (answer.status, await answer.read()) == (204, b"")
    async with stack.http.post(stack.url("/v1/mfa/challenges"), json={"channel": "sms"}, headers=bearer) as answer:
        assert answer.status == 201


async def test_factors_are_listed_enrolled_and_removed(stack: Stack) -> None:
    bearer = stack.bearer(stack.auth.partial())
    phone = {"phone": {"country_code": "44", "number": "7700900123"}}
    async with stack.http.post(stack.url("/v1/mfa/factors"), json=phone, headers=bearer) as answer:
        assert answer.status == 201
    async with stack.http.get(stack.url("/v1/mfa/factors"), headers=bearer) as answer:
        assert [factor["channel"] for factor in (await answer.json())["factors"]] == ["push", "app"]
    async with stack.http.delete(stack.url("/v1/mfa/factors/push-1"), headers=bearer) as answer:
        assert answer.status == 204
