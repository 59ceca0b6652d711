"""The proxy: who passes, what reaches the upstream, what comes back."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest
from aiohttp import ClientPayloadError, ClientTimeout, WSMsgType

from gateway.api import keys
from gateway.model.visit import COOKIE_NAME
from tests.fakes.gateway_stack import ISSUER, Stack, gateway_stack

OWN = {"Sec-Fetch-Site": "same-origin"}


def hurry(stack: Stack, seconds: float) -> None:
    upstreams = stack.app[keys.CALL_UPSTREAMS]
    upstreams.seconds, upstreams.patience = seconds, ClientTimeout(connect=seconds, sock_read=seconds)


def cookie(value: str) -> dict[str, str]:
    return {"Cookie": f"theme=dark; {COOKIE_NAME}={value}; lang=en"}


async def test_a_session_passes_and_the_upstream_is_told_whose_request_it_is(stack: Stack) -> None:
    async with stack.http.get(stack.url("/app/a/b?x=1&x=%20y"), headers=stack.bearer()) as answer:
        assert (answer.status, (await answer.json())["path"]) == (200, "/app/a/b?x=1&x=%20y")
    assert stack.upstream.sent("Countersign-User") == ["u-1"]
    assert stack.upstream.sent("Countersign-Session") == ["s-1"]
    assert stack.upstream.sent("Countersign-Acr") == ["aal2"]
    assert stack.upstream.sent("Countersign-Amr") == ["pwd swk mca mfa"]
    assert stack.upstream.sent("Authorization") == []


async def test_the_assertion_verifies_against_the_published_keys_for_this_upstream_only(stack: Stack) -> None:
    async with stack.http.get(stack.url("/app/x"), headers=stack.bearer()):
        (assertion,) = stack.upstream.sent("Countersign-Assertion")
    async with stack.http.get(stack.url("/.well-known/gateway/jwks.json")) as answer:
        key = jwt.PyJWKSet.from_dict(await answer.json()).keys[0]
    assert jwt.get_unverified_header(assertion)["typ"] == "assertion+jwt"
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(assertion, key, ["ES256"], audience="app", issuer=f"{ISSUER}/gateway", options=options)
    assert (claims["sub"], claims["sid"], claims["exp"] - claims["iat"]) == ("u-1", "s-1", 60)
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(assertion, key, ["ES256"], audience="other", options=options)


async def test_an_assertion_serves_for_twenty_seconds_and_no_longer(stack: Stack) -> None:
    seen, bearer = [], stack.bearer()
    for seconds in (0, 15, 10):
        stack.clock.advance(seconds=seconds)
        async with stack.http.get(stack.url("/app/x"), headers=bearer):
            seen += stack.upstream.sent("Countersign-Assertion")
    assert seen[0] == seen[1] != seen[2]


async def test_a_token_is_verified_once_and_believed_until_it_expires(stack: Stack) -> None:
    bearer = stack.bearer()
    statuses = []
    for seconds in (0, 200, 200):
        stack.clock.advance(seconds=seconds)
        async with stack.http.get(stack.url("/app/x"), headers=bearer) as answer:
            statuses.append(answer.status)
    assert statuses == [200, 200, 401]
    assert sum(path == "/.well-known/jwks.json" for _, path, _, _ in stack.auth.requests) <= 2


async def test_an_anonymous_route_passes_everybody_and_names_nobody(stack: Stack) -> None:
    async with stack.http.get(stack.url("/app/public/x"), headers=stack.bearer()) as answer:
        assert answer.status == 200
    assert not [name for name, _ in stack.upstream.headers[-1] if name.lower().startswith("countersign")]
    assert stack.upstream.sent("Authorization") == []


async def test_a_browser_passes_with_its_cookie_and_its_other_cookies(stack: Stack) -> None:
    async with stack.http.get(stack.url("/app/x"), headers=cookie(await stack.browser())) as answer:
        assert answer.status == 200
    assert stack.upstream.sent("Cookie") == ["theme=dark; lang=en"]
    assert stack.upstream.sent("Countersign-User") == ["u-1"]


async def test_fifty_requests_near_expiry_refresh_once(stack: Stack) -> None:
    value = await stack.browser(life=20)
    stack.auth.slow = 0.05

    async def ask() -> int:
        async with stack.http.get(stack.url("/app/x"), headers=cookie(value)) as answer:
            return answer.status

    assert set(await asyncio.gather(*(ask() for _ in range(50)))) == {200}
    assert stack.auth.refreshed == ["r-1"]
    visit = await stack.app[keys.BROWSER_SESSIONS].load(value)
    assert visit.tokens.refresh_token == "r-1+"


async def test_a_browser_whose_session_is_over_is_sent_to_sign_in(stack: Stack) -> None:
    value = await stack.browser(life=10)
    stack.auth.refuse["/oauth2/token"] = (400, {"error": "invalid_grant"})
    headers = {**cookie(value), "Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
    async with stack.http.get(stack.url("/app/x?y=1"), headers=headers, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?return_to=%2Fapp%2Fx%3Fy%3D1")


async def test_a_browser_goes_on_while_auth_is_away_and_its_token_lives(stack: Stack) -> None:
    value = await stack.browser(life=20)
    stack.auth.refuse["/oauth2/token"] = (503, {"error": "unavailable"})
    async with stack.http.get(stack.url("/app/x"), headers=cookie(value)) as answer:
        assert answer.status == 200
    stack.clock.advance(seconds=30)
    async with stack.http.get(stack.url("/app/x"), headers=cookie(value)) as answer:
        assert answer.status == 503


async def test_a_program_without_a_token_is_told_what_to_send(stack: Stack) -> None:
    async with stack.http.get(stack.url("/app/x")) as answer:
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    async with stack.http.get(stack.url("/app/x"), headers=stack.bearer("x.y.z")) as answer:
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


async def test_no_route_is_404_and_a_wrong_method_on_ours_is_405(stack: Stack) -> None:
    for method, path, status in [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1/users", 405),
        ("GET", "/callbacks/authy", 405),
        ("POST", "/callbacks/other", 404),
        ("TRACE", "/app/x", 405),
        ("GET", "/appendix", 404),
    ]:
        async with stack.http.request(method, stack.url(path)) as answer:
            assert (answer.status, answer.content_type) == (status, "application/problem+json"), path


async def test_bodies_stream_both_ways_without_being_kept(stack: Stack) -> None:
    size = 30 * 1024 * 1024

    async def body() -> AsyncIterator[bytes]:
        for _ in range(size // 65536):
            yield b"x" * 65536

    async with stack.http.post(stack.url("/app/upload"), data=body(), headers=stack.bearer()) as answer:
        assert (await answer.json())["received"] == size
    got = 0
    async with stack.http.get(stack.url(f"/app/download?size={size}"), headers=stack.bearer()) as answer:
        async for piece in answer.content.iter_any():
            got += len(piece)
    assert got == size


async def test_an_upstream_hears_when_the_client_has_gone(stack: Stack) -> None:
    answer = await stack.http.get(stack.url("/app/endless"), headers=stack.bearer())
    assert await answer.content.read(5) == b"data:"
    answer.close()
    async with asyncio.timeout(5):
        await stack.upstream.gone.wait()


async def test_an_answer_that_breaks_off_is_never_taken_for_whole(stack: Stack) -> None:
    with pytest.raises(ClientPayloadError):
        async with stack.http.get(stack.url("/app/broken"), headers=stack.bearer()) as answer:
            await answer.read()


async def test_an_upstream_that_is_away_or_slow_is_a_problem_document(stack: Stack) -> None:
    async with stack.http.get(stack.url("/away/x")) as answer:
        assert (answer.status, (await answer.json())["error"]) == (502, "upstream_unreachable")
    hurry(stack, 0.2)
    started = time.monotonic()
    async with stack.http.get(stack.url("/app/slow"), headers=stack.bearer()) as answer:
        assert (answer.status, (await answer.json())["error"]) == (504, "upstream_timeout")
    assert time.monotonic() - started < 3


async def test_a_long_upload_is_no_slow_upstream(stack: Stack) -> None:
    hurry(stack, 0.4)

    async def body() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield b"x"
            await asyncio.sleep(0.1)

    async with stack.http.post(stack.url("/app/upload"), data=body(), headers=stack.bearer()) as answer:
        assert (await answer.json())["received"] == 8


async def test_a_packed_body_arrives_as_it_was_sent(stack: Stack) -> None:
    import gzip

    packed = gzip.compress(b"y" * 10_000)
    headers = {**stack.bearer(), "Content-Encoding": "gzip", "Content-Length": str(len(packed))}
    async with stack.http.post(stack.url("/app/upload"), data=packed, headers=headers) as answer:
        assert (await answer.json())["received"] == len(packed)
    assert stack.upstream.sent("Content-Encoding") == ["gzip"]


async def test_a_head_and_an_empty_answer_pass(stack: Stack) -> None:
    async with stack.http.head(stack.url("/app/x"), headers=stack.bearer()) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 0


async def test_upstream_headers_come_back_but_not_its_hop_by_hop_ones(stack: Stack) -> None:
    stack.upstream.answer_headers = [
        ("X-App", "1"), ("Keep-Alive", "timeout=1"), ("Connection", "X-Inner"), ("X-Inner", "secret"),
        ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2"), ("Service-Worker-Allowed", "/"),
    ]  # fmt: skip
    async with stack.http.get(stack.url("/app/x"), headers=stack.bearer()) as answer:
        assert answer.headers["X-App"] == "1"
        assert not {"Keep-Alive", "X-Inner", "Server", "Service-Worker-Allowed"} & set(answer.headers)
        assert answer.headers.getall("Set-Cookie") == ["a=1; Path=/", "b=2"]
        assert "Content-Security-Policy" not in answer.headers


async def test_a_websocket_passes_messages_protocol_and_closing_code(stack: Stack) -> None:
    url = stack.url("/app/ws")
    async with stack.http.ws_connect(url, headers=stack.bearer(), protocols=("chat.v1", "other")) as ws:
        assert ws.protocol == "chat.v1"
        await ws.send_str("hello")
        assert await ws.receive_str() == "echo hello"
        await ws.send_bytes(b"\x00\x01")
        assert await ws.receive_bytes() == b"\x00\x01"
        await ws.send_str("bye")
        assert (await ws.receive()).type is WSMsgType.CLOSE
        assert ws.close_code == 4321
    assert stack.upstream.sent("Countersign-User") == ["u-1"]
    assert stack.upstream.sent("Sec-WebSocket-Protocol") == ["chat.v1,other"]


async def test_a_websocket_client_that_vanishes_closes_the_upstream_end(stack: Stack) -> None:
    ws = await stack.http.ws_connect(stack.url("/app/ws"), headers=stack.bearer())
    await ws.send_str("x")
    await ws.receive()
    ws._response.close()
    async with asyncio.timeout(5):
        await stack.upstream.gone.wait()
    assert stack.upstream.sockets == 0


async def test_a_page_of_ours_may_open_a_websocket_with_its_cookie(stack: Stack) -> None:
    headers = {**cookie(await stack.browser()), "Origin": ISSUER}
    async with stack.http.ws_connect(stack.url("/app/ws"), headers=headers) as ws:
        await ws.send_str("x")
        assert await ws.receive_str() == "echo x"


async def test_a_form_of_ours_may_post_with_its_cookie(stack: Stack) -> None:
    headers = {**cookie(await stack.browser()), **OWN}
    async with stack.http.post(stack.url("/app/x"), data=b"a=1", headers=headers) as answer:
        assert (answer.status, json.loads(await answer.read())["body"]) == (200, 3)


async def test_a_draining_gateway_closes_its_tunnels(valkey_url: str, tmp_path: Path) -> None:
    async with gateway_stack(valkey_url, tmp_path) as stack:
        async with stack.http.ws_connect(stack.url("/app/ws"), headers=stack.bearer()) as ws:
            await ws.send_str("x")
            await ws.receive()
            closing = asyncio.create_task(stack.server.close())
            await ws.receive()
            assert ws.close_code == 1001
        await closing


async def test_a_websocket_ends_with_the_session_that_opened_it(stack: Stack) -> None:
    bearer = stack.bearer(stack.auth.access(exp=int(stack.clock().timestamp()) + 2))
    async with stack.http.ws_connect(stack.url("/app/ws"), headers=bearer) as ws:
        await ws.send_str("x")
        assert await ws.receive_str() == "echo x"
        stack.clock.advance(seconds=3)
        async with asyncio.timeout(5):
            await ws.receive()
        assert ws.close_code == 1008


@pytest.mark.parametrize("code", [201, 204, 302, 304, 401, 404, 409, 418, 500, 503])
async def test_an_upstreams_answer_is_its_own_whatever_its_status(stack: Stack, code: int) -> None:
    looks = {**stack.bearer(), "Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
    for headers in (stack.bearer(), looks):
        for method in ("GET", "HEAD", "POST"):
            url = stack.url(f"/app/status?code={code}")
            async with stack.http.request(method, url, headers=headers, allow_redirects=False) as answer:
                assert (answer.status, answer.reason) == (code, "Theirs")
                body = await answer.read()
            assert body == (b"" if code in {204, 304} or method == "HEAD" else b'{"error": "theirs"}')
    async with stack.http.get(stack.url("/livez")) as answer:
        assert answer.status == 200
