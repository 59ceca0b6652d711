"""Client assertions that somebody made up, took from elsewhere or used twice, and secrets of others."""

import base64
import json
import statistics
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.auth.model.client import digest_of
from tests.fakes.auth_clients import ASSERTION_TYPE, Service, let_in, new_client_id, register_of
from tests.fakes.auth_ids import new_id
from tests.fakes.auth_service import PUBLIC_URL, SERVICE, Auth, basic, no_keys, serve_auth


@pytest.fixture
async def auth(aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str) -> AsyncIterator[Auth]:
    async with no_keys(postgres):
        yield await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def parts(text: str) -> tuple[dict[str, Any], str, str]:
    _, payload, signature = text.split(".")
    return dict(jwt.get_unverified_header(text)), payload, signature


def alg_none(service: Service, auth: Auth) -> str:
    header, payload, _ = parts(service.assertion(auth))
    return f"{part({**header, 'alg': 'none'})}.{payload}."


def alg_none_with_something_for_a_signature(service: Service, auth: Auth) -> str:
    header, payload, signature = parts(service.assertion(auth))
    return f"{part({**header, 'alg': 'None'})}.{payload}.{signature}"


def the_public_key_as_hmac_secret(service: Service, auth: Auth) -> str:
    header, payload, _ = parts(service.assertion(auth))
    pem = service.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hmac_with(pem, header, payload)


def the_client_s_own_secret_as_hmac_secret(service: Service, auth: Auth) -> str:
    header, payload, _ = parts(service.assertion(auth))
    return hmac_with(service.secret.encode(), header, payload)


def hmac_with(secret: bytes, header: dict[str, Any], payload: str) -> str:
    content = f"{part({**header, 'alg': 'HS256'})}.{payload}"
    algorithm: Any = jwt.get_algorithm_by_name("HS256")
    return f"{content}.{base64.urlsafe_b64encode(algorithm.sign(content.encode(), secret)).rstrip(b'=').decode()}"


def stranger_for(service: Service) -> Service:
    return Service(service.id, service.secret)


def a_stranger_s_key_under_the_client_s_kid(service: Service, auth: Auth) -> str:
    return stranger_for(service).assertion(auth)


def a_stranger_s_key_in_the_header(service: Service, auth: Auth) -> str:
    stranger = stranger_for(service)
    return stranger.assertion(auth, header={"jwk": stranger.jwk})


def a_stranger_s_key_at_an_address(service: Service, auth: Auth) -> str:
    return stranger_for(service).assertion(auth, header={"jku": "https://evil.example/jwks.json", "kid": "evil"})


def a_stranger_s_certificate(service: Service, auth: Auth) -> str:
    return stranger_for(service).assertion(auth, header={"x5u": "https://evil.example/x", "x5c": ["MIIB"]})


def path_as_kid(service: Service, auth: Auth) -> str:
    return service.assertion(auth, header={"kid": "../../../../dev/null"})


def sql_as_kid(service: Service, auth: Auth) -> str:
    return service.assertion(auth, header={"kid": "one' OR '1'='1"})


def critical_extension(service: Service, auth: Auth) -> str:
    header, payload, signature = parts(service.assertion(auth))
    return f"{part({**header, 'crit': ['b64'], 'b64': False})}.{payload}.{signature}"


def a_header_with_two_algorithms(service: Service, auth: Auth) -> str:
    text = service.assertion(auth)
    head = json.dumps(jwt.get_unverified_header(text))[:-1] + ', "alg": "ES256"}'
    return f"{base64.urlsafe_b64encode(head.encode()).rstrip(b'=').decode()}.{text.partition('.')[2]}"


def padded(service: Service, auth: Auth) -> str:
    return service.assertion(auth) + "="


def oversized(service: Service, auth: Auth) -> str:
    return service.assertion(auth, more="x" * 5000)


def deeply_nested(service: Service, auth: Auth) -> str:
    deep = base64.urlsafe_b64encode(b"[" * 1500).rstrip(b"=").decode()
    return f"{deep}.{service.assertion(auth).partition('.')[2]}"


def nested_claims(service: Service, auth: Auth) -> str:
    deep = base64.urlsafe_b64encode(b'{"iss":' + b"[" * 1500).rstrip(b"=").decode()
    head, _, signature = service.assertion(auth).split(".")
    return f"{head}.{deep}.{signature}"


def not_signed_at_all(service: Service, auth: Auth) -> str:
    return service.assertion(auth).rpartition(".")[0]


def another_client_named_in_it(service: Service, auth: Auth) -> str:
    head, _, signature = service.assertion(auth).split(".")
    return f"{head}.{part(service.claims(auth, sub=SERVICE[0], iss=SERVICE[0]))}.{signature}"


def typed_as_an_access_token(service: Service, auth: Auth) -> str:
    return service.assertion(auth, header={"typ": "at+jwt"})


def typed_as_a_receipt(service: Service, auth: Auth) -> str:
    return service.assertion(auth, header={"typ": "approval+jwt"})


def for_another_server(service: Service, auth: Auth) -> str:
    return service.assertion(auth, aud="https://other.example/oauth2/token")


def for_us_and_another_server(service: Service, auth: Auth) -> str:
    return service.assertion(auth, aud=[PUBLIC_URL, "https://other.example"])


def for_the_gateway_s_upstreams(service: Service, auth: Auth) -> str:
    return service.assertion(auth, aud="countersign")


def that_lives_for_an_hour(service: Service, auth: Auth) -> str:
    return service.assertion(auth, exp=int(auth.clock().timestamp()) + 3600)


def that_is_over(service: Service, auth: Auth) -> str:
    return service.assertion(auth, exp=int(auth.clock().timestamp()))


def from_tomorrow(service: Service, auth: Auth) -> str:
    return service.assertion(auth, iat=int(auth.clock().timestamp()) + 86400)


def without_an_id(service: Service, auth: Auth) -> str:
    return service.assertion(auth, jti=None)


def without_an_end(service: Service, auth: Auth) -> str:
    return service.assertion(auth, exp=None)


def with_an_end_that_is_no_number(service: Service, auth: Auth) -> str:
    return service.assertion(auth, exp="soon")


Forgery = Callable[[Service, Auth], str]
FORGERIES: list[Forgery] = [
    alg_none, alg_none_with_something_for_a_signature, the_public_key_as_hmac_secret,
    the_client_s_own_secret_as_hmac_secret, a_stranger_s_key_under_the_client_s_kid, a_stranger_s_key_in_the_header,
    a_stranger_s_key_at_an_address, a_stranger_s_certificate, path_as_kid, sql_as_kid, critical_extension,
    a_header_with_two_algorithms, padded, oversized, deeply_nested, nested_claims, not_signed_at_all,
    another_client_named_in_it, typed_as_an_access_token, typed_as_a_receipt, for_another_server,
    for_us_and_another_server, for_the_gateway_s_upstreams, that_lives_for_an_hour, that_is_over, from_tomorrow,
    without_an_id, without_an_end, with_an_end_that_is_no_number,
]  # fmt: skip


async def is_refused(auth: Auth, form: dict[str, str], **options: Any) -> bool:
    """With one answer for all reasons, and nothing told of them."""
    answer = await auth.ask_token(form, **options)
    body = await answer.json()
    said = {"error": "invalid_client", "error_description": "Client authentication failed."}
    return answer.status == 401 and body == said and "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
async def test_a_forged_assertion_proves_nothing(auth: Auth, forge: Forgery) -> None:
    service = await let_in(auth)
    assert await is_refused(auth, service.form(forge(service, auth)))
    answer = await auth.http.post("/oauth2/introspect", data={"token": "x", **service.form(forge(service, auth))})
    assert answer.status == 401
    assert (await auth.ask_token(service.form(service.assertion(auth)))).status == 200


async def test_one_client_s_key_says_nothing_for_another(auth: Auth) -> None:
    mallory, victim = await let_in(auth), await let_in(auth)
    forged = jwt.encode(victim.claims(auth), mallory.key, algorithm="ES256", headers={"kid": "one"})
    assert await is_refused(auth, victim.form(forged))
    assert await is_refused(auth, victim.form(forged, client_id=victim.id))
    assert await is_refused(auth, mallory.form(mallory.assertion(auth), client_id=victim.id))
    crossed = jwt.encode(mallory.claims(auth, sub=victim.id), mallory.key, algorithm="ES256", headers={"kid": "one"})
    assert await is_refused(auth, mallory.form(crossed))


async def test_a_replayed_assertion_is_refused_by_every_process(
    auth: Auth, aiohttp_client: Any, aiohttp_server: Any, postgres: Any, valkey_url: str
) -> None:
    other = await serve_auth(aiohttp_client, aiohttp_server, postgres, valkey_url)
    service = await let_in(auth)
    form = service.form(service.assertion(auth))
    assert (await auth.ask_token(form)).status == 200
    assert await is_refused(auth, form)
    assert await is_refused(other, form)
    introspection = await auth.http.post("/oauth2/introspect", data={**form, "token": "x"})
    assert introspection.status == 401


async def test_nobody_uses_up_the_assertion_of_another(auth: Auth) -> None:
    """A forged copy with the same jti, and another client's own assertion with it."""
    service, mallory = await let_in(auth), await let_in(auth)
    jti = new_id()
    assert await is_refused(auth, service.form(stranger_for(service).assertion(auth, jti=jti)))
    assert (await auth.ask_token(mallory.form(mallory.assertion(auth, jti=jti)))).status == 200
    assert (await auth.ask_token(service.form(service.assertion(auth, jti=jti)))).status == 200


async def test_our_own_tokens_are_no_proof_of_a_client(auth: Auth) -> None:
    service = await let_in(auth)
    person = await auth.register()
    receipt = auth.twofactor.receipt(person)
    session = await auth.exchange(person, receipt=receipt)
    for token in (
        session["access_token"],
        session["refresh_token"],
        person.mfa_token,
        receipt,
        await service.token(auth),
    ):
        assert await is_refused(auth, service.form(token))


async def test_a_client_that_was_shut_out_gets_in_by_none_of_its_proofs(auth: Auth) -> None:
    service = await let_in(auth)
    await register_of(auth).disable(service.id, auth.clock())
    assert await is_refused(auth, {"grant_type": "client_credentials"}, headers=basic(service.id, service.secret))
    assert await is_refused(auth, service.form(service.assertion(auth)))


async def test_a_secret_that_was_replaced_is_worth_nothing(auth: Auth) -> None:
    service = await let_in(auth)
    await register_of(auth).replace_secret(service.id, digest_of("another"), auth.clock())
    assert await is_refused(auth, {"grant_type": "client_credentials"}, headers=basic(service.id, service.secret))


async def test_two_ways_of_proof_at_once_are_refused_even_if_both_are_good(auth: Auth) -> None:
    """RFC 6749 section 2.3: what one reader checks and another believes must not differ."""
    service = await let_in(auth)
    header = basic(service.id, service.secret)
    posted = {"client_id": service.id, "client_secret": service.secret}
    own = {"grant_type": "client_credentials"}
    for form, headers in (
        ({**own, **posted}, header),
        (service.form(service.assertion(auth)), header),
        (service.form(service.assertion(auth), **posted), {}),
        ({**own, "client_id": "another"}, header),
        ({**own, "client_secret": service.secret}, {}),
        ({**own, "client_assertion": service.assertion(auth)}, {}),
        ({**own, "client_assertion_type": ASSERTION_TYPE, "client_id": service.id}, {}),
        ({**service.form(service.assertion(auth)), "client_assertion_type": "saml2-bearer"}, {}),
    ):
        answer = await auth.ask_token(form, headers=headers)
        assert (answer.status, (await answer.json())["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("name", ["", "\x00", "a\x00b", "' OR 1=1 --", "x" * 5000, "\u202e", "*", "%"])
async def test_a_name_that_is_none_is_unknown(auth: Auth, name: str) -> None:
    answer = await auth.ask_token({"grant_type": "client_credentials"}, headers=basic(name, "secret"))
    assert answer.status == 401
    service = Service(name, "secret")
    answer = await auth.ask_token(service.form(service.assertion(auth)))
    assert answer.status == 401


async def test_no_log_line_holds_a_client_s_proof(auth: Auth, capsys: pytest.CaptureFixture[str]) -> None:
    service = await let_in(auth)
    assertion = service.assertion(auth)
    await auth.ask_token(service.form(assertion))
    await auth.ask_token(service.form(assertion))
    token = await service.token(auth)
    await auth.ask_token({"grant_type": "client_credentials"}, headers=basic(service.id, "wrong-secret-of-mine"))
    written = "".join(capsys.readouterr())
    assert "client_refused" in written
    assert "replayed" in written
    for secret in (service.secret, assertion, token, "wrong-secret-of-mine"):
        assert secret not in written


async def took(auth: Auth, form: dict[str, str], **options: Any) -> float:
    began = time.perf_counter()
    await auth.ask_token(form, **options)
    return time.perf_counter() - began


async def test_an_unknown_client_costs_what_a_known_one_does(auth: Auth) -> None:
    """Coarse on purpose, as for passwords: without the decoys the ratio of the second would be far from one."""
    service = await let_in(auth)
    own = {"grant_type": "client_credentials"}
    by_secret, by_key = [], []
    for _ in range(25):
        known = await took(auth, own, headers=basic(service.id, "wrong"))
        unknown = await took(auth, own, headers=basic(new_client_id(), "wrong"))
        by_secret.append((known, unknown))
        forged = stranger_for(service).assertion(auth)
        nobody = Service(new_client_id(), "x", ec.generate_private_key(ec.SECP256R1()))
        known = await took(auth, service.form(forged))
        unknown = await took(auth, service.form(nobody.assertion(auth, header={})))
        by_key.append((known, unknown))
    for pairs in (by_secret, by_key):
        known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
        assert 0.5 < known / unknown < 2
