"""What is remembered of a proxy's questions lets nobody in whom the ordinary way would refuse."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector
from multidict import CIMultiDict

from gateway.api.keys import ENDED
from gateway.api.quick_pass import FORWARDED, NGINX
from tests.fakes.gateway_stack import Stack, gateway_stack

POLICY = """
[[route]]
prefix = "/app"
name = "app"
require = "aal2"

[[route]]
prefix = "/app/open"
name = "open"
require = "anonymous"

[[route]]
prefix = "/app/post"
name = "app"
methods = ["POST"]
require = "aal2"

[[route]]
prefix = "/vault"
name = "vault"
require = "aal2"
max_age = 60
"""
FACES = {
    "/authz/auth-request": (NGINX, "X-Original-{}", "URI"),
    "/authz/forward-auth": (FORWARDED, "X-Forwarded-{}", "Uri"),
}


@pytest.fixture
async def asked(valkey_url: str, tmp_path: Path) -> AsyncIterator[Stack]:
    async with gateway_stack(valkey_url, tmp_path, POLICY, forward_auth_proxies="127.0.0.0/8") as running:
        yield running


def question(face: str, token: dict[str, str], path: str = "/app/x?y=1", **changed: str) -> CIMultiDict[str]:
    _, word, target = FACES[face]
    said = {"Method": "GET", target: path, "Host": "app.example", "Proto": "https", **changed}
    return CIMultiDict({**token, **{word.format(name): value for name, value in said.items()}})


async def ask(stack: Stack, face: str, headers: CIMultiDict[str]) -> tuple[int, str, str]:
    async with stack.http.get(stack.url(face), headers=headers, allow_redirects=False) as answer:
        told = answer.headers
        return answer.status, told.get("Countersign-Session", ""), told.get("WWW-Authenticate", "")


@pytest.mark.parametrize("face", FACES)
async def test_a_question_that_is_known_is_answered_as_before(asked: Stack, face: str) -> None:
    headers = question(face, asked.bearer())
    first = await ask(asked, face, headers)
    assert (first[:2], len(asked.app[FACES[face][0]].passed)) == ((204, "s-1"), 1)
    asked.auth.keys = []  # whoever had to be verified anew would be refused
    assert await ask(asked, face, headers) == first
    assert await ask(asked, face, question(face, {"Authorization": headers["Authorization"]}, "/app/x?y=2")) == first


@pytest.mark.parametrize("face", FACES)
async def test_a_session_that_has_ended_is_not_let_on_from_memory(asked: Stack, face: str) -> None:
    headers = question(face, asked.bearer())
    assert (await ask(asked, face, headers))[0] == 204
    asked.app[ENDED]._end("s-1")
    assert (await ask(asked, face, headers))[0] == 401


@pytest.mark.parametrize(("path", "seconds"), [("/app/x", 301), ("/vault/x", 61)])
async def test_a_token_or_a_confirmation_that_is_over_is_not_let_on_from_memory(
    asked: Stack, path: str, seconds: float
) -> None:
    face = "/authz/auth-request"
    headers = question(face, asked.bearer(), path)
    assert (await ask(asked, face, headers))[0] == 204
    asked.clock.advance(seconds=seconds)
    assert (await ask(asked, face, headers))[0] == 401


async def test_a_policy_that_has_changed_counts_at_once(asked: Stack, tmp_path: Path) -> None:
    face = "/authz/auth-request"
    headers = question(face, asked.bearer())
    assert (await ask(asked, face, headers))[0] == 204
    policies = asked.app[NGINX].ground.policies
    policies.path.write_text(POLICY.replace('require = "aal2"', 'require = "client"\nclients = ["billing"]', 1))
    policies.look()
    policies.look()
    assert (await ask(asked, face, headers))[0] == 403


async def test_a_stranger_is_told_nothing_from_memory(valkey_url: str, tmp_path: Path) -> None:
    face = "/authz/auth-request"
    async with gateway_stack(valkey_url, tmp_path, POLICY, forward_auth_proxies="127.0.0.1/32") as stack:
        headers = question(face, stack.bearer())
        assert (await ask(stack, face, headers))[0] == 204
        stranger = TCPConnector(local_addr=("127.0.0.2", 0))
        async with ClientSession(connector=stranger) as http, http.get(stack.url(face), headers=headers) as answer:
            assert answer.status == 403
            assert "Countersign-Session" not in answer.headers


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "change",
    [
        {"Method": "POST"}, {"Method": "GET,POST"}, {"Method": ""}, {"Host": "app.example,evil.example"},
        {"Host": "other.example"}, {"Proto": "https,http"}, {"Proto": ""}, {"path": "/app"}, {"path": "/APP/x"},
        {"path": "/app/x/../../vault"}, {"path": "/app/%2e%2e/vault"}, {"path": "/other"}, {"path": "/app/open/x"},
        {"path": "/app/post"}, {"path": "/app/x;/y"}, {"path": "/app/x?y=1,2"}, {"path": ""}, {"path": "app/x"},
    ],
    ids=str,
)  # fmt: skip
async def test_memory_and_the_ordinary_way_answer_alike(asked: Stack, face: str, change: dict[str, str]) -> None:
    token = asked.bearer()
    headers = question(face, token, **{"path": "/app/x?y=1", **change})
    cold = await ask(asked, face, headers)
    asked.app[FACES[face][0]].passed.clear()
    for known in ("/app/x?y=1", "/app/post", "/app/open/x"):
        await ask(asked, face, question(face, token, known))
    assert await ask(asked, face, headers) == cold
    assert await ask(asked, face, headers) == cold


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer garbage"), ("Authorization", "Basic eDp5"), ("X-HTTP-Method-Override", "DELETE"),
        ("X_HTTP_Method_Override", "DELETE"), ("X-Method-Override", "PUT"), ("Cookie", "a=1; __Host-session=x"),
        ("{}", "/vault/x"), ("{}", "/app/x?y=1"),
    ],
)  # fmt: skip
async def test_a_header_more_is_looked_at(asked: Stack, face: str, name: str, value: str) -> None:
    headers = question(face, asked.bearer())
    more = headers.copy()
    more.add(name.format(FACES[face][1].format(FACES[face][2])) if name == "{}" else name, value)
    cold = await ask(asked, face, more)
    for _ in range(2):
        assert (await ask(asked, face, headers))[0] == 204
    assert await ask(asked, face, more) == cold
    assert cold[0] == 204 if name == "Cookie" else cold[0] in {400, 401, 403}


async def test_memory_is_bounded_and_holds_no_token(asked: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = asked.app[NGINX].passed
    monkeypatch.setattr(passed, "most", 3)
    token = asked.bearer()
    for path in (*(f"/app/{n}" for n in range(5)), "/app/" + "x" * 600):
        assert (await ask(asked, "/authz/auth-request", question("/authz/auth-request", token, path)))[0] == 204
    assert [path for *_, path, _scheme in passed] == ["/app/2", "/app/3", "/app/4"]
    assert token["Authorization"] not in repr(passed)


async def test_what_came_over_http_1_0_is_answered_in_its_manner(asked: Stack) -> None:
    lines = [f"{name}: {value}" for name, value in question("/authz/auth-request", asked.bearer()).items()]
    for _ in range(2):
        status, answer = await asked.raw("GET /authz/auth-request HTTP/1.0", "Host: gateway.test", *lines)
        assert (status, b"Connection: close" in answer, answer.endswith(b"\r\n\r\n")) == (204, False, True)
        status, answer = await asked.raw("GET /authz/auth-request HTTP/1.1", "Host: gateway.test", *lines)
        assert (status, b"Connection: close" in answer, answer.endswith(b"\r\n\r\n")) == (204, True, True)
