"""Clients, how they prove who they are, and scopes."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from services.auth.crypto.client_assertions import JwtAssertions
from services.auth.crypto.client_keys import decoy_key, parse_jwks
from services.auth.flows.authenticate import Authenticate
from services.auth.model.client import GATEWAY, GATEWAY_CLIENT, Secret, ServiceClient, digest_of
from services.auth.model.credentials import Named, WithAssertion, WithSecret, basic_credentials
from services.auth.model.errors import InvalidClient, InvalidScope, UnauthorizedClient
from services.auth.model.events import What
from services.auth.model.grant import GrantType
from services.auth.model.registration import Unregistrable, grants_named, require_registrable
from services.auth.model.scope import granted, written
from tests.fakes.auth_ids import new_id
from tests.fakes.auth_stores import FakeServiceClients, FakeSpentAssertions, RecordedEvents
from tests.fakes.clock import FakeClock

ISSUER = "https://id.example.test"
SECRET = "a-long-service-secret"
EC_KEY, ED_KEY = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()


def ec_jwk(**more: str) -> dict[str, Any]:
    return {**json.loads(ECAlgorithm.to_jwk(EC_KEY.public_key())), **more}


def ed_jwk(**more: str) -> dict[str, Any]:
    return {**json.loads(OKPAlgorithm.to_jwk(ED_KEY.public_key())), **more}


class Door:
    """The flow on stores in memory, with three clients: by secret, by keys, and one that was disabled."""

    def __init__(self) -> None:
        self.clock, self.events = FakeClock(), RecordedEvents()
        keys = parse_jwks(json.dumps({"keys": [ec_jwk(kid="ec"), ed_jwk(kid="ed")]}))
        self.clients = FakeServiceClients(
            {
                "reports": ServiceClient("reports", (Secret(digest_of(SECRET)),)),
                "billing": ServiceClient("billing", keys=keys),
                "gone": ServiceClient("gone", (Secret(digest_of(SECRET)),), keys, disabled_at=self.clock()),
            }
        )
        assertions = JwtAssertions(frozenset({ISSUER, f"{ISSUER}/oauth2/token"}), decoy_key(), self.clock)
        self.authenticate = Authenticate(self.clients, assertions, FakeSpentAssertions(), self.events, self.clock)

    def assertion(self, key: Any = EC_KEY, alg: str = "ES256", *, header: Any = None, **changes: Any) -> WithAssertion:
        now = int(self.clock().timestamp())
        claims = {"iss": "billing", "sub": "billing", "aud": ISSUER, "jti": new_id(), "iat": now, "exp": now + 60}
        merged = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        named = {name: value for name, value in {"kid": "ec", **(header or {})}.items() if value}
        return WithAssertion(jwt.encode(merged, key, algorithm=alg, headers=named))


@pytest.fixture
def door() -> Door:
    return Door()


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


async def test_a_service_proves_who_it_is_by_its_secret(door: Door) -> None:
    assert (await door.authenticate.require_service(WithSecret("reports", SECRET))).id == "reports"
    assert (await door.authenticate.require_known(WithSecret("reports", SECRET))).id == "reports"


@pytest.mark.parametrize(
    "credentials",
    [
        None,
        Named("reports"),
        WithSecret("reports", ""),
        WithSecret("reports", "a-long-service-secre"),
        WithSecret("strangers", SECRET),
        WithSecret("strangers", ""),
        WithSecret("reports", "\udc80"),
        WithSecret("billing", ""),
        WithSecret("gone", SECRET),
        WithSecret(GATEWAY, ""),
        Named(GATEWAY),
    ],
)
async def test_whoever_does_not_is_refused(door: Door, credentials: Any) -> None:
    with pytest.raises(InvalidClient):
        await door.authenticate.require_service(credentials)
    assert door.events.whats() == [What.CLIENT_REFUSED]


async def test_the_gateway_needs_no_secret_and_is_meant_when_nobody_is_named(door: Door) -> None:
    assert await door.authenticate.require_known(None) == GATEWAY_CLIENT
    assert await door.authenticate.require_known(Named(GATEWAY)) == GATEWAY_CLIENT
    with pytest.raises(UnauthorizedClient):
        GATEWAY_CLIENT.require_grant(GrantType.CLIENT_CREDENTIALS)


@pytest.mark.parametrize("credentials", [Named("reports"), Named("strangers"), WithSecret(GATEWAY, "guess")])
async def test_nobody_takes_the_name_of_a_service_without_its_secret(door: Door, credentials: Any) -> None:
    with pytest.raises(InvalidClient):
        await door.authenticate.require_known(credentials)


async def test_the_secret_before_is_good_until_its_time_is_over(door: Door) -> None:
    await door.clients.replace_secret("reports", digest_of("another secret"), door.clock() + timedelta(minutes=1))
    for secret in (SECRET, "another secret"):
        await door.authenticate.require_service(WithSecret("reports", secret))
    door.clock.advance(minutes=1)
    with pytest.raises(InvalidClient):
        await door.authenticate.require_service(WithSecret("reports", SECRET))
    await door.authenticate.require_service(WithSecret("reports", "another secret"))


async def test_a_service_proves_who_it_is_by_its_key(door: Door) -> None:
    endpoint = f"{ISSUER}/oauth2/token"
    for good in (
        door.assertion(),
        door.assertion(aud=endpoint),
        door.assertion(iat=None),
        door.assertion(ED_KEY, "EdDSA", header={"kid": "ed"}),
        door.assertion(header={"typ": "client-authentication+jwt"}),
    ):
        assert (await door.authenticate.require_service(good)).id == "billing"
    named = door.assertion()
    assert (await door.authenticate.require_service(WithAssertion(named.text, "billing"))).id == "billing"
    with pytest.raises(InvalidClient):
        await door.authenticate.require_service(WithAssertion(door.assertion().text, "reports"))


async def test_an_assertion_is_good_once(door: Door) -> None:
    once = door.assertion()
    await door.authenticate.require_service(once)
    with pytest.raises(InvalidClient, match="replayed"):
        await door.authenticate.require_service(once)


async def test_a_client_with_one_key_need_not_name_it_and_one_with_two_must(door: Door) -> None:
    unnamed = door.assertion(header={"kid": None})
    with pytest.raises(InvalidClient):
        await door.authenticate.require_service(unnamed)
    await door.clients.replace_keys("billing", parse_jwks(json.dumps(ec_jwk())))
    await door.authenticate.require_service(unnamed)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://evil.example"},
        {"aud": [ISSUER]},
        {"aud": [ISSUER, "https://evil.example"]},
        {"aud": f"{ISSUER}/"},
        {"aud": None},
        {"iss": "reports"},
        {"sub": "reports"},
        {"sub": None},
        {"iss": {"$ne": None}},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 256},
        {"jti": 7},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 10**30},
        {"exp": 1767323045},
        {"exp": 1767323045 + 391},
        {"iat": 1767323045 + 91},
        {"nbf": 1767323045 + 91},
        {"iss": "gone", "sub": "gone"},
        {"iss": "strangers", "sub": "strangers"},
    ],
)
async def test_an_assertion_that_says_something_else_proves_nothing(door: Door, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidClient):
        await door.authenticate.require_service(_unchecked(door, changes))


def _unchecked(door: Door, changes: dict[str, Any]) -> WithAssertion:
    """PyJWT refuses to write some of it."""
    good = door.assertion().text
    claims = {**jwt.decode(good, options={"verify_signature": False}), **changes}
    payload = json.dumps({name: value for name, value in claims.items() if value is not None}).encode()
    return WithAssertion(jwt.api_jws.encode(payload, EC_KEY, algorithm="ES256", headers={"kid": "ec"}))


ALLOWED = frozenset({"session", "reports"})


def test_scopes_are_granted_as_far_as_they_are_allowed() -> None:
    assert granted(None, ALLOWED) == ALLOWED
    assert granted("reports", ALLOWED) == {"reports"}
    assert granted("reports admin", ALLOWED) == {"reports"}
    assert written(ALLOWED) == "reports session"
    assert granted(None, frozenset()) == frozenset()


@pytest.mark.parametrize("asked", ["admin", "", " session", "session  reports", "ses\x00sion", 'se"ssion', "séssion"])
def test_what_cannot_be_granted_is_refused(asked: str) -> None:
    with pytest.raises(InvalidScope):
        granted(asked, ALLOWED)


def test_basic_credentials_are_form_encoded() -> None:
    assert basic_credentials(basic("my%20service:p%3Aa+b")) == WithSecret("my service", "p:a b")
    assert basic_credentials("basic " + basic("a:b")[6:]) == WithSecret("a", "b")


@pytest.mark.parametrize("header", ["", "Bearer abc", "Basically abc"])
def test_another_scheme_is_not_basic(header: str) -> None:
    assert basic_credentials(header) is None


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ", "Basic !!!", basic("no colon"), "Basic /w==", basic("%ff:x"), "Basic \udc80"]
)
def test_credentials_that_cannot_be_read_are_refused(header: str) -> None:
    with pytest.raises(InvalidClient):
        basic_credentials(header)


def test_nothing_that_is_shown_of_a_client_holds_a_secret() -> None:
    client = ServiceClient("reports", (Secret(digest_of(SECRET)),))
    assert SECRET not in repr(client)
    assert digest_of(SECRET).hex() not in repr(client)
    assert repr(digest_of(SECRET)) not in repr(client)
    assert SECRET not in repr(WithSecret("reports", SECRET))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "Reports",
        "1st",
        "re ports",
        "x" * 64,
        "re:ports",
        GATEWAY,
        "é",
        "a\n",
        "abcdef00-0000-4000-8000-000000000000",
    ],
)
def test_a_client_is_not_called_like_a_person_or_like_nothing(name: str) -> None:
    with pytest.raises(Unregistrable):
        require_registrable(ServiceClient(name), ALLOWED)


def test_a_client_never_gets_a_scope_of_people_s_sessions() -> None:
    require_registrable(ServiceClient("billing", scopes=frozenset({"invoices:read"})), ALLOWED)
    for scope in ("session", "two words", 'quo"te', ""):
        with pytest.raises(Unregistrable):
            require_registrable(ServiceClient("billing", scopes=frozenset({scope})), ALLOWED)


def test_grants_have_short_names() -> None:
    assert grants_named(["client_credentials", "token-exchange", "refresh_token"]) == set(GrantType)
    with pytest.raises(Unregistrable):
        grants_named(["password"])


def private_jwk() -> dict[str, Any]:
    return dict(json.loads(ECAlgorithm.to_jwk(EC_KEY)))


P384 = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key()))


@pytest.mark.parametrize(
    "jwks",
    [
        "",
        "[]",
        "7",
        '{"keys": []}',
        '{"keys": 7}',
        '{"keys": [7]}',
        '{"kty": "oct", "k": "c2VjcmV0"}',
        '{"kty": "RSA", "n": "AQAB", "e": "AQAB"}',
        json.dumps(private_jwk()),
        json.dumps(P384),
        json.dumps(ec_jwk(alg="none")),
        json.dumps(ec_jwk(alg="HS256")),
        json.dumps(ec_jwk(x="AAAA")),
        json.dumps({"keys": [ec_jwk(), ed_jwk()]}),
        json.dumps({"keys": [ec_jwk(kid="same"), ed_jwk(kid="same")]}),
        json.dumps({"keys": [ec_jwk(kid=str(n)) for n in range(11)]}),
    ],
    # The keys are others in every process that runs this.
    ids=[f"case-{n}" for n in range(16)],
)
def test_only_public_keys_of_the_two_kinds_can_be_registered(jwks: str) -> None:
    with pytest.raises(Unregistrable):
        parse_jwks(jwks)


def test_a_registered_key_is_kept_with_its_algorithm_and_nothing_else() -> None:
    kept = parse_jwks(json.dumps(ec_jwk(kid="one", use="sig", x5u="https://evil.example", jku="https://evil.example")))
    assert [set(key) for key in kept] == [{"kty", "crv", "x", "y", "kid", "alg"}]
    assert kept[0]["alg"] == "ES256"
    assert parse_jwks(json.dumps(ed_jwk()))[0]["alg"] == "EdDSA"


def test_a_client_without_a_date_is_from_the_setting() -> None:
    assert ServiceClient("x").created_at == datetime(1970, 1, 1, tzinfo=UTC)
