"""What a verifier believes, and the attacks of RFC 8725 that it does not."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm

from countersign import (
    ACCESS,
    PARTIAL,
    Expired,
    InvalidToken,
    Malformed,
    Verifier,
    WrongClaims,
    WrongSignature,
    WrongType,
)
from countersign.verifier import MOST_HEADERS
from tests.fakes.clock import FakeClock

ISSUER = "https://id.example.com"
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


class OneKey:
    """An issuer with one key, named `k1`."""

    name = "k1"

    async def find(self, kid: str) -> PyJWK | None:
        jwk = {**json.loads(ECAlgorithm.to_jwk(KEY.public_key())), "kid": "k1", "alg": "ES256"}
        return PyJWK(jwk) if kid == self.name else None


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def verifier(clock: FakeClock) -> Verifier[Any]:
    return Verifier(PARTIAL, issuer=ISSUER, audience="countersign/mfa", keys=OneKey(), clock=clock)


def claims(clock: FakeClock, **changes: Any) -> dict[str, Any]:
    now = int(clock().timestamp())
    good = {
        "iss": ISSUER, "sub": "u1", "aud": "countersign/mfa", "jti": "j1", "txn": "t1", "email": "ada@example.com",
        "iat": now, "exp": now + 300, "acr": "aal1", "amr": ["pwd"],
    }  # fmt: skip
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def sign(body: dict[str, Any], key: Any = KEY, algorithm: str = "ES256", **header: Any) -> str:
    headers = {name: value for name, value in {"typ": "mfa+jwt", "kid": "k1", **header}.items() if value is not None}
    return jwt.encode(body, key, algorithm=algorithm, headers=headers)


def by_hand(header: Any, body: Any, signature: bytes = b"x" * 64) -> str:
    parts = (json.dumps(header).encode(), json.dumps(body).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def test_a_good_token_becomes_a_type(verifier: Verifier[Any], clock: FakeClock) -> None:
    token = await verifier.verify(sign(claims(clock)))
    assert (token.subject, token.login, token.id, token.email) == ("u1", "t1", "j1", "ada@example.com")
    assert token.expires_at - token.issued_at == timedelta(minutes=5)


async def test_another_kind_of_token_of_the_same_issuer_is_refused(verifier: Verifier[Any], clock: FakeClock) -> None:
    for typ in ("at+jwt", "JWT", "mfa+JWT", "application/mfa+jwt", None):
        with pytest.raises(WrongType):
            await verifier.verify(sign(claims(clock), typ=typ))


async def test_a_partial_token_is_no_access_token(clock: FakeClock) -> None:
    access = Verifier(ACCESS, issuer=ISSUER, audience="countersign", keys=OneKey(), clock=clock)
    with pytest.raises(InvalidToken):
        await access.verify(sign(claims(clock)))
    with pytest.raises(InvalidToken):
        await access.verify(sign(claims(clock, aud="countersign"), typ="at+jwt"))


async def test_alg_none_is_refused(verifier: Verifier[Any], clock: FakeClock) -> None:
    for alg in ("none", "None", "NONE", "", None, 1, ["ES256"]):
        with pytest.raises(InvalidToken):
            await verifier.verify(by_hand({"alg": alg, "typ": "mfa+jwt", "kid": "k1"}, claims(clock), b""))


async def test_the_public_key_used_as_an_hmac_secret_is_refused(verifier: Verifier[Any], clock: FakeClock) -> None:
    public = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    unsigned = by_hand({"alg": "HS256", "typ": "mfa+jwt", "kid": "k1"}, claims(clock), b"").rstrip(".")
    tag = hmac.digest(public, unsigned.encode(), "sha256")
    with pytest.raises(WrongType):
        await verifier.verify(f"{unsigned}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}")


async def test_a_key_brought_along_in_the_header_is_not_looked_at(verifier: Verifier[Any], clock: FakeClock) -> None:
    jwk = json.loads(ECAlgorithm.to_jwk(OTHER.public_key()))
    for header in ({"jwk": jwk}, {"jku": "https://evil.example/jwks"}, {"x5u": "https://evil.example/c"}):
        with pytest.raises(WrongSignature):
            await verifier.verify(sign(claims(clock), key=OTHER, **header))


async def test_a_strange_kid_is_refused(verifier: Verifier[Any], clock: FakeClock) -> None:
    for kid in ("../../dev/null", "k1' OR '1'='1", "k2", "k1\x00"):
        with pytest.raises(WrongSignature):
            await verifier.verify(sign(claims(clock), kid=kid))
    for kid in (None, "", 1, ["k1"]):
        with pytest.raises(InvalidToken):
            await verifier.verify(by_hand({"alg": "ES256", "typ": "mfa+jwt", "kid": kid}, claims(clock)))


async def test_a_critical_extension_is_refused(verifier: Verifier[Any], clock: FakeClock) -> None:
    for crit in (["exp"], ["b64"], [], None):
        body = by_hand({"alg": "ES256", "typ": "mfa+jwt", "kid": "k1", "crit": crit}, claims(clock))
        with pytest.raises(WrongType):
            await verifier.verify(body)


async def test_a_header_with_a_member_twice_is_refused(verifier: Verifier[Any], clock: FakeClock) -> None:
    twice = b'{"alg":"ES256","typ":"mfa+jwt","kid":"k1","kid":"k1"}'
    token = base64.urlsafe_b64encode(twice).rstrip(b"=").decode() + "." + sign(claims(clock)).split(".", 1)[1]
    with pytest.raises(Malformed):
        await verifier.verify(token)


async def test_a_changed_claim_breaks_the_signature(verifier: Verifier[Any], clock: FakeClock) -> None:
    head, _, tail = sign(claims(clock)).split(".")
    changed = base64.urlsafe_b64encode(json.dumps(claims(clock, sub="admin")).encode()).rstrip(b"=").decode()
    with pytest.raises(WrongSignature):
        await verifier.verify(f"{head}.{changed}.{tail}")


async def test_a_signature_of_zeros_is_refused(verifier: Verifier[Any], clock: FakeClock) -> None:
    with pytest.raises(InvalidToken):
        await verifier.verify(by_hand({"alg": "ES256", "typ": "mfa+jwt", "kid": "k1"}, claims(clock), bytes(64)))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"}, {"iss": None}, {"aud": "countersign"}, {"aud": ["countersign/mfa", "x"]},
        {"aud": None}, {"sub": None}, {"sub": 1}, {"sub": ""}, {"jti": None}, {"txn": None}, {"txn": ["t1"]},
        {"exp": None}, {"iat": None}, {"exp": "soon"}, {"exp": True}, {"exp": 1e400}, {"iat": "1"}, {"nbf": "x"},
    ],
)  # fmt: skip
async def test_claims_that_do_not_fit_are_refused(
    verifier: Verifier[Any], clock: FakeClock, change: dict[str, Any]
) -> None:
    body = claims(clock, **change)
    with pytest.raises((WrongClaims, Malformed)):
        await verifier.verify(sign(body))


async def test_an_expired_token_is_refused_to_the_second(verifier: Verifier[Any], clock: FakeClock) -> None:
    token = sign(claims(clock))
    clock.advance(seconds=299)
    await verifier.verify(token)
    clock.advance(seconds=1)
    with pytest.raises(Expired):
        await verifier.verify(token)


async def test_a_token_from_the_future_is_refused(verifier: Verifier[Any], clock: FakeClock) -> None:
    now = int(clock().timestamp())
    for change in ({"iat": now + 91}, {"nbf": now + 91}):
        with pytest.raises(Expired):
            await verifier.verify(sign(claims(clock, **change)))
    # The clocks of two machines may be a minute apart.
    await verifier.verify(sign(claims(clock, iat=now + 60, nbf=now + 60)))


async def test_only_headers_that_the_issuer_has_signed_are_kept(verifier: Verifier[Any], clock: FakeClock) -> None:
    """A stranger cannot have the reading of his headers remembered, nor spend memory on them."""
    good = sign(claims(clock))
    for text in (sign(claims(clock), OTHER), sign(claims(clock), OTHER, x="1"), good[:-4] + "AAAA"):
        with pytest.raises(WrongSignature):
            await verifier.verify(text)
    assert verifier.signed_headers == {}
    for number in range(MOST_HEADERS + 3):
        await verifier.verify(sign(claims(clock), x=str(number)))
    assert 0 < len(verifier.signed_headers) <= MOST_HEADERS
    await verifier.verify(good)
    assert verifier.signed_headers[good.partition(".")[0]] == "k1"


async def test_behind_a_header_that_is_known_all_else_is_looked_at(verifier: Verifier[Any], clock: FakeClock) -> None:
    header, body, signature = sign(claims(clock)).split(".")
    await verifier.verify(f"{header}.{body}.{signature}")
    for text, refusal in (
        (f"{header}.{body}", Malformed),
        (f"{header}.{body}.{signature}.", Malformed),
        (f"{header}.{body}.{signature[:-4]}AAAA", WrongSignature),
        (sign(claims(clock), OTHER), WrongSignature),
        (sign(claims(clock, aud="another")), WrongClaims),
        (sign(claims(clock, exp=int(clock().timestamp()))), Expired),
        (sign(claims(clock), typ="at+jwt"), WrongType),
        (sign(claims(clock), crit=["exp"]), WrongType),
    ):
        with pytest.raises(refusal):
            await verifier.verify(text)


async def test_a_key_that_was_withdrawn_counts_no_more_whatever_is_kept(clock: FakeClock) -> None:
    keys = OneKey()
    verifier = Verifier(PARTIAL, issuer=ISSUER, audience="countersign/mfa", keys=keys, clock=clock)
    text = sign(claims(clock))
    await verifier.verify(text)
    keys.name = "k2"
    with pytest.raises(WrongSignature):
        await verifier.verify(text)


async def test_an_oversized_token_is_refused_before_it_is_read(verifier: Verifier[Any], clock: FakeClock) -> None:
    with pytest.raises(Malformed):
        await verifier.verify(sign(claims(clock, padding="x" * 5000)))


async def test_a_token_has_one_spelling(verifier: Verifier[Any], clock: FakeClock) -> None:
    """Else who polls or waits could take the place of many, by spelling one token in many ways."""
    good = sign(claims(clock))
    await verifier.verify(good)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare_bits = good[:-1] + letters[letters.index(good[-1]) ^ 1]
    junk = f"{good[:-8]}~~~~{good[-8:]}"
    for other in (f"{good}=", f"{good}==", f"{good}====", spare_bits, junk, f" {good}", f"{good}\n", f"{good}\0"):
        with pytest.raises(InvalidToken):
            await verifier.verify(other)


async def test_deep_nesting_is_refused(verifier: Verifier[Any]) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 1500).decode().rstrip("=")
    with pytest.raises(Malformed):
        await verifier.verify(f"{deep}.e30.AA")


@given(st.text(max_size=300))
async def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    verifier = Verifier(PARTIAL, issuer=ISSUER, audience="countersign/mfa", keys=OneKey(), clock=FakeClock())
    with pytest.raises(InvalidToken):
        await verifier.verify(text)


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=80))
async def test_any_three_parts_are_refused(head: bytes, body: bytes, tail: bytes) -> None:
    verifier = Verifier(PARTIAL, issuer=ISSUER, audience="countersign/mfa", keys=OneKey(), clock=FakeClock())
    text = ".".join(base64.urlsafe_b64encode(part).decode() for part in (head, body, tail))
    with pytest.raises(InvalidToken):
        await verifier.verify(text)
