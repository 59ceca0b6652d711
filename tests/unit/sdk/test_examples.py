"""The examples do what they say: both, and each under the same attacks."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from httpx2 import ASGITransport, AsyncClient

from countersign.testing import Issuer, bearer, through_the_gateway
from examples import aiohttp_service, fastapi_service
from tests.fakes.clock import FakeClock

NAME = "payments"
STEP_UP = "insufficient_user_authentication"


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any


Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
def issuer() -> Issuer:
    return Issuer(clock=FakeClock())


@asynccontextmanager
async def over_aiohttp(issuer: Issuer) -> AsyncIterator[Ask]:
    app = aiohttp_service.make_app(issuer.trust(NAME))
    async with TestClient(TestServer(app)) as client:

        async def ask(method: str, path: str, headers: Any = ()) -> Answer:
            async with client.request(method, path, headers=headers) as answer:
                body = await (answer.json(content_type=None) if answer.content_type.endswith("json") else answer.text())
                return Answer(answer.status, answer.headers, body)

        yield ask


@asynccontextmanager
async def over_fastapi(issuer: Issuer) -> AsyncIterator[Ask]:
    app = fastapi_service.make_app(issuer.trust(NAME))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://service") as client:

        async def ask(method: str, path: str, headers: Any = ()) -> Answer:
            pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
            answer = await client.request(method, path, headers=pairs)
            is_json = answer.headers.get("content-type", "").endswith("json")
            return Answer(answer.status_code, answer.headers, answer.json() if is_json else answer.text)

        yield ask


@pytest.fixture(params=[over_aiohttp, over_fastapi], ids=["aiohttp", "fastapi"])
async def ask(request: pytest.FixtureRequest, issuer: Issuer) -> AsyncIterator[Ask]:
    async with request.param(issuer) as ask:
        yield ask


def refused(answer: Answer, status: int, error: str) -> str:
    """Asserts that it is this refusal, in headers and body alike; answers the challenge."""
    assert (answer.status, answer.body["error"], answer.body["status"]) == (status, error, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith(f'Bearer realm="{NAME}"')
    return challenge


async def test_a_person_with_a_token_is_greeted(ask: Ask, issuer: Issuer) -> None:
    answer = await ask("GET", "/hello", bearer(issuer.access_token("ada")))
    assert (answer.status, answer.body) == (200, {"hello": "ada"})


async def test_a_person_behind_the_gateway_is_greeted(ask: Ask, issuer: Issuer) -> None:
    answer = await ask("GET", "/hello", through_the_gateway(issuer, NAME, "ada"))
    assert (answer.status, answer.body) == (200, {"hello": "ada"})


async def test_whoever_looks_after_the_process_needs_no_token(ask: Ask) -> None:
    answer = await ask("GET", "/livez")
    assert (answer.status, answer.body.strip('"')) == (200, "ok")


async def test_without_a_token_the_scheme_is_named_and_no_error(ask: Ask) -> None:
    for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "}):
        assert refused(await ask("GET", "/hello", headers), 401, "sign_in_required") == f'Bearer realm="{NAME}"'


async def test_a_path_that_does_not_exist_tells_a_stranger_nothing(ask: Ask) -> None:
    refused(await ask("GET", "/admin"), 401, "sign_in_required")


@pytest.mark.parametrize("path", ["/livez/", "/livez;x", "/LIVEZ", "/livez/../hello", "/livez%2f..%2fhello"])
async def test_no_spelling_of_an_open_path_opens_another(ask: Ask, path: str) -> None:
    assert (await ask("GET", path)).status == 401


async def test_a_token_in_the_address_or_a_cookie_is_not_looked_at(ask: Ask, issuer: Issuer) -> None:
    token = issuer.access_token()
    refused(await ask("GET", f"/hello?access_token={token}"), 401, "sign_in_required")
    refused(await ask("GET", "/hello", {"Cookie": f"access_token={token}"}), 401, "sign_in_required")


async def test_bad_tokens_are_all_refused_in_the_same_words(ask: Ask, issuer: Issuer) -> None:
    stranger = Issuer(issuer.url, clock=issuer.clock)
    bad = [
        "nonsense", "a.b.c", issuer.access_token(life=-1), issuer.access_token(aud="another"), issuer.partial_token(),
        issuer.access_token(iss="https://evil.example"), stranger.access_token(), issuer.access_token(acr=None),
        issuer.receipt(), issuer.assertion(NAME), issuer.access_token() + "=", issuer.access_token(sid=None),
    ]  # fmt: skip
    answers = [await ask("GET", "/hello", bearer(token)) for token in bad]
    challenges = {refused(answer, 401, "invalid_token") for answer in answers}
    assert len(challenges) == 1
    assert 'error="invalid_token"' in challenges.pop()


async def test_bad_assertions_are_refused(ask: Ask, issuer: Issuer) -> None:
    stranger = Issuer(issuer.url, clock=issuer.clock)
    bad = [
        issuer.assertion("another-service"), issuer.assertion(NAME, life=-1), stranger.assertion(NAME), "nonsense",
        issuer.assertion(NAME, iss=issuer.url), issuer.access_token(), issuer.access_token(aud=NAME),
    ]  # fmt: skip
    for assertion in bad:
        refused(await ask("GET", "/hello", {"Countersign-Assertion": assertion}), 401, "invalid_token")


async def test_plain_identity_headers_are_nobodys_word(ask: Ask) -> None:
    headers = {"Countersign-User": "ada", "Countersign-Session": "s", "Countersign-Acr": "aal2"}
    refused(await ask("GET", "/hello", headers), 401, "sign_in_required")


@pytest.mark.parametrize("name", ["Countersign_Assertion", "COUNTERSIGN_ASSERTION", "X-Countersign-Assertion"])
async def test_an_assertion_in_another_spelling_is_not_looked_at(ask: Ask, issuer: Issuer, name: str) -> None:
    refused(await ask("GET", "/hello", {name: issuer.assertion(NAME)}), 401, "sign_in_required")


async def test_two_credentials_are_refused_though_both_are_good(ask: Ask, issuer: Issuer) -> None:
    token, assertion = (
        ("Authorization", f"Bearer {issuer.access_token()}"),
        ("Countersign-Assertion", issuer.assertion(NAME)),
    )
    for both in ([token, token], [assertion, assertion], [token, assertion], [("Authorization", "Basic YTpi"), token]):
        challenge = refused(await ask("GET", "/hello", both), 400, "invalid_request")
        assert 'error="invalid_request"' in challenge


async def test_a_session_that_was_ended_is_refused_at_once(ask: Ask, issuer: Issuer) -> None:
    headers = [bearer(issuer.access_token(sid="s1")), {"Countersign-Assertion": issuer.assertion(NAME, sid="s1")}]
    assert {(await ask("GET", "/hello", each)).status for each in headers} == {200}
    issuer.end("s1")
    for each in headers:
        refused(await ask("GET", "/hello", each), 401, "invalid_token")
    assert (await ask("GET", "/hello", bearer(issuer.access_token(sid="s2")))).status == 200


async def test_a_login_of_an_hour_ago_is_asked_to_confirm_again(ask: Ask, issuer: Issuer) -> None:
    for headers in (
        bearer(issuer.access_token(confirmed_ago=301)),
        {"Countersign-Assertion": issuer.assertion(NAME, confirmed_ago=3600)},
        bearer(issuer.access_token(acr="aal1")),
        bearer(issuer.access_token(acr="aal2 aal9")),
    ):
        challenge = refused(await ask("POST", "/transfers", headers), 401, STEP_UP)
        assert 'acr_values="aal2"' in challenge
        assert 'max_age="300"' in challenge
    assert (await ask("POST", "/transfers", bearer(issuer.access_token(confirmed_ago=299)))).status == 200
    assert (await ask("POST", "/transfers", bearer(issuer.access_token(acr="aal3")))).status == 200


async def test_a_token_without_the_scope_is_told_which_is_lacking(ask: Ask, issuer: Issuer) -> None:
    for scope in ("", "reports", "reports:readall REPORTS:READ"):
        challenge = refused(
            await ask("GET", "/reports", bearer(issuer.access_token(scope=scope))), 403, "insufficient_scope"
        )
        assert 'scope="reports:read"' in challenge
    assert (await ask("GET", "/reports", bearer(issuer.access_token(scope="a reports:read")))).status == 200
    refused(await ask("GET", "/reports", through_the_gateway(issuer, NAME)), 403, "insufficient_scope")
