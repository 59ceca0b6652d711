"""Requests that are no requests: each gets its 4xx with a problem document, changes nothing, and none is a 500."""

import asyncio
import gzip
import json
import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.auth.api.sign_in import LOGIN
from services.auth.routes import ROUTES
from tests.fakes.auth_ids import new_email
from tests.fakes.auth_service import JWT_TYPE, PASSWORD, TOKEN_EXCHANGE, Auth, bearer, no_keys, serve_auth

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def auth(aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str) -> AsyncIterator[Auth]:
    async with no_keys(postgres):
        yield await serve_auth(
            aiohttp_client,
            aiohttp_server,
            postgres,
            valkey_url,
            login_tries_network=10**6,
            register_tries_network=10**6,
        )


def good() -> dict[str, Any]:
    return {"email": new_email(), "password": PASSWORD}


def text(**changes: Any) -> bytes:
    return json.dumps({**good(), **changes}).encode()


async def assert_problem(answer: ClientResponse, *statuses: int) -> dict[str, Any]:
    body: dict[str, Any] = await answer.json(content_type="application/problem+json")
    assert answer.status in statuses, body
    assert body["status"] == answer.status
    assert {"title", "status", "detail", "error"} <= set(body)
    return body


MALFORMED = {
    "nothing": b"",
    "no json": b"email=eve",
    "half an object": b'{"email": "eve@example.com", "pass',
    "null": b"null",
    "a number": b"7",
    "a huge number": b"9" * 5000,
    "a text": b'"eve@example.com"',
    "a list": b'[{"email": "eve@example.com", "password": "wooden-lantern-9-kites"}]',
    "nan": b'{"email": NaN, "password": Infinity}',
    "deep nesting": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "broken utf-8": b'{"email": "\xff\xfe@example.com", "password": "wooden-lantern-9-kites"}',
    "overlong utf-8": b'{"email": "eve\xc0\x80@example.com", "password": "wooden-lantern-9-kites"}',
    "utf-16": json.dumps({"email": "eve@example.com", "password": PASSWORD}).encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps({"email": "eve@example.com", "password": PASSWORD}).encode(),
    "a lone surrogate": b'{"email": "\\ud800@example.com", "password": "wooden-lantern-9-kites"}',
    "a lone surrogate as password": b'{"email": "eve@example.com", "password": "wooden-lantern-9-kites\\udfff"}',
    "nul in the email": text(email="eve\x00@example.com"),
    "nul in the domain": text(email="eve@exam\x00ple.com"),
    "an unknown field": text(admin=True),
    "a prototype": text(__proto__={"admin": True}),
    "email missing": json.dumps({"password": PASSWORD}).encode(),
    "password missing": json.dumps({"email": "eve@example.com"}).encode(),
    "email null": text(email=None),
    "email a number": text(email=7),
    "email a huge number": b'{"email": ' + b"9" * 400 + b', "password": "wooden-lantern-9-kites"}',
    "email a list": text(email=["eve@example.com"]),
    "email an object": text(email={"$ne": None}),
    "email true": text(email=True),
    "password a number": text(password=123456789012),
    "password a list": text(password=[PASSWORD]),
    "password an object": text(password={"$gt": ""}),
    "email with a header": text(email="eve@example.com\r\nBcc: all@example.com"),
    "email of a thousand signs": text(email="e" * 1000 + "@example.com"),
    "email of ten thousand signs": text(email="e" * 10_000 + "@example.com"),
    "password of ten thousand signs": text(password="x" * 10_000),
    "email of marks": text(email="e" + "\u0301\u0316" * 500 + "@example.com"),
    "email empty": text(email=""),
}


@pytest.mark.parametrize("path", ["/v1/users", "/v1/login"])
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_body_is_refused_and_changes_nothing(auth: Auth, path: str, body: bytes) -> None:
    people = await auth.count("users")
    answer = await auth.http.post(path, data=body, headers=JSON)
    assert (await assert_problem(answer, 400))["error"] in {"invalid_request", "invalid_email"}
    assert await auth.count("users") == people


async def test_a_refused_body_is_not_repeated_to_whoever_sent_it(auth: Auth) -> None:
    answer = await auth.http.post(
        "/v1/login", data=text(password=["my secret"], another="my other secret"), headers=JSON
    )
    assert "secret" not in await answer.text()


@pytest.mark.parametrize("path", ["/v1/users", "/v1/login", "/oauth2/token", "/oauth2/revoke", "/oauth2/introspect"])
async def test_a_body_larger_than_any_use_of_it_is_refused(auth: Auth, path: str) -> None:
    headers = FORM if path.startswith("/oauth2/") else JSON
    answer = await auth.http.post(path, data=b"x" * (64 * 1024 + 1), headers=headers)
    assert answer.status == 413
    assert (await answer.json(content_type=None))["error"] == "payload_too_large"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
        "a/b/c",
        "\udcff",
    ],
)
async def test_a_body_of_another_kind_is_refused(auth: Auth, kind: str) -> None:
    answer = await auth.http.post("/v1/login", data=text(), headers={"Content-Type": kind})
    assert (await assert_problem(answer, 415))["error"] == "unsupported_media_type"
    other = "application/json" if kind.endswith("urlencoded") else kind
    answer = await auth.http.post("/oauth2/token", data=b"grant_type=refresh_token", headers={"Content-Type": other})
    assert (answer.status, (await answer.json())["error"]) == (400, "invalid_request")


OAUTH = {
    "nothing": b"",
    "no form": b"{}",
    "grant type twice": b"grant_type=refresh_token&grant_type=refresh_token&refresh_token=x",
    "a token twice": b"grant_type=refresh_token&refresh_token=x&refresh_token=y",
    "an unknown parameter twice": b"grant_type=refresh_token&refresh_token=x&a=1&a=2",
    "no grant type": b"refresh_token=x",
    "an empty grant type": b"grant_type=&refresh_token=x",
    "no refresh token": b"grant_type=refresh_token",
    "an empty refresh token": b"grant_type=refresh_token&refresh_token=",
    "broken utf-8": b"grant_type=refresh_token&refresh_token=%FF%FE",
    "raw bytes": b"grant_type=refresh_token&refresh_token=\xff\xfe",
    "a surrogate": b"grant_type=refresh_token&refresh_token=%ED%A0%80",
    "five hundred parameters": b"&".join(b"p%d=1" % n for n in range(500)),
}


@pytest.mark.parametrize("body", OAUTH.values(), ids=OAUTH.keys())
async def test_a_malformed_token_request_is_an_invalid_request(auth: Auth, body: bytes) -> None:
    answer = (
        await auth.ask_token({}, headers=FORM)
        if not body
        else await auth.http.post("/oauth2/token", data=body, headers=FORM)
    )
    said = await answer.json()
    assert (answer.status, said["error"]) == (400, "invalid_request")
    assert set(said) == {"error", "error_description"}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"subject_token": ""}, "invalid_request"),
        ({"receipt": ""}, "invalid_request"),
        ({"subject_token_type": ""}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}, "invalid_request"),
        ({"subject_token_type": "jwt"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x", "actor_token_type": JWT_TYPE}, "invalid_request"),
        ({"audience": "payments"}, "invalid_target"),
        ({"resource": "https://payments.example"}, "invalid_target"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": "a\x00b"}, "invalid_scope"),
        ({"subject_token": "nonsense"}, "invalid_grant"),
        ({"subject_token": "\x00"}, "invalid_grant"),
        ({"subject_token": "\U0001f511.\U0001f511.\U0001f511"}, "invalid_grant"),
        ({"receipt": "..", "client_id": "countersign-gateway"}, "invalid_grant"),
        ({"receipt": "x" * 20_000}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": TOKEN_EXCHANGE.upper()}, "unsupported_grant_type"),
        ({"grant_type": "\x00"}, "unsupported_grant_type"),
    ],
)
async def test_an_exchange_that_asks_wrongly_is_told_how(auth: Auth, changes: dict[str, str], error: str) -> None:
    person = await auth.register()
    answer = await auth.ask_token(auth.exchange_form(person, **changes))
    assert (answer.status, (await answer.json())["error"]) == (400, error)
    assert await auth.exchange(person)


@pytest.mark.parametrize(
    "client",
    [
        {"client_id": "reports"},
        {"client_id": "\x00"},
        {"client_id": "countersign-gateway", "client_secret": "guess"},
        {"client_id": "reports", "client_secret": "a-long-service-secre"},
    ],
)
async def test_a_name_that_is_not_proved_is_an_invalid_client(auth: Auth, client: dict[str, str]) -> None:
    person = await auth.register()
    answer = await auth.ask_token(auth.exchange_form(person, **client))
    assert (answer.status, (await answer.json())["error"]) == (401, "invalid_client")
    assert "WWW-Authenticate" in answer.headers
    assert await auth.exchange(person)


async def test_a_secret_of_nobody_is_an_invalid_request(auth: Auth) -> None:
    answer = await auth.ask_token({"grant_type": "refresh_token", "refresh_token": "x", "client_secret": "y"})
    assert (answer.status, (await answer.json())["error"]) == (400, "invalid_request")


HEADERS = {
    "two authorizations": [("Authorization", "Bearer a"), ("Authorization", "Bearer b")],
    "another scheme": [("Authorization", "Token abc")],
    "no token": [("Authorization", "Bearer")],
    "two tokens": [("Authorization", "Bearer a b")],
    "bytes": [("Authorization", "Bearer \udcff.\udcff.\udcff")],
    "dots": [("Authorization", "Bearer ..")],
    "a refresh token": [("Authorization", "Bearer csr_" + "A" * 91)],
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/sessions"),
        ("DELETE", "/v1/sessions/current"),
        ("DELETE", "/v1/sessions/x"),
        ("DELETE", "/v1/sessions"),
    ],
)
async def test_whoever_is_not_signed_in_is_told_so_first(auth: Auth, method: str, path: str, headers: Any) -> None:
    answer = await auth.http.request(method, path, headers=headers)
    assert (await assert_problem(answer, 401))["error"] == "invalid_token"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_in_the_address_or_in_the_body_is_no_token(auth: Auth) -> None:
    tokens = await auth.session()
    for options in (
        {"params": {"access_token": tokens["access_token"]}},
        {"data": {"access_token": tokens["access_token"]}},
    ):
        assert (await auth.http.request("GET", "/v1/sessions", **options)).status == 401


async def test_headers_that_are_no_text_open_a_session_and_are_shown_harmless(auth: Auth) -> None:
    person = await auth.register()
    form = "&".join(f"{name}={quote(value)}" for name, value in auth.exchange_form(person).items()).encode()
    head = [
        b"POST /oauth2/token HTTP/1.1", b"Host: x", b"Connection: close", b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Length: %d" % len(form), b"X-Forwarded-For: \xff", b"X-Request-ID: \xff\xfe",
        b"User-Agent: Fire\xff\xfefox <script>" + b"x" * 3000, b"", b"",
    ]  # fmt: skip
    server: Any = auth.http.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"\r\n".join(head) + form)
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    tokens = json.loads(answer.partition(b"\r\n\r\n")[2])
    shown = await (await auth.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))).json()
    assert shown["sessions"][0]["device"] == "an unknown program"
    assert shown["sessions"][0]["place"] == "127.0.0.0/24"
    kept = await auth.database.fetchrow(
        "SELECT browser, address FROM sessions WHERE id = $1", shown["sessions"][0]["id"]
    )
    assert kept["browser"].startswith("Fire??fox <script>xxx")
    assert (len(kept["browser"]), kept["address"]) == (256, "127.0.0.1")


async def test_another_method_is_refused_everywhere(auth: Auth) -> None:
    for path in {route.path for route in ROUTES}:
        answer = await auth.http.request("PATCH", path.replace("{sid}", "x"))
        assert answer.status == 405
        assert (await answer.json(content_type=None))["error"] == "method_not_allowed"
        assert answer.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/users/",
        "/v1/login%00",
        "/oauth2/authorize",
        "/%ff",
        "/v1/sessions/a/b",
    ],
)
async def test_an_address_that_does_not_exist_is_not_there(auth: Auth, path: str) -> None:
    answer = await auth.http.post(path, data=text(), headers=JSON)
    assert answer.status in {404, 405}


async def test_a_body_in_another_encoding_is_no_way_around_the_cap(auth: Auth) -> None:
    bomb = gzip.compress(b'{"email": "' + b"a" * 10_000_000 + b'"}')
    answer = await auth.http.post("/v1/login", data=bomb, headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status in {400, 413, 415}
    answer = await auth.http.post("/v1/login", data=b"not gzip", headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status in {400, 415}


async def test_whoever_hangs_up_in_the_middle_leaves_no_trace(auth: Auth) -> None:
    server: Any = auth.http.server
    for _ in range(20):
        with socket.create_connection((server.host, server.port)) as raw:
            raw.sendall(
                b"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
            )
    body = text()
    head = (
        f"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    for _ in range(60):
        with socket.create_connection((server.host, server.port)) as raw:
            raw.sendall(head.encode() + body)
    pool: Any = auth.app[LOGIN].passwords
    turns: Any = auth.app[LOGIN].guard.turns
    for _ in range(200):
        await asyncio.sleep(0.02)
        if not pool.pool.taken and not turns.gates:
            break
    assert (pool.pool.taken, turns.gates) == (0, {})
    person = await auth.register()
    assert (await auth.login(person.email)).status == 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
bodies = st.one_of(
    st.binary(max_size=200),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({"email": json_values, "password": json_values}).map(
        lambda value: json.dumps(value).encode()
    ),
    st.fixed_dictionaries(
        {"email": st.text(max_size=40).map(lambda t: f"{t}@example.com"), "password": st.text(max_size=140)}
    ).map(lambda value: json.dumps(value).encode()),
)
FIELDS = [
    "grant_type",
    "subject_token",
    "subject_token_type",
    "receipt",
    "refresh_token",
    "client_id",
    "client_secret",
    "scope",
    "token",
    "audience",
]
forms = st.lists(
    st.tuples(
        st.sampled_from(FIELDS),
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(
                ["refresh_token", TOKEN_EXCHANGE, JWT_TYPE, "countersign-gateway", "a.b.c", "csr_" + "A" * 91]
            ),
        ),
    ),
    max_size=8,
)


async def test_no_request_whatsoever_is_a_500(auth: Auth) -> None:
    """Hypothesis says what is asked, the real service on real stores answers; a conversation per example."""
    loop = asyncio.get_running_loop()

    def ask(path: str, body: bytes, headers: dict[str, str]) -> int:
        async def post() -> int:
            async with auth.http.post(path, data=body, headers=headers) as answer:
                await answer.read()
                return answer.status

        return asyncio.run_coroutine_threadsafe(post(), loop).result(20)

    relaxed = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))

    @relaxed
    @given(st.sampled_from(["/v1/users", "/v1/login"]), bodies)
    def sign_in(path: str, body: bytes) -> None:
        assert ask(path, body, JSON) < 500

    @relaxed
    @given(st.sampled_from(["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect"]), forms)
    def oauth(path: str, form: list[tuple[str, str]]) -> None:
        body = "&".join(f"{quote(name)}={quote(value)}" for name, value in form).encode()
        assert ask(path, body, FORM) < 500

    await asyncio.to_thread(sign_in)
    await asyncio.to_thread(oauth)
