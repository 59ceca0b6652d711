"""Headers by which a stranger would be somebody else, or come from somewhere else."""

from pathlib import Path

import pytest

from tests.fakes.gateway_stack import Stack, gateway_stack

SPELLINGS = [
    "Countersign-User", "countersign-user", "COUNTERSIGN-USER", "Countersign_User", "countersign_user", "Countersign.User",
    "X-Countersign-User", "x_countersign_user", "X-Countersign_User", "Countersign-Assertion", "Countersign_Assertion",
    "Countersign-Session", "Countersign-Acr", "Countersign-Amr", "Countersign-Anything-New", "countersign~user",
    "X-Forwarded-User", "X_Forwarded_User", "Remote-User", "Remote_User", "X-Remote-User",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/app/x", "/app/public/x"])
@pytest.mark.parametrize("name", SPELLINGS)
async def test_a_spoofed_identity_header_never_reaches_an_upstream(stack: Stack, name: str, path: str) -> None:
    lines = [f"GET {path} HTTP/1.1", "Host: g", f"Authorization: Bearer {stack.auth.access()}"]
    status, _ = await stack.raw(*lines, f"{name}: root", f"{name}: root")
    assert status == 200
    assert "root" not in [value for _, value in stack.upstream.headers[-1]]
    if path == "/app/x":
        assert stack.upstream.sent("Countersign-User") == ["u-1"]


async def test_a_client_cannot_have_our_headers_dropped_by_naming_them_in_connection(stack: Stack) -> None:
    lines = ["GET /app/x HTTP/1.1", "Host: g", f"Authorization: Bearer {stack.auth.access()}"]
    status, _ = await stack.raw(*lines, "Connection: Countersign-User, X-Forwarded-For, Cookie")
    assert status == 200
    assert stack.upstream.sent("Countersign-User") == ["u-1"]
    assert stack.upstream.sent("X-Forwarded-For") == ["127.0.0.1"]


async def test_a_stranger_cannot_say_where_a_request_comes_from_or_went(stack: Stack) -> None:
    claims = {
        "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "gopher", "X-Forwarded-Port": "1",
        "Forwarded": "for=6.6.6.6", "X-Real-IP": "6.6.6.6", "X-Original-URL": "/admin", "X-Rewrite-URL": "/admin",
        "X-Original-Host": "evil.test", "True-Client-IP": "6.6.6.6", "Host": "evil.test",
    }  # fmt: skip
    async with stack.http.get(stack.url("/app/public/x"), headers=claims) as answer:
        assert answer.status == 200
    sent = str(stack.upstream.headers[-1])
    assert not any(lie in sent for lie in ("6.6.6.6", "evil.test", "/admin", "gopher"))
    assert stack.upstream.sent("X-Forwarded-Host") == ["gateway.test"]
    assert stack.upstream.sent("X-Forwarded-Proto") == ["http"]
    assert stack.upstream.sent("X-Forwarded-For") == ["127.0.0.1"]


async def test_the_services_are_told_the_true_address_too(stack: Stack) -> None:
    headers = {"X-Forwarded-For": "6.6.6.6"}
    async with stack.http.post(stack.url("/v1/login"), json={"email": "a@b.example", "password": "x"}, headers=headers):
        pass
    assert stack.auth.requests[-1][2]["X-Forwarded-For"] == "127.0.0.1"


async def test_a_trusted_proxy_is_believed_but_not_what_a_stranger_told_it(valkey_url: str, tmp_path: Path) -> None:
    async with gateway_stack(valkey_url, tmp_path, trusted_proxies="127.0.0.0/8, 10.0.0.0/8") as stack:
        headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.1.2.3"}
        async with stack.http.get(stack.url("/app/public/x"), headers=headers):
            pass
        assert stack.upstream.sent("X-Forwarded-For") == ["203.0.113.9"]


async def test_our_cookie_never_reaches_an_upstream(stack: Stack) -> None:
    cookie = await stack.browser()
    lines = ["GET /app/public/x HTTP/1.1", "Host: g"]
    variants = [
        f"Cookie: a=1; __Host-session={cookie}; b=2",
        f"Cookie: __host-SESSION={cookie}",
        f"Cookie:   __Host-session = {cookie} ;a=1",
        f"Cookie: =__Host-session={cookie}",
        f"Cookie: a=1;;__Host-session={cookie}",
    ]
    for variant in variants:
        status, _ = await stack.raw(*lines, variant)
        assert status == 200
        assert cookie not in str(stack.upstream.headers[-1]), variant


@pytest.mark.parametrize(
    "value",
    [
        "__Host-session=evil; Path=/; Secure",
        "__host-session=evil",
        "  __Host-session =evil",
        "=__Host-session=evil",
        "__Host-form=x",
    ],
)
async def test_an_upstream_cannot_set_our_cookie(stack: Stack, value: str) -> None:
    stack.upstream.answer_headers = [("Set-Cookie", value), ("Set-Cookie", "theirs=1")]
    async with stack.http.get(stack.url("/app/public/x")) as answer:
        assert answer.headers.getall("Set-Cookie") == ["theirs=1"]


async def test_two_session_cookies_that_differ_are_nobodys(stack: Stack) -> None:
    cookie = await stack.browser()
    planted = "A" * 43
    status, _ = await stack.raw(
        "GET /app/x HTTP/1.1", "Host: g", f"Cookie: __Host-session={planted}; __Host-session={cookie}"
    )
    assert status == 401


async def test_a_callback_brings_nothing_along_that_could_bend_the_signed_address(stack: Stack) -> None:
    """A public sample rebuilt the signed URL from headers that anybody may set."""
    lies = {
        "X-Original-Host": "evil.test", "X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "evil.test", "Host": "evil.test",
        "Authorization": "Bearer x.y.z", "Cookie": "a=1", "X-Authy-Signature": "s", "X-Authy-Signature-Nonce": "1",
    }  # fmt: skip
    async with stack.http.post(stack.url("/callbacks/authy?x=1"), data=b"{}", headers=lies):
        pass
    _, path, sent, _ = stack.twofactor.requests[-1]
    assert path == "/callbacks/authy?x=1"
    assert not any(lie in str(sent) for lie in ("evil.test", "gopher", "x.y.z", "a=1"))
    assert (sent["X-Authy-Signature"], sent["X-Authy-Signature-Nonce"]) == ("s", "1")


async def test_a_callback_with_two_signatures_is_refused(stack: Stack) -> None:
    lines = [
        "POST /callbacks/authy HTTP/1.1",
        "Host: g",
        "Content-Length: 0",
        "X-Authy-Signature: a",
        "X-Authy-Signature: b",
    ]
    status, _ = await stack.raw(*lines)
    assert status == 400
    assert stack.twofactor.requests == []
