"""Known attacks on signed tokens and key sets, as others have written them down (`vectors/jose.json` names the source).

Their tokens hold no claims of ours, so that none of them becomes a type. What is looked at is how far each comes: only
one whose signature is right reaches its claims (`WrongClaims`).
"""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm

from countersign import InvalidToken, Verifier, WrongClaims
from countersign.claims import Kind
from countersign.key_sets import Algorithm, read_keys

VECTORS = json.loads((Path(__file__).parent / "vectors/jose.json").read_text())
SIGNED, KEY_SETS, EDWARDS = VECTORS["signatures"], VECTORS["key_sets"], VECTORS["rfc8037"]
# Their headers have no `typ`: that alone would have every one of them refused before its signature is looked at.
UNTYPED: Kind[None] = Kind(None, lambda _claims: None)  # type: ignore[arg-type] # a kind that no issuer of ours has
# The order of P-256 (SEC 2 section 2.4.2).
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256 = ec.generate_private_key(ec.SECP256R1())


class Published:
    """What an issuer publishes, read as `JwksCache` reads it."""

    def __init__(self, keys: list[dict[str, Any]], algorithm: Algorithm) -> None:
        self.keys = read_keys({"keys": keys}, algorithm)

    async def find(self, kid: str) -> PyJWK | None:
        return self.keys.get(kid)


async def refusal(jws: str, keys: list[dict[str, Any]], algorithm: Algorithm = "ES256") -> InvalidToken:
    keys_of_issuer = Published(keys, algorithm)
    verifier = Verifier(UNTYPED, issuer="x", audience="x", keys=keys_of_issuer, algorithm=algorithm)
    with pytest.raises(InvalidToken) as refused:
        await verifier.verify(jws)
    return refused.value


@pytest.mark.parametrize("vector", SIGNED["tests"], ids=lambda vector: vector["comment"])
async def test_of_signed_tokens_only_the_valid_one_comes_to_its_claims(vector: dict[str, Any]) -> None:
    reaches_claims = isinstance(await refusal(vector["jws"], [SIGNED["key"]]), WrongClaims)
    assert reaches_claims == (vector["result"] == "valid")


@pytest.mark.parametrize("vector", KEY_SETS, ids=lambda vector: vector["comment"])
async def test_a_key_that_should_not_verify_does_not(vector: dict[str, Any]) -> None:
    assert not isinstance(await refusal(vector["jws"], vector["keys"]), WrongClaims)


@pytest.mark.parametrize(
    ("change", "is_read"),
    [
        ({}, True), ({"alg": None}, True), ({"use": None}, True), ({"key_ops": ["verify"]}, True),
        ({"key_ops": ["sign"]}, False), ({"key_ops": "verify"}, False), ({"use": "enc"}, False), ({"alg": "ES384"}, False),
        ({"alg": "none"}, False), ({"d": "AA"}, False), ({"k": "AA"}, False), ({"kid": ""}, False), ({"kid": 1}, False),
        ({"kid": ["kid-ec-sign"]}, False), ({"crv": "secp256k1"}, False), ({"kty": "OKP"}, False), ({"x": ""}, False),
        ({"x": 1}, False), ({"y": None}, False), ({"x": "AAAA" + SIGNED["key"]["x"]}, False),
    ],
)  # fmt: skip
def test_a_published_key_is_read_if_all_of_it_fits(change: dict[str, Any], is_read: bool) -> None:
    jwk = {name: value for name, value in {**SIGNED["key"], **change}.items() if value is not None}
    assert bool(read_keys({"keys": [jwk, 7, "x", None]}, "ES256")) == is_read


def test_keys_that_share_a_name_are_nobody_s() -> None:
    other = {**json.loads(ECAlgorithm.to_jwk(P256.public_key())), "kid": "kid-ec-sign"}
    assert read_keys({"keys": [SIGNED["key"], other]}, "ES256") == {}
    assert list(read_keys({"keys": [SIGNED["key"], {**other, "kid": "2"}]}, "ES256")) == ["kid-ec-sign", "2"]


@pytest.mark.parametrize("document", [{}, {"keys": []}, {"keys": {}}, {"keys": None}, {"keys": "x"}])
def test_what_is_no_set_of_keys_is_none(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="keys"):
        read_keys(document, "ES256")


async def test_the_example_of_rfc_8037_verifies_and_nothing_near_it() -> None:
    (key,) = read_keys({"keys": [EDWARDS["key"]]}, "EdDSA").values()
    signature = base64.urlsafe_b64decode(EDWARDS["signature"] + "==")
    assert key.Algorithm.verify(EDWARDS["input"].encode(), key.key, signature)
    order = 2**252 + 27742317777372353535851937790883648493
    again = int.from_bytes(signature[32:], "little") + order
    forged = [bytes(64), signature[:63], signature + b"\0", signature[32:] + signature[:32]]
    # RFC 8032 section 5.1.7: S is below the order, or one signature would have two spellings.
    forged.append(signature[:32] + again.to_bytes(32, "little"))
    assert not any(key.Algorithm.verify(EDWARDS["input"].encode(), key.key, each) for each in forged)
    assert read_keys({"keys": [EDWARDS["key"]]}, "ES256") == {}


def compact(signature: bytes) -> str:
    parts = (b'{"alg":"ES256","kid":"k"}', b"foo", signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def test_a_signature_whose_numbers_are_out_of_range_or_form_is_refused() -> None:
    jwk = {**json.loads(ECAlgorithm.to_jwk(P256.public_key())), "kid": "k"}
    der = P256.sign(compact(b"").rstrip(".").encode(), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(der)
    right = r.to_bytes(32) + s.to_bytes(32)
    assert isinstance(await refusal(compact(right), [jwk]), WrongClaims), "the signature itself is right"
    edges = [0, 1, N - 1, N, N + 1, 2**256 - 1]
    numbers = [a.to_bytes(32) + b.to_bytes(32) for a in (*edges, r) for b in (*edges, s) if (a, b) != (r, s)]
    for forged in [*numbers, der, right[:63], right[:32], right + b"\0", b"\0" + right, right[32:] + right[:32]]:
        assert not isinstance(await refusal(compact(forged), [jwk]), WrongClaims), forged.hex()
