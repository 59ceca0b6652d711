"""Services in their own name: tokens by secret and by key, made, rotated and shut out by an operator."""

import asyncio
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import ClientResponse
from cryptography.hazmat.primitives.asymmetric import ed25519
from jwt.algorithms import ECAlgorithm

from countersign import ACCESS, Verifier
from countersign.claims import ACCESS_AUDIENCE
from countersign.errors import WrongClaims
from services.auth.api.discovery import KEY_RING
from services.auth.crypto.own_keys import OwnKeys
from services.auth.model.grant import GrantType
from tests.fakes.auth_clients import Service, let_in, new_client_id, register_of
from tests.fakes.auth_service import PUBLIC_URL, SERVICE, Auth, basic, bearer, serve_auth
from tests.integration.auth.test_keys import run


async def refusal(answer: ClientResponse) -> tuple[int, str]:
    return answer.status, (await answer.json())["error"]


async def test_a_service_gets_a_token_in_its_own_name(auth: Auth) -> None:
    service = await let_in(auth)
    answer = await service.ask(auth)
    body = await answer.json()
    assert answer.status == 200
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}, "and no refresh token"
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 300, "invoices:read invoices:write")
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert jwt.get_unverified_header(body["access_token"])["typ"] == "at+jwt"
    assert set(claims) == {"iss", "sub", "aud", "client_id", "exp", "iat", "jti", "scope"}
    assert claims["sub"] == claims["client_id"] == service.id
    assert claims["exp"] - claims["iat"] == 300, "what nobody follows lives out its five minutes, and no more"


async def test_a_service_asks_for_less_and_never_gets_more(auth: Auth) -> None:
    service = await let_in(auth)
    body = await (await service.ask(auth, scope="invoices:read session")).json()
    assert body["scope"] == "invoices:read"
    assert await refusal(await service.ask(auth, scope="session")) == (400, "invalid_scope")
    assert await refusal(await service.ask(auth, audience="payments")) == (400, "invalid_target")
    assert await refusal(await service.ask(auth, resource="https://payments.example")) == (400, "invalid_target")


async def test_a_service_s_token_is_nobody_s_session(auth: Auth) -> None:
    token = await (await let_in(auth)).token(auth)
    for method, path in (
        ("GET", "/v1/sessions"),
        ("DELETE", "/v1/sessions/current"),
        ("POST", "/v1/users/me/password"),
    ):
        answer = await auth.http.request(method, path, headers=bearer(token))
        assert answer.status == 401
    reader = Verifier(
        ACCESS, issuer=PUBLIC_URL, audience=ACCESS_AUDIENCE, keys=OwnKeys(auth.app[KEY_RING]), clock=auth.clock
    )
    with pytest.raises(WrongClaims):
        await reader.verify(token)


async def test_a_service_proves_who_it_is_with_its_key(auth: Auth) -> None:
    for service in (await let_in(auth), await let_in(auth, key=ed25519.Ed25519PrivateKey.generate())):
        for audience in (PUBLIC_URL, f"{PUBLIC_URL}/oauth2/token"):
            answer = await auth.ask_token(service.form(service.assertion(auth, aud=audience)))
            assert answer.status == 200, await answer.text()
        named = await auth.ask_token(service.form(service.assertion(auth), client_id=service.id))
        assert named.status == 200


async def test_a_key_opens_every_endpoint_that_a_secret_opens(auth: Auth) -> None:
    service = await let_in(auth)
    tokens = await auth.session()
    form = {"token": tokens["access_token"], **service.form(service.assertion(auth))}
    assert (await (await auth.http.post("/oauth2/introspect", data=form)).json())["active"] is True
    form |= service.form(service.assertion(auth))
    assert (await auth.http.post("/oauth2/revoke", data=form)).status == 200
    assert await auth.introspect(tokens["access_token"]) == {"active": False}


async def test_an_assertion_is_good_once_also_when_fifty_come_at_once(auth: Auth) -> None:
    service = await let_in(auth)
    form = service.form(service.assertion(auth))
    answers = await asyncio.gather(*(auth.ask_token(form) for _ in range(50)))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 49


async def test_only_the_grants_that_a_client_was_given(auth: Auth) -> None:
    exchanging = await let_in(auth, grants=frozenset({GrantType.TOKEN_EXCHANGE, GrantType.REFRESH_TOKEN}))
    assert await refusal(await exchanging.ask(auth)) == (400, "unauthorized_client")
    own = await let_in(auth)
    person = await auth.register()
    answer = await auth.ask_token(auth.exchange_form(person), headers=basic(own.id, own.secret))
    assert await refusal(answer) == (400, "unauthorized_client")
    answer = await auth.ask_token(auth.exchange_form(person), headers=basic(exchanging.id, exchanging.secret))
    assert answer.status == 200


async def test_the_gateway_s_name_is_no_proof(auth: Auth) -> None:
    for form in ({}, {"client_id": "countersign-gateway"}, {"client_id": SERVICE[0]}):
        answer = await auth.ask_token({"grant_type": "client_credentials", **form})
        assert await refusal(answer) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


async def test_a_client_of_the_setting_goes_on_and_has_no_scopes(auth: Auth) -> None:
    answer = await auth.ask_token({"grant_type": "client_credentials"}, headers=basic(*SERVICE))
    assert (answer.status, (await answer.json())["scope"]) == (200, "")


async def test_a_row_of_the_same_name_takes_the_place_of_the_setting(auth: Auth, postgres: Any) -> None:
    insert = """
    INSERT INTO service_clients (client_id, jwks, scopes, grants, created_at, disabled_at)
    VALUES ($1, '[]', '{}', '{}', now(), now())
    """
    await auth.database.execute(insert, SERVICE[0])
    try:
        answer = await auth.http.post("/oauth2/introspect", data={"token": "x"}, headers=basic(*SERVICE))
        assert await refusal(answer) == (401, "invalid_client")
    finally:
        await asyncio.to_thread(
            postgres.psql, "countersign", f"DELETE FROM auth.service_clients WHERE client_id = '{SERVICE[0]}'"
        )


async def test_introspection_tells_a_service_s_token_as_long_as_the_service_stands(auth: Auth) -> None:
    service = await let_in(auth)
    token = await service.token(auth)
    said = await auth.introspect(token)
    assert (said["active"], said["sub"], said["client_id"]) == (True, service.id, service.id)
    assert not {"sid", "acr", "amr", "auth_time"} & set(said)
    await register_of(auth).disable(service.id, auth.clock())
    assert await auth.introspect(token) == {"active": False}


async def test_revoking_a_service_s_token_is_not_said_to_be_done(auth: Auth) -> None:
    token = await (await let_in(auth)).token(auth)
    answer = await auth.http.post("/oauth2/revoke", data={"token": token})
    assert await refusal(answer) == (400, "unsupported_token_type")


async def test_with_valkey_away_a_key_is_not_believed_and_a_secret_is(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, free_port: Any
) -> None:
    auth = await serve_auth(aiohttp_client, aiohttp_server, postgres, f"redis://127.0.0.1:{free_port()}/0")
    service = await let_in(auth)
    answer = await auth.ask_token(service.form(service.assertion(auth)))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert (await service.ask(auth)).status == 200


def test_an_operator_lets_a_service_in_and_shuts_it_out(postgres: Any, valkey_url: str, tmp_path: Path) -> None:
    name = new_client_id()
    made = run(postgres, valkey_url, "clients", "create", name, "--scope", "invoices:read", "--json")
    secret = json.loads(made.out)["client_secret"]
    assert secret.startswith("css_")
    assert len(secret) == len("css_") + 43
    assert "client_created" in made.err
    assert secret not in made.err
    shown = next(client for client in listed(postgres, valkey_url) if client["client_id"] == name)
    assert (shown["proof"], shown["scopes"], shown["grants"]) == (["secret"], ["invoices:read"], ["client_credentials"])
    assert secret not in run(postgres, valkey_url, "clients", "list").out
    again = run(postgres, valkey_url, "clients", "create", name)
    assert (again.status, name in again.err) == (1, True)
    rotated = json.loads(run(postgres, valkey_url, "clients", "rotate", name, "--overlap", "60", "--json").out)
    assert rotated["client_secret"] not in {secret, None}
    public = tmp_path / "keys.json"
    public.write_text(json.dumps(Service("x", "y").jwk))
    assert run(postgres, valkey_url, "clients", "rotate", name, "--jwks", str(public)).status == 0
    assert run(postgres, valkey_url, "clients", "disable", name, "--yes").out == f"{name}\n"
    shown = next(client for client in listed(postgres, valkey_url) if client["client_id"] == name)
    assert shown["disabled_at"]
    assert shown["proof"] == ["secret", "private_key_jwt"]


def listed(postgres: Any, valkey_url: str) -> list[dict[str, Any]]:
    done = run(postgres, valkey_url, "clients", "list", "--json")
    clients: list[dict[str, Any]] = json.loads(done.out)["clients"]
    return clients


def test_what_an_operator_mistypes_is_said_in_a_line(postgres: Any, valkey_url: str, tmp_path: Path) -> None:
    private = tmp_path / "private.json"
    private.write_text(ECAlgorithm.to_jwk(Service("x", "y").key))
    for arguments in (
        ("create", "Reports"),
        ("create", "billing-x", "--scope", "session"),
        ("create", "billing-x", "--grant", "password"),
        ("create", "billing-x", "--jwks", str(private)),
        ("create", "billing-x", "--jwks", str(tmp_path / "missing.json")),
        ("rotate", "nobody-here"),
        ("disable", "nobody-here", "--yes"),
    ):
        refused = run(postgres, valkey_url, "clients", *arguments)
        assert refused.status == 1, arguments
        assert len(refused.err.splitlines()) == 1, refused.err
        assert not refused.out


async def test_the_secret_is_not_in_the_store(auth: Auth) -> None:
    service = await let_in(auth)
    row = dict(await auth.database.fetchrow("SELECT * FROM service_clients WHERE client_id = $1", service.id))
    assert service.secret not in str(row)
    assert len(row["secret_digest"]) == 32
