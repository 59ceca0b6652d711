"""Every kind of token at every endpoint: each is good where it belongs, and nowhere else."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.auth_clients import let_in
from tests.fakes.auth_service import Auth, basic, bearer, no_keys, serve_auth

PASSWORDS = {"current_password": "wooden-lantern-9-kites", "new_password": "another-lantern-7-kites"}
KINDS = ("partial", "receipt", "access", "refresh", "service", "assertion", "gateway assertion", "ended access")
BEARER = (
    ("GET", "/v1/sessions"),
    ("DELETE", "/v1/sessions"),
    ("DELETE", "/v1/sessions/current"),
    ("DELETE", "/v1/sessions/00000000-0000-4000-8000-000000000000"),
    ("POST", "/v1/users/me/password"),
    ("GET", "/v1/sessions/ended"),
)


@pytest.fixture
async def auth(aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str) -> AsyncIterator[Auth]:
    async with no_keys(postgres):
        yield await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)


async def tokens_of(auth: Auth) -> dict[str, str]:
    """One good token of each kind, all of the same moment; and one whose session has ended."""
    person, other, gone = await auth.register(), await auth.register(), await auth.register()
    service = await let_in(auth)
    session, ended = await auth.exchange(other), await auth.exchange(gone)
    await auth.http.delete("/v1/sessions/current", headers=bearer(ended["access_token"]))
    gateway = {**auth.twofactor.claims(person), "iss": "https://id.example.test/gateway", "aud": "countersign"}
    return {
        "partial": person.mfa_token,
        "receipt": auth.twofactor.receipt(person),
        "access": session["access_token"],
        "refresh": session["refresh_token"],
        "service": await service.token(auth),
        "assertion": service.assertion(auth),
        "gateway assertion": auth.twofactor.ring.sign("assertion+jwt", gateway),
        "ended access": ended["access_token"],
    }


async def open_sessions(auth: Auth) -> int:
    counted: int = await auth.database.fetchval("SELECT count(*) FROM sessions WHERE ended_at IS NULL")
    return counted


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "access"])
@pytest.mark.parametrize(("method", "path"), BEARER)
async def test_no_other_token_is_a_session(auth: Auth, kind: str, method: str, path: str) -> None:
    tokens = await tokens_of(auth)
    before = await open_sessions(auth)
    body = {"json": PASSWORDS} if method == "POST" else {}
    answer = await auth.http.request(method, path, headers=bearer(tokens[kind]), **body)
    assert answer.status == 401
    assert (await answer.json())["error"] in {"invalid_token", "invalid_client"}
    assert await open_sessions(auth) == before


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "partial"])
async def test_no_other_token_is_a_password_that_was_right(auth: Auth, kind: str) -> None:
    tokens = await tokens_of(auth)
    person = await auth.register()
    answer = await auth.ask_token(auth.exchange_form(person, subject_token=tokens[kind]))
    assert (answer.status, (await answer.json())["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("kind", KINDS)
async def test_no_other_token_is_an_approval_of_this_login(auth: Auth, kind: str) -> None:
    tokens = await tokens_of(auth)
    person = await auth.register()
    answer = await auth.ask_token(auth.exchange_form(person, receipt=tokens[kind]))
    assert (answer.status, (await answer.json())["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "refresh"])
async def test_no_other_token_is_refreshed(auth: Auth, kind: str) -> None:
    answer = await auth.refresh((await tokens_of(auth))[kind])
    assert (answer.status, (await answer.json())["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("kind", KINDS)
async def test_introspection_calls_active_what_opens_something_here(auth: Auth, kind: str) -> None:
    said = await auth.introspect((await tokens_of(auth))[kind])
    assert said["active"] == (kind in {"access", "refresh", "service"})
    assert said["active"] or said == {"active": False}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"access", "refresh"}])
async def test_revoking_another_token_ends_no_session(auth: Auth, kind: str) -> None:
    tokens = await tokens_of(auth)
    before = await open_sessions(auth)
    answer = await auth.http.post("/oauth2/revoke", data={"token": tokens[kind]})
    assert answer.status == (400 if kind == "service" else 200)
    assert await open_sessions(auth) == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("endpoint", ["/oauth2/token", "/oauth2/introspect"])
async def test_no_token_is_a_client_s_proof(auth: Auth, kind: str, endpoint: str) -> None:
    token = (await tokens_of(auth))[kind]
    service = await let_in(auth)
    form = {"grant_type": "client_credentials", "token": "x"}
    for headers, more in (
        (bearer(token), {}),
        (basic(service.id, token), {}),
        ({}, {"client_id": service.id, "client_secret": token}),
        ({}, service.form(token, client_id=service.id)),
    ):
        answer = await auth.http.post(endpoint, data={**form, **more}, headers=headers)
        assert (answer.status, (await answer.json())["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_token_in_the_address_or_the_body_is_no_token(auth: Auth, kind: str) -> None:
    """RFC 6750 sections 2.2 and 2.3 are not offered: addresses end up in logs."""
    token = (await tokens_of(auth))[kind]
    assert (await auth.http.get("/v1/sessions", params={"access_token": token})).status == 401
    answer = await auth.http.delete("/v1/sessions", params={"scope": "global"}, data={"access_token": token})
    assert answer.status == 401
