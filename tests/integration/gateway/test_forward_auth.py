"""What the gateway answers to proxies that ask, and to everybody else who does."""

from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest

from tests.fakes.gateway_stack import Stack, gateway_stack

POLICY = """
[[route]]
prefix = "/app"
name = "app"
require = "aal2"

[[route]]
prefix = "/app/public"
name = "app"
require = "anonymous"

[[route]]
host = "service.example"
prefix = "/"
name = "service"
require = "aal2"
scopes = ["ledger:read"]

[[route]]
prefix = "/machines"
name = "machines"
require = "client"
clients = ["billing"]
scopes = ["ledger:read"]

[[route]]
prefix = "/books"
name = "books"
require = "aal2"
groups = ["accounting", "audit"]
clients = ["billing"]

[[route]]
prefix = "/vault"
name = "vault"
require = "aal2"
max_age = 60
"""
IDENTITY = [
    f"Countersign-{name}" for name in ("User", "Session", "Acr", "Amr", "Groups", "Client", "Scope", "Assertion")
]
NGINX, FORWARD, ENVOY = "/authz/auth-request", "/authz/forward-auth", "/authz/ext-authz"


@pytest.fixture
async def asked(valkey_url: str, tmp_path: Path) -> AsyncIterator[Stack]:
    """A gateway that this machine may ask."""
    async with gateway_stack(valkey_url, tmp_path, POLICY, forward_auth_proxies="127.0.0.0/8") as running:
        yield running


def question(face: str, path: str, method: str = "GET", host: str = "app.example") -> dict[str, str]:
    """The headers in which this proxy says what it was asked."""
    words = {NGINX: "X-Original-{}", FORWARD: "X-Forwarded-{}", ENVOY: "X-Forwarded-{}"}[face]
    uri = "URI" if face == NGINX else "Uri"
    said = {"Method": method, uri: path, "Host": host, "Proto": "https"}
    return {"Host": host, **{words.format(name): value for name, value in said.items()}}


async def ask(
    stack: Stack,
    face: str,
    path: str,
    headers: dict[str, str] | None = None,
    method: str = "GET",
    host: str = "app.example",
) -> tuple[int, dict[str, str], bytes]:
    address = stack.url(face + path if face == ENVOY else face)
    sent = {**question(face, path, method, host), **(headers or {})}
    verb = method if face == ENVOY else "GET"
    async with stack.http.request(verb, address, headers=sent, allow_redirects=False) as answer:
        return answer.status, dict(answer.headers), await answer.read()


@pytest.mark.parametrize(("face", "good"), [(NGINX, 204), (FORWARD, 204), (ENVOY, 200)])
async def test_who_may_pass_is_named_to_the_proxy_in_an_empty_answer(asked: Stack, face: str, good: int) -> None:
    headers = {**asked.bearer(), "Cookie": "a=1; __Host-session=x; b=2"}
    status, said, body = await ask(asked, face, "/app/x?y=z", headers)
    assert (status, body) == (good, b"")
    assert (said["Countersign-User"], said["Countersign-Session"], said["Countersign-Acr"]) == ("u-1", "s-1", "aal2")
    assert said["Countersign-Assertion"].count(".") == 2
    assert (said["Cookie"], said["Authorization"]) == ("a=1; b=2", "")


@pytest.mark.parametrize("face", [NGINX, FORWARD, ENVOY])
async def test_every_header_of_ours_is_said_also_where_there_is_nothing_to_say(asked: Stack, face: str) -> None:
    status, said, _ = await ask(asked, face, "/app/public/x", asked.bearer())
    assert status in {200, 204}
    assert [said[name] for name in IDENTITY] == [""] * len(IDENTITY)


async def test_people_go_to_sign_in_and_programs_hear_why_not(asked: Stack) -> None:
    person = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
    location = "/sign-in?return_to=%2Fapp%2Fx"
    for face, expected in ((NGINX, 401), (FORWARD, 303), (ENVOY, 303)):
        status, said, body = await ask(asked, face, "/app/x", person)
        assert (status, said["Location"], body) == (expected, location, b"")
        status, said, body = await ask(asked, face, "/app/x")
        assert (status, said["WWW-Authenticate"], "Location" in said) == (401, "Bearer", False)
        assert (body == b"") == (face == NGINX)


async def test_old_confirmations_are_asked_again(asked: Stack) -> None:
    token = asked.bearer(asked.auth.access(auth_time=int(asked.clock().timestamp()) - 61))
    wanted = 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="60"'
    for face in (NGINX, FORWARD, ENVOY):
        status, said, _ = await ask(asked, face, "/vault/x", token)
        assert (status, said["WWW-Authenticate"]) == (401, wanted)
        _, said, _ = await ask(asked, face, "/vault/x", {**token, "Sec-Fetch-Mode": "navigate"})
        assert said["Location"] == "/sign-in?return_to=%2Fvault%2Fx&reason=fresh"
        assert (await ask(asked, face, "/vault/x", asked.bearer()))[0] in {200, 204}


async def test_scopes_are_asked_for(asked: Stack) -> None:
    for scope, expected in (("", 403), ("ledger:write", 403), ("ledger:read x", 204)):
        token = asked.bearer(asked.auth.access(scope=scope, jti=scope or "none"))
        status, said, _ = await ask(asked, FORWARD, "/x", token, host="Service.Example:443")
        assert status == expected
        if expected == 403:
            assert said["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="ledger:read"'


async def test_whoever_is_in_one_of_the_groups_is_let_on_and_the_service_is_told_all_of_theirs(asked: Stack) -> None:
    for groups, expected in ((None, 403), ([], 403), (["Audit", "audits"], 403), (["ops", "audit"], 204)):
        token = asked.bearer(asked.auth.access(**({} if groups is None else {"groups": groups}), jti=str(groups)))
        status, said, _ = await ask(asked, FORWARD, "/books/7", token)
        assert status == expected, groups
    assert said["Countersign-Groups"] == "audit ops"
    claims = jwt.decode(said["Countersign-Assertion"], options={"verify_signature": False})
    assert claims["groups"] == ["audit", "ops"]
    for wrong in ("audit", ["audit", 1], {"audit": True}, None):
        status, _, _ = await ask(
            asked, FORWARD, "/books/7", asked.bearer(asked.auth.access(groups=wrong, jti=repr(wrong)))
        )
        assert status == 401, wrong


async def test_a_service_comes_in_by_its_own_name_where_it_is_named(asked: Stack) -> None:
    now = int(asked.clock().timestamp())
    claims = {"iss": asked.auth.issuer, "aud": "countersign", "iat": now, "exp": now + 300, "scope": "ledger:read"}

    def token(client: str, **more: object) -> dict[str, str]:
        return asked.bearer(
            asked.auth.keys.sign("at+jwt", {**claims, "sub": client, "client_id": client, "jti": client, **more})
        )

    status, said, _ = await ask(asked, FORWARD, "/machines/x", token("billing"))
    assert (status, said["Countersign-Client"], said["Countersign-User"]) == (204, "billing", "")
    assert (said["Countersign-Acr"], said["Countersign-Session"]) == ("", "")
    assert (await ask(asked, FORWARD, "/machines/x", token("reports")))[0] == 403
    assert (await ask(asked, FORWARD, "/machines/x", asked.bearer(asked.auth.access(scope="ledger:read"))))[0] == 403
    assert (await ask(asked, FORWARD, "/books/x", token("billing")))[0] == 204
    assert (await ask(asked, FORWARD, "/books/x", token("billing", jti="4", groups=["audit"])))[0] == 401
    # A service is nobody: where a person is asked for it does not come in, whatever it says of itself.
    assert (await ask(asked, FORWARD, "/app/x", token("billing")))[0] == 403
    assert (await ask(asked, FORWARD, "/app/x", token("billing", jti="2", sub="u-1")))[0] == 401
    assert (await ask(asked, FORWARD, "/app/x", token("billing", jti="3", acr="aal2", amr=["pwd", "mfa"])))[0] == 401


async def test_a_cookie_is_as_good_as_a_token_and_acts_only_for_the_hosts_own_pages(asked: Stack) -> None:
    cookie = {"Cookie": f"__Host-session={await asked.browser()}"}
    assert (await ask(asked, FORWARD, "/app/x", cookie))[0] == 204
    assert (await ask(asked, FORWARD, "/app/x", cookie, "POST"))[0] == 403
    for own in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "https://app.example"}):
        assert (await ask(asked, FORWARD, "/app/x", {**cookie, **own}, "POST"))[0] == 204
    for foreign in (
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://app.example"},
        {"Origin": "http://gateway.test"},
    ):
        assert (await ask(asked, FORWARD, "/app/x", {**cookie, **foreign}, "POST"))[0] == 403
    socket = {**cookie, "Sec-WebSocket-Key": "x", "Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}
    assert (await ask(asked, FORWARD, "/app/x", socket))[0] == 403


@pytest.mark.parametrize("face", [NGINX, FORWARD, ENVOY])
async def test_a_proxy_that_may_not_ask_gets_nothing(stack: Stack, face: str) -> None:
    status, said, _ = await ask(stack, face, "/app/public/x", stack.bearer())
    assert status == (403 if face == NGINX else 404)
    assert not any(name.lower().startswith(("countersign", "cookie")) for name in said)


@pytest.mark.parametrize("face", [NGINX, FORWARD])
async def test_a_question_that_is_asked_twice_is_none(asked: Stack, face: str) -> None:
    words = question(face, "/app/public/x")
    for name, value in words.items():
        if name == "Host":
            continue
        lines = [f"{known}: {said}" for known, said in words.items()]
        status, _ = await asked.raw(f"GET {face} HTTP/1.1", *lines, f"{name}: {value}")
        assert status == (403 if face == NGINX else 400), name
        without = [line for line in lines if not line.startswith(f"{name}:")]
        status, _ = await asked.raw(f"GET {face} HTTP/1.1", *without)
        assert status == (403 if face == NGINX else 400), name


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x_http_method", "X-Method.Override"])
async def test_a_method_in_a_header_is_refused(asked: Stack, name: str) -> None:
    assert (await ask(asked, FORWARD, "/app/public/x", {name: "DELETE"}))[0] == 400


@pytest.mark.parametrize(
    "path", ["//app/public/x", "/app/public/%2e%2e/x", "/APP/x", "/app/public./x", "/app/public;a", "app", "*"]
)
async def test_a_path_that_reads_in_two_ways_is_refused(asked: Stack, path: str) -> None:
    assert (await ask(asked, NGINX, path))[0] == 403
    assert (await ask(asked, FORWARD, path))[0] == 400


@pytest.mark.parametrize("path", ["/authz/x", "/v1/x", "/nowhere"])
async def test_what_no_rule_takes_is_refused(asked: Stack, path: str) -> None:
    assert (await ask(asked, NGINX, path))[0] == 403
    assert (await ask(asked, FORWARD, path))[0] == 404


async def test_with_the_issuers_keys_away_nobody_is_let_in(asked: Stack) -> None:
    asked.auth.refuse["/.well-known/jwks.json"] = (503, {"error": "overloaded"})
    for face in (NGINX, FORWARD, ENVOY):
        status, said, _ = await ask(asked, face, "/app/x", asked.bearer())
        assert status == 503
        assert "Countersign-User" not in said
