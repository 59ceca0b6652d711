"""Tokens that prove nothing: everywhere a token is needed, each of them is refused alike."""

import asyncio
import base64
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from multidict import CIMultiDict

from chassis.keyring import KeyRing, new_key
from tests.fakes.twofactor_service import PHONE, random_id, running_service_fixture, valkey_fixture  # noqa: F401 fixtures

ID = "00000000-0000-4000-8000-000000000001"
PARTIAL_ONLY = [
    ("POST", "/v1/mfa/challenges", {"json": {"channel": "push"}}),
    ("GET", f"/v1/mfa/challenges/{ID}", {}),
    ("DELETE", f"/v1/mfa/challenges/{ID}", {}),
    ("POST", f"/v1/mfa/challenges/{ID}/code", {"json": {"code": "1234567"}}),
    ("POST", "/v1/mfa/receipts", {}),
]
SESSION_ONLY = [("DELETE", f"/v1/mfa/factors/push-{ID}", {})]
EITHER = [("GET", "/v1/mfa/factors", {}), ("POST", "/v1/mfa/factors", {"json": PHONE})]
EVERYWHERE = PARTIAL_ONLY + SESSION_ONLY + EITHER


async def require_refused(service, token, places=EVERYWHERE):
    for method, path, options in places:
        answer = await service.ask(method, path, token, **options)
        document = await answer.json()
        assert (answer.status, document["error"]) == (401, "invalid_token"), (path, document)
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        assert answer.content_type == "application/problem+json"
    assert service.provider.calls == []


def part(data):
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


async def test_no_address_answers_without_a_token(running_service):
    await require_refused(await running_service(), None)


@pytest.mark.parametrize("text", ["x", "a.b.c", "..", "a.b", "x" * 5000, "e30.e30.", "é"])
async def test_what_is_not_a_token(running_service, text):
    await require_refused(await running_service(), text.encode().decode("latin-1"))


async def test_an_unsigned_token(running_service):
    service = await running_service()
    kid = service.auth.ring.signer().kid
    for typ, claims in (("mfa+jwt", service.auth.partial_claims()), ("at+jwt", service.auth.access_claims())):
        for alg in ("none", "None", "NONE"):
            await require_refused(service, f"{part({'alg': alg, 'typ': typ, 'kid': kid})}.{part(claims)}.")


async def test_a_token_signed_with_the_public_key_as_a_password(running_service):
    service = await running_service()
    key = service.auth.ring.signer()
    header = {"alg": "HS256", "typ": "mfa+jwt", "kid": key.kid}
    signed = f"{part(header)}.{part(service.auth.partial_claims())}"
    encodings = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    pem = key.private.public_key().public_bytes(*encodings)
    for secret in (pem, pem.strip(), json.dumps(key.public_jwk()).encode()):
        mac = hmac.digest(secret, signed.encode(), "sha256")
        await require_refused(service, f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


async def test_a_token_of_a_key_that_auth_does_not_publish(running_service):
    service = await running_service()
    for kid in ("auth-1", "another", "../../etc/passwd", ""):
        strange = KeyRing(service.clock, [new_key(kid, service.clock())])
        await require_refused(service, strange.sign("mfa+jwt", service.auth.partial_claims()))
        await require_refused(service, strange.sign("at+jwt", service.auth.access_claims()))


async def test_a_token_that_brings_its_own_key(running_service):
    service = await running_service()
    own = new_key("own", service.clock())
    for extra in ({"jwk": own.public_jwk()}, {"jku": "http://evil.example/jwks"}, {"crit": ["exp"], "exp": 0}):
        header = {"typ": "mfa+jwt", "kid": "own", **extra}
        await require_refused(
            service, jwt.encode(service.auth.partial_claims(), own.private, algorithm="ES256", headers=header)
        )


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"iat": 4102444800},
        {"nbf": 4102444800},
        {"iss": "https://evil.example"},
        {"iss": "https://id.example.com/approvals"},
        {"aud": "countersign"},
        {"aud": ["countersign/mfa", "other"]},
        {"sub": ""},
        {"sub": "1; DROP TABLE factors"},
        {"sub": "\x00"},
        {"txn": "}:open"},
        {"txn": "*"},
        {"txn": None},
        {"jti": "not an id"},
        {"email": None},
    ],
)
async def test_a_partial_token_with_claims_that_do_not_fit(running_service, claims):
    service = await running_service()
    await require_refused(service, service.partial(**claims))


async def test_a_token_is_good_for_what_it_is_for_and_nothing_else(running_service):
    service = await running_service()
    partial, session = service.partial(), service.access()
    await require_refused(service, session, PARTIAL_ONLY)
    await require_refused(service, partial, SESSION_ONLY)
    ring = service.auth.ring
    retyped = [
        ring.sign("at+jwt", service.auth.partial_claims()),
        ring.sign("mfa+jwt", service.auth.access_claims()),
        ring.sign("JWT", service.auth.partial_claims()),
        ring.sign("approval+jwt", service.auth.partial_claims(pjti=random_id())),
        ring.sign("assertion+jwt", service.auth.access_claims()),
    ]
    for token in retyped:
        await require_refused(service, token)


async def test_a_receipt_opens_nothing_here(running_service):
    service = await running_service()
    token = await service.enrolled()
    await service.press("approve", await service.opened(token))
    receipt = (await (await service.receipt(token)).json())["receipt"]
    for method, path, options in EVERYWHERE:
        assert (await service.ask(method, path, receipt, **options)).status == 401


async def test_a_token_that_expired_while_one_waited(running_service):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token)
    await service.press("approve", challenge)
    service.clock.advance(seconds=300)
    assert (await service.ask("GET", f"/v1/mfa/challenges/{challenge['id']}", token)).status == 401
    assert (await service.receipt(token)).status == 401


async def test_two_tokens_are_no_token(running_service):
    service = await running_service()
    headers = CIMultiDict({"Authorization": f"Bearer {service.partial()}"})
    headers.add("Authorization", f"Bearer {service.partial()}")
    assert (await service.client.get("/v1/mfa/factors", headers=headers)).status == 401


@pytest.mark.parametrize("scheme", ["Basic {}", "{}", "Bearer  {}", "Bearer {} x", "Bearer"])
async def test_only_one_form_of_the_header_counts(running_service, scheme):
    service = await running_service()
    headers = {"Authorization": scheme.format(service.partial())}
    assert (await service.ask("GET", "/v1/mfa/factors", headers=headers)).status == 401


async def test_a_token_in_the_address_is_no_token(running_service):
    service = await running_service()
    for name in ("access_token", "token", "mfa_token"):
        assert (await service.ask("GET", f"/v1/mfa/factors?{name}={service.partial()}")).status == 401


@pytest.mark.parametrize("claims", [{"auth_time": 0}, {"acr": "aal1"}])
async def test_a_session_that_is_not_fresh_and_whole_changes_no_factor(running_service, claims):
    service = await running_service()
    session = service.access(**claims)
    for method, path, options in (SESSION_ONLY[0], EITHER[1]):
        answer = await service.ask(method, path, session, **options)
        assert (answer.status, (await answer.json())["error"]) == (401, "insufficient_user_authentication")
        assert 'max_age="300"' in answer.headers["WWW-Authenticate"]
    assert service.provider.calls == []


async def test_while_the_keys_of_auth_cannot_be_had_nobody_is_believed(running_service):
    service = await running_service(auth_url="http://127.0.0.1:9")
    answer = await service.ask("GET", "/v1/mfa/factors", service.partial())
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


async def until(condition):
    async with asyncio.timeout(3):
        while not await condition():
            await asyncio.sleep(0.01)


async def test_a_session_that_has_ended_is_refused_here_too_past_the_gateway(running_service, valkey):
    service = await running_service()
    user, session = random_id(), random_id()
    stolen, another = service.access(user, sid=session), service.access(user)
    assert (await service.ask("GET", "/v1/mfa/factors", stolen)).status == 200
    await valkey.xadd("auth:ended", {"sid": session, "at": 0})

    async def is_refused():
        return (await service.ask("GET", "/v1/mfa/factors", stolen)).status == 401

    await until(is_refused)
    for path in ("/v1/mfa/recovery-codes", "/v1/mfa/disavowals"):
        assert (await service.ask("POST", path, stolen)).status == 401
    assert (await service.ask("GET", "/v1/mfa/factors", another)).status == 200
    later = await running_service()
    assert (await later.ask("GET", "/v1/mfa/factors", later.access(user, sid=session))).status == 401


@pytest.mark.parametrize(("without", "status"), [("introspect", 200), ("accept", 200), ("refuse", 503)])
async def test_while_it_is_not_known_what_ended_the_setting_decides_and_readiness_says_so(
    running_service, valkey, without, status
):
    service = await running_service(without_revocations=without, revocations_grace=0.5)
    token = service.access()
    assert (await service.ask("GET", "/v1/mfa/factors", token)).status == 200
    # A stream that cannot be read, while Valkey answers all else.
    await valkey.set("auth:ended", "x")

    async def is_said():
        return "revocations" in (await (await service.ask("GET", "/readyz")).json()).get("notes", {})

    await until(is_said)
    answer = await service.ask("GET", "/v1/mfa/factors", token)
    assert (answer.status, answer.headers.get("Retry-After")) == (status, "1" if status == 503 else None)
    assert (await service.ask("GET", "/readyz")).status == status
    await valkey.delete("auth:ended")
