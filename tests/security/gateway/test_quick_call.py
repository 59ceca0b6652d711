"""A call on the short way reaches its upstream, and comes back, as on the ordinary one: nobody gets further on it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientTimeout

from gateway.api import keys
from gateway.api.keys import ENDED
from gateway.api.quick_call import QUICK_CALLS
from tests.fakes.gateway_stack import Stack, gateway_stack
from tests.security.gateway.test_headers import SPELLINGS

POLICY = """
[[route]]
prefix = "/"
upstream = "{upstream}"
name = "rest"
require = "aal2"

[[route]]
prefix = "/app"
upstream = "{upstream}"
name = "app"
require = "aal2"

[[route]]
prefix = "/app/open"
upstream = "{upstream}"
name = "open"
require = "anonymous"

[[route]]
prefix = "/app/ledger"
upstream = "{upstream}"
name = "ledger"
require = "aal2"
scopes = ["ledger:read"]

[[route]]
prefix = "/app/post"
upstream = "{upstream}"
name = "app"
methods = ["POST"]
require = "aal2"

[[route]]
prefix = "/vault"
upstream = "{upstream}"
name = "vault"
require = "aal2"
max_age = 60

[[route]]
prefix = "/away"
upstream = "http://127.0.0.1:1"
name = "away"
require = "aal2"

[[route]]
prefix = "/elsewhere"
name = "elsewhere"
require = "aal2"
"""
Seen = tuple[int, list[tuple[str, str]], bytes, list[tuple[str, str]]]
CHANGING = {"Date", "X-Request-ID", "Countersign-Assertion"}


class Taken:
    """Counts the calls that are made on the short way."""

    def __init__(self, stack: Stack) -> None:
        self.calls, self.times = stack.app[QUICK_CALLS], 0
        self.call, self.calls._call = self.calls._call, self._count

    async def _count(self, *given: object) -> object:
        self.times += 1
        return await self.call(*given)


@pytest.fixture
async def asked(valkey_url: str, tmp_path: Path) -> AsyncIterator[Stack]:
    async with gateway_stack(valkey_url, tmp_path, POLICY) as running:
        yield running


async def ask(stack: Stack, path: str, headers: dict[str, str], method: str = "GET", **what: object) -> Seen:
    """Status, headers and body that come back, and the headers that reached the upstream, if any did."""
    before = len(stack.upstream.headers)
    url = stack.url(path)
    async with stack.http.request(method, url, headers=headers, allow_redirects=False, **what) as answer:  # type: ignore[arg-type]
        back, body = answer.headers.items(), await answer.read()
    reached = stack.upstream.headers[-1] if len(stack.upstream.headers) > before else []
    return answer.status, _steady(back), _without_references(body), _steady(reached)


def _steady(pairs: object) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in pairs if name not in CHANGING)  # type: ignore[attr-defined]


def _without_references(body: bytes) -> bytes:
    return b"" if b'"reference"' in body else body


async def test_a_call_on_the_short_way_is_told_and_answered_as_on_the_ordinary_one(asked: Stack) -> None:
    taken, headers = Taken(asked), asked.bearer()
    first = await ask(asked, "/app/x?y=1", headers)
    assert (first[0], taken.times) == (200, 0)
    asked.auth.keys = []  # whoever had to be verified anew would be refused
    assert await ask(asked, "/app/x?y=1", headers) == first
    assert (await ask(asked, "/app/another/path", headers))[3] == first[3]
    assert taken.times == 2
    assert dict(first[3])["Countersign-User"] == "u-1"


@pytest.mark.parametrize(("path", "seconds"), [("/app/x", 301), ("/vault/x", 61), ("/app/x", 0)])
async def test_who_is_out_is_out_on_the_short_way_too(asked: Stack, path: str, seconds: float) -> None:
    taken, headers = Taken(asked), asked.bearer()
    assert [(await ask(asked, path, headers))[0] for _ in range(2)] == [200, 200]
    asked.clock.advance(seconds=seconds)
    if not seconds:
        asked.app[ENDED]._end("s-1")
    assert (await ask(asked, path, headers))[0] == 401
    assert taken.times == 1


async def test_a_policy_that_has_changed_counts_at_once(asked: Stack) -> None:
    taken, headers = Taken(asked), asked.bearer()
    policies = taken.calls.ground.policies
    assert [(await ask(asked, "/app/x", headers))[0] for _ in range(2)] == [200, 200]
    people, services = 'name = "app"\nrequire = "aal2"', 'name = "app"\nrequire = "client"\nclients = ["billing"]'
    policies.path.write_text(policies.path.read_text().replace(people, services, 1))
    policies.look()
    policies.look()
    assert (await ask(asked, "/app/x", headers))[0] == 403
    assert taken.times == 1


async def test_no_path_leads_further_than_on_the_ordinary_way(asked: Stack) -> None:
    """The same token is known for the rules of `/` and `/app`: what is ours, or another rule's, stays so."""
    token, taken = asked.bearer(), Taken(asked)
    paths = [
        "/", "/livez", "/sign-in", "/v1/users", "/oauth2/token", "/docs", "/appendix", "/app", "/APP/x", "/app/open/x",
        "/app/ledger/1", "/app/post", "/app/%2e%2e/vault", "/app/x/../../vault", "/app/x;/../vault", "//app/x",
        "/app/x%2Fy", "/vault/x", "/elsewhere/x", "/app/%00", "/APP/ledger", "/app/caf%C3%A9", "/authz/auth-request",
    ]  # fmt: skip
    cold = {}
    for path in paths:
        taken.calls.let_on.clear()
        cold[path] = await raw(asked, "GET", path, token)
    assert taken.times == 0
    for known in ("/x", "/app/x"):
        await ask(asked, known, token)
    warm = {path: await raw(asked, "GET", path, token) for path in paths}
    assert warm == cold
    assert [path for path, seen in cold.items() if seen == (200, ["u-1"])] == [
        "/appendix",
        "/app",
        "/vault/x",
        "/app/caf%C3%A9",
    ]
    assert taken.times == 3  # nobody was let on by the rule of the vault yet


async def raw(stack: Stack, method: str, path: str, headers: dict[str, str]) -> tuple[int, list[str]]:
    """The status, and what the upstream was told about the caller; the path as it stands here."""
    before = len(stack.upstream.headers)
    reader, writer = await asyncio.open_connection(stack.server.host, stack.server.port)
    lines = [f"{method} {path} HTTP/1.1", "Host: g", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    status = int((await reader.readline()).split(b" ")[1])
    writer.close()
    return status, stack.upstream.sent("Countersign-User") if len(stack.upstream.headers) > before else []


async def test_no_spelling_of_an_identity_header_comes_through(asked: Stack) -> None:
    taken, token = Taken(asked), asked.bearer()
    lies = {**dict.fromkeys(SPELLINGS, "root"), "X-Real-IP": "6.6.6.6", "X-Forwarded-For": "6.6.6.6", "Via": "root"}
    for _ in range(2):
        status, *_, reached = await ask(asked, "/app/x", {**token, **lies, "X-HTTP-Method-Override": "root"})
        assert status == 200
        assert not {"root", "6.6.6.6"} & {value for _, value in reached}
        assert dict(reached)["X-Forwarded-For"] == "127.0.0.1"
    assert taken.times == 1


@pytest.mark.parametrize(
    "more",
    [
        {"Authorization": "Bearer garbage"}, {"Authorization": "Basic eDp5"}, {"Cookie": "a=1; __Host-session=x"},
        {"Connection": "X-Secret, Countersign-User", "X-Secret": "1"}, {"Expect": "100-continue"},
        {"Connection": "close"}, {"Upgrade": "h2c", "Connection": "Upgrade"}, {"Host": "evil.test"},
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_unusual_about_a_call_is_looked_at(asked: Stack, more: dict[str, str]) -> None:
    taken, token = Taken(asked), asked.bearer()
    cold = await ask(asked, "/app/x", {**token, **more})
    taken.calls.let_on.clear()
    for headers in (token, {**token, "X-Secret": "1"}):
        await ask(asked, "/app/x", headers)
    taken.times = 0
    assert await ask(asked, "/app/x", {**token, **more}) == cold
    assert taken.times == (1 if "Host" in more else 0)
    assert "X-Secret" not in dict(cold[3])


async def test_a_method_that_is_refused_is_refused_whoever_is_known(asked: Stack) -> None:
    taken, token = Taken(asked), asked.bearer()
    assert [(await raw(asked, "GET", "/app/x", token))[0] for _ in range(2)] == [200, 200]
    for method, status in (("TRACE", 405), ("CONNECT", 404), ("POST", 200), ("PURGE", 200)):
        assert (await raw(asked, method, "/app/x", token))[0] == status, method
    assert taken.times == 1


async def test_methods_bodies_and_every_status_come_back_as_before(asked: Stack) -> None:
    taken, token = Taken(asked), asked.bearer()
    asked.upstream.answer_headers = [
        ("Set-Cookie", "__Host-session=evil"), ("Set-Cookie", "a=1"), ("Connection", "X-Inner"), ("X-Inner", "1"),
        ("Server", "theirs"), ("Strict-Transport-Security", "max-age=1"), ("Location", str(asked.url("/"))),
    ]  # fmt: skip
    calls = [("GET", "/app/x"), ("HEAD", "/app/x"), ("DELETE", "/app/x"), ("POST", "/app/post"), ("OPTIONS", "/app/x")]
    calls += [("GET", f"/app/status?code={code}") for code in (201, 204, 302, 304, 404, 500, 503)]
    for method, path in calls:
        body = {"data": b"x"} if method == "POST" else {}
        taken.calls.let_on.clear()
        cold, before = await ask(asked, path, token, method, **body), taken.times
        warm = await ask(asked, path, token, method, **body)
        assert warm == cold, (method, path)
        assert taken.times == before + (method in {"GET", "HEAD", "OPTIONS"}), (method, path)
        told = dict(warm[1])
        assert not {"Server", "X-Inner", "Strict-Transport-Security"} & set(told)
        assert told.get("Set-Cookie", "a=1") == "a=1"


async def test_what_fails_or_streams_is_asked_once_and_ends_on_the_ordinary_way(asked: Stack) -> None:
    taken, token = Taken(asked), asked.bearer()
    for path, status in (("/away/x", 502), ("/app/controls", 502), ("/app/download?size=200000", 200)):
        cold = await ask(asked, path, token)
        warm = await ask(asked, path, token)
        assert (warm[0], warm) == (status, cold)
    upstreams = asked.app[keys.CALL_UPSTREAMS]
    upstreams.seconds, upstreams.patience = 0.1, ClientTimeout(connect=0.1, sock_read=0.1)
    asked.upstream.headers.clear()
    assert (await ask(asked, "/app/slow", token))[0] == 504
    assert (taken.times, len(asked.upstream.headers)) == (5, 1)


async def test_a_stream_ends_with_the_session_that_opened_it_on_the_short_way(asked: Stack) -> None:
    taken, token = Taken(asked), asked.bearer()
    await ask(asked, "/app/x", token)
    answer = await asked.http.get(asked.url("/app/endless"), headers=token)
    assert (await answer.content.read(5), taken.times) == (b"data:", 1)
    asked.app[ENDED]._end("s-1")
    async with asyncio.timeout(5):
        await asked.upstream.gone.wait()
    answer.close()


async def test_memory_is_bounded_and_holds_no_token(asked: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = asked.app[QUICK_CALLS]
    monkeypatch.setattr(calls.let_on, "most", 2)
    for number in range(5):
        token = asked.bearer(asked.auth.access(jti=f"t-{number}"))
        assert (await ask(asked, "/app/x", token))[0] == 200
        assert len(calls.let_on) <= 2
        assert token["Authorization"][7:] not in repr(calls.let_on)
