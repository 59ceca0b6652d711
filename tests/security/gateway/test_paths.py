"""Paths that the gateway and an upstream might read differently."""

from pathlib import Path

import pytest

from tests.fakes.gateway_stack import Stack, gateway_stack

# /app needs a session, /app/public and /open do not. Each of these would reach a protected path for a careless reader.
TRICKS = [
    "/app/public/../x", "/app/public/..", "/app/public/./../x", "/app/public/%2e%2e/x", "/app/public/.%2e/x",
    "/app/public/%2E%2E/x", "/app/public/..%2fx", "/app/public%2f..%2fx", "/app/public/..%5cx", "/app/public/..\\x",
    "/app/public\\..\\x", "//app/x", "/app//public/x", "/app/public//../x", "/app/public/..;/x", "/app/public/..;a=b/x",
    "/app/public/;/../x", "/app/public/%252e%252e/x", "/app/public/%252E%252E%252Fx", "/app/public/%c0%ae%c0%ae/x",
    "/app/public/%00", "/app/public/x%00/../..", "/app/public/%0d%0aSet-Cookie:x", "/app/public/%7f", "/%61pp/x", "/app/publi%63/x",
    "/app/public/%zz", "/app/public/%", "/app/public/%2", "/app/public/\u00e9", "/app/public/x#/../y", "/app/public/{x}",
    "/app/public/%2e", "/app/public/%3b/x", "/app/public/%3f", "/app/public/%23", "/./app/public/x", "/../app/x",
    "http://evil.test/app/public/x", "/app/public/%uff0e", "/app/public/%ff",
]  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
async def test_a_path_with_two_readings_reaches_nobody(stack: Stack, path: str) -> None:
    status, _ = await stack.raw(f"GET {path} HTTP/1.1", "Host: g")
    assert status == 400
    assert stack.upstream.paths == []


@pytest.mark.parametrize(
    "path", ["/APP/x", "/App/public/x", "/app/PUBLIC/x", "/app;x/y", "/app/public;x/y", "/app/publi%63"]
)
async def test_a_path_that_a_lax_upstream_reads_as_another_route_is_refused(stack: Stack, path: str) -> None:
    status, _ = await stack.raw(f"GET {path} HTTP/1.1", "Host: g")
    assert status in {400, 401}
    assert stack.upstream.paths == []


async def test_a_catch_all_that_is_open_does_not_open_a_protected_prefix(valkey_url: str, tmp_path: Path) -> None:
    policy = """
    [[route]]
    prefix = "/"
    upstream = "{upstream}"
    name = "site"
    require = "anonymous"
    [[route]]
    prefix = "/admin"
    upstream = "{upstream}"
    name = "admin"
    require = "aal2"
    """
    async with gateway_stack(valkey_url, tmp_path, policy) as stack:
        for path in (
            "/admin",
            "/ADMIN",
            "/Admin/x",
            "/admin;a=1/x",
            "/%61dmin",
            "//admin",
            "/x/../admin",
            "/admin%2fx",
            "/admin%3bx",
        ):
            status, _ = await stack.raw(f"GET {path} HTTP/1.1", "Host: g")
            assert status in {400, 401}, path
        assert stack.upstream.paths == []
        for path in ("/administrators", "/x/admin", "/README;v=1", "/v1beta", "/%C3%A9t%C3%A9/a%20b"):
            status, _ = await stack.raw(f"GET {path} HTTP/1.1", "Host: g")
            assert (status, stack.upstream.paths[-1]) == (200, path)
        for path in ("/v1/x", "/oauth2/x", "/.well-known/x", "/callbacks/x", "/V1/x"):
            status, _ = await stack.raw(f"GET {path} HTTP/1.1", "Host: g")
            assert status in {400, 404}, path


async def test_our_own_addresses_are_held_to_the_same(stack: Stack) -> None:
    token = stack.auth.partial()
    for path in (
        "/v1/mfa/factors/..%2f..%2fusers",
        "/v1/mfa/challenges/%2e%2e/code",
        "/v1/mfa/challenges/a%2fb",
        "/v1/sessions/%2e%2e",
    ):
        status, _ = await stack.raw(f"DELETE {path} HTTP/1.1", "Host: g", f"Authorization: Bearer {token}")
        assert status == 400
    assert stack.twofactor.requests == []


async def test_an_absolute_or_odd_target_is_refused(stack: Stack) -> None:
    for target in ("http://169.254.169.254/latest", "*", "app/x", "evil.test:443", "@evil.test/app"):
        for method in ("GET", "OPTIONS", "CONNECT"):
            status, _ = await stack.raw(f"{method} {target} HTTP/1.1", "Host: g")
            assert status in {400, 404, 405}, (method, target)
    assert stack.upstream.paths == []
