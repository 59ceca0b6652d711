"""Tokens that somebody made up, changed, or took from elsewhere: none opens a session, none is a session."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from chassis.keyring import KeyRing, SigningKey, new_key
from services.auth.api.discovery import KEY_RING
from tests.fakes.auth_ids import new_id
from tests.fakes.auth_service import PUBLIC_URL, Auth, Person, bearer, no_keys, serve_auth


@pytest.fixture
async def auth(aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str) -> AsyncIterator[Auth]:
    async with no_keys(postgres):
        yield await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, Any]:
    return jwt.get_unverified_header(token)


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def signed(key: SigningKey, claims: dict[str, Any], **header: Any) -> str:
    merged = {"alg": "ES256", "kid": key.kid, **header}
    head = {name: value for name, value in merged.items() if value is not None}
    content = f"{part(head)}.{part(claims)}"
    signature = jwt.get_algorithm_by_name("ES256").sign(content.encode(), key.private)
    return f"{content}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def own(auth: Auth) -> SigningKey:
    return auth.app[KEY_RING].signer()


def alg_none(token: str, key: SigningKey) -> str:
    return f"{part({**header_of(token), 'alg': 'none'})}.{token.split('.')[1]}."


def alg_none_in_capitals(token: str, key: SigningKey) -> str:
    return f"{part({**header_of(token), 'alg': 'NoNe'})}.{token.split('.')[1]}."


def signature_left_out(token: str, key: SigningKey) -> str:
    return token.rpartition(".")[0] + "."


def public_key_as_hmac_secret(token: str, key: SigningKey) -> str:
    pem = key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    content = f"{part({**header_of(token), 'alg': 'HS256'})}.{token.split('.')[1]}"
    algorithm: Any = jwt.get_algorithm_by_name("HS256")
    signature = base64.urlsafe_b64encode(algorithm.sign(content.encode(), pem)).rstrip(b"=").decode()
    return f"{content}.{signature}"


def a_stranger_s_key_under_our_kid(token: str, key: SigningKey) -> str:
    return signed(new_key(key.kid, key.signs_from), claims_of(token), typ=header_of(token)["typ"])


def a_key_of_one_s_own_in_the_header(token: str, key: SigningKey) -> str:
    stranger = new_key("stranger", key.signs_from)
    return signed(stranger, claims_of(token), typ=header_of(token)["typ"], jwk=stranger.public_jwk())


def keys_at_one_s_own_address(token: str, key: SigningKey) -> str:
    stranger = new_key("stranger", key.signs_from)
    return signed(stranger, claims_of(token), typ=header_of(token)["typ"], jku="https://evil.example/jwks.json")


def another_person_in_it(token: str, key: SigningKey) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{part({**claims_of(token), 'sub': new_id()})}.{signature}"


def sql_as_kid(token: str, key: SigningKey) -> str:
    return signed(new_key("' OR 1=1 --", key.signs_from), claims_of(token), typ=header_of(token)["typ"])


def path_as_kid(token: str, key: SigningKey) -> str:
    return signed(key, claims_of(token), typ=header_of(token)["typ"], kid="../../../dev/null")


def no_kid(token: str, key: SigningKey) -> str:
    return signed(key, claims_of(token), typ=header_of(token)["typ"], kid=None)


def number_as_kid(token: str, key: SigningKey) -> str:
    return signed(key, claims_of(token), typ=header_of(token)["typ"], kid=7)


def critical_extension(token: str, key: SigningKey) -> str:
    return signed(key, claims_of(token), typ=header_of(token)["typ"], crit=["b64"], b64=False)


def oversized(token: str, key: SigningKey) -> str:
    return signed(key, {**claims_of(token), "padding": "x" * 4000}, typ=header_of(token)["typ"])


def no_type(token: str, key: SigningKey) -> str:
    return signed(key, claims_of(token), typ=None)


def plain_type(token: str, key: SigningKey) -> str:
    return signed(key, claims_of(token), typ="JWT")


def another_issuer(token: str, key: SigningKey) -> str:
    return signed(key, {**claims_of(token), "iss": "https://evil.example"}, typ=header_of(token)["typ"])


def another_audience(token: str, key: SigningKey) -> str:
    return signed(key, {**claims_of(token), "aud": "another service"}, typ=header_of(token)["typ"])


def many_audiences(token: str, key: SigningKey) -> str:
    claims = claims_of(token)
    return signed(key, {**claims, "aud": [claims["aud"], "another service"]}, typ=header_of(token)["typ"])


def no_end(token: str, key: SigningKey) -> str:
    claims = claims_of(token)
    del claims["exp"]
    return signed(key, claims, typ=header_of(token)["typ"])


def end_as_text(token: str, key: SigningKey) -> str:
    return signed(key, {**claims_of(token), "exp": "9999999999"}, typ=header_of(token)["typ"])


def endless(token: str, key: SigningKey) -> str:
    return signed(key, {**claims_of(token), "exp": 10**30}, typ=header_of(token)["typ"])


def not_yet(token: str, key: SigningKey) -> str:
    claims = claims_of(token)
    return signed(key, {**claims, "iat": claims["iat"] + 3600}, typ=header_of(token)["typ"])


def subject_of_another_kind(token: str, key: SigningKey) -> str:
    return signed(key, {**claims_of(token), "sub": {"$ne": None}}, typ=header_of(token)["typ"])


def five_parts(token: str, key: SigningKey) -> str:
    return token + ".x.y"


def header_that_is_no_object(token: str, key: SigningKey) -> str:
    return f"{part(['ES256'])}.{token.partition('.')[2]}"


def header_with_two_algorithms(token: str, key: SigningKey) -> str:
    head = json.dumps(header_of(token))[:-1] + ', "alg": "ES256"}'
    encoded = base64.urlsafe_b64encode(head.encode()).rstrip(b"=").decode()
    return f"{encoded}.{token.partition('.')[2]}"


def deep_nesting(token: str, key: SigningKey) -> str:
    deep = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 1500).rstrip(b"=").decode()
    return f"{deep}.{token.partition('.')[2]}"


Forgery = Callable[[str, SigningKey], str]
FORGERIES: list[Forgery] = [
    alg_none, alg_none_in_capitals, signature_left_out, public_key_as_hmac_secret, a_stranger_s_key_under_our_kid,
    a_key_of_one_s_own_in_the_header, keys_at_one_s_own_address, another_person_in_it, sql_as_kid, path_as_kid, no_kid,
    number_as_kid, critical_extension, oversized, no_type, plain_type, another_issuer, another_audience, many_audiences,
    no_end, end_as_text, endless, not_yet, subject_of_another_kind, five_parts, header_that_is_no_object,
    header_with_two_algorithms, deep_nesting,
]  # fmt: skip
forgeries = pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)


async def assert_refused_grant(auth: Auth, person: Person, **changes: str) -> None:
    """400 `invalid_grant`, nothing opened, and nothing spent: the honest exchange still works."""
    sessions = await auth.count("sessions")
    answer = await auth.ask_token(auth.exchange_form(person, **changes))
    body = await answer.json()
    assert (answer.status, body["error"]) == (400, "invalid_grant"), body
    assert set(body) == {"error", "error_description"}
    assert await auth.count("sessions") == sessions
    assert await auth.exchange(person)


@forgeries
async def test_a_forged_partial_token_opens_nothing(auth: Auth, forge: Forgery) -> None:
    person = await auth.register()
    await assert_refused_grant(auth, person, subject_token=forge(person.mfa_token, own(auth)))


@forgeries
async def test_a_forged_receipt_opens_nothing(auth: Auth, forge: Forgery) -> None:
    person = await auth.register()
    await assert_refused_grant(
        auth, person, receipt=forge(auth.twofactor.receipt(person), auth.twofactor.ring.signer())
    )


@forgeries
async def test_a_forged_access_token_is_no_session(auth: Auth, forge: Forgery) -> None:
    tokens = await auth.session()
    forged = forge(tokens["access_token"], own(auth))
    answer = await auth.http.get("/v1/sessions", headers=bearer(forged))
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert await auth.introspect(forged) == {"active": False}
    await auth.http.post("/oauth2/revoke", data={"token": forged})
    assert (await auth.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))).status == 200


async def test_a_partial_token_is_no_access_token(auth: Auth) -> None:
    person = await auth.register()
    assert (await auth.http.get("/v1/sessions", headers=bearer(person.mfa_token))).status == 401


async def test_an_access_token_is_no_partial_token(auth: Auth) -> None:
    person = await auth.register()
    tokens = await auth.session()
    await assert_refused_grant(auth, person, subject_token=tokens["access_token"])


async def test_a_partial_token_typed_as_an_access_token_by_our_own_key_is_none(auth: Auth) -> None:
    person = await auth.register()
    retyped = signed(own(auth), person.claims, typ="at+jwt")
    assert (await auth.http.get("/v1/sessions", headers=bearer(retyped))).status == 401


async def test_a_receipt_signed_by_auth_itself_is_none(auth: Auth) -> None:
    """Only services.twofactor says who approved: our own key, or the gateway's, has no such power."""
    person = await auth.register()
    receipt = signed(own(auth), auth.twofactor.claims(person), typ="approval+jwt")
    await assert_refused_grant(auth, person, receipt=receipt)


async def test_a_partial_token_signed_by_twofactor_is_none(auth: Auth) -> None:
    person = await auth.register()
    forged = auth.twofactor.ring.sign("mfa+jwt", person.claims)
    await assert_refused_grant(auth, person, subject_token=forged)


async def test_the_two_proofs_do_not_change_places(auth: Auth) -> None:
    person = await auth.register()
    receipt = auth.twofactor.receipt(person)
    await assert_refused_grant(auth, person, subject_token=receipt, receipt=person.mfa_token)
    other = await auth.register()
    await assert_refused_grant(auth, other, receipt=other.mfa_token)


async def test_an_expired_partial_token_opens_nothing(auth: Auth) -> None:
    person = await auth.register()
    auth.clock.advance(minutes=5)
    answer = await auth.ask_token(auth.exchange_form(person))
    assert (answer.status, (await answer.json())["error"]) == (400, "invalid_grant")


async def test_an_expired_receipt_opens_nothing(auth: Auth) -> None:
    person = await auth.register()
    receipt = auth.twofactor.receipt(person)
    # Its minute, and the time by which two clocks may differ.
    auth.clock.advance(seconds=150)
    await assert_refused_grant(auth, person, receipt=receipt)


async def test_a_key_of_the_issuer_that_it_no_longer_publishes_opens_nothing(auth: Auth) -> None:
    """Known here for as long as it was published; whoever stole it must not be believed after that."""
    assert await auth.session()
    withdrawn = KeyRing(auth.clock, auth.twofactor.ring.keys)
    auth.twofactor.ring.keys = (new_key("twofactor-2", auth.clock()),)
    auth.clock.advance(minutes=5)
    person = await auth.register()
    await assert_refused_grant(auth, person, receipt=withdrawn.sign("approval+jwt", auth.twofactor.claims(person)))


async def test_a_login_and_a_session_of_a_key_of_ours_that_was_withdrawn_are_none(auth: Auth) -> None:
    person, tokens = await auth.register(), await auth.session()
    ring = auth.app[KEY_RING]
    ring.keys = (*(replace(key, published_until=auth.clock()) for key in ring.keys), new_key("next", auth.clock()))
    assert (await auth.ask_token(auth.exchange_form(person))).status == 400
    assert (await auth.http.get("/v1/sessions", headers=bearer(tokens["access_token"]))).status == 401


async def test_a_new_key_of_twofactor_is_found_without_a_restart(auth: Auth) -> None:
    assert await auth.session()
    auth.twofactor.ring.keys = (new_key("twofactor-2", auth.clock()),)
    auth.clock.advance(seconds=10)
    assert await auth.session()


async def test_without_twofactor_s_keys_the_answer_is_try_again(
    aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str, free_port: Any
) -> None:
    async with no_keys(postgres):
        auth = await serve_auth(
            aiohttp_client, aiohttp_server, postgres, valkey_url, twofactor_url=f"http://127.0.0.1:{free_port()}"
        )
        person = await auth.register()
        answer = await auth.ask_token(auth.exchange_form(person))
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "1"
        assert (await answer.json())["error"] == "unavailable"


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "jti", "txn", "pjti", "iat", "exp", "amr"])
async def test_a_receipt_that_leaves_something_out_opens_nothing(auth: Auth, claim: str) -> None:
    person = await auth.register()
    await assert_refused_grant(auth, person, receipt=auth.twofactor.receipt(person, **{claim: None}))


async def test_a_receipt_for_the_gateway_or_for_another_service_opens_nothing(auth: Auth) -> None:
    person = await auth.register()
    for audience in ("countersign", "countersign/mfa", "payments", f"{PUBLIC_URL}/", [PUBLIC_URL]):
        receipt = auth.twofactor.receipt(person, aud=audience)
        answer = await auth.ask_token(auth.exchange_form(person, receipt=receipt))
        assert answer.status == 400
    assert await auth.exchange(person)
