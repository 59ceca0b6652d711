"""A published set of keys (RFC 7517 section 5), read as a verifier must: what does not fit exactly is left out."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, Literal, cast

from jwt import PyJWK
from jwt.exceptions import PyJWTError

# What an issuer may sign with: elliptic curves, so that who can verify cannot sign.
Algorithm = Literal["ES256", "EdDSA"]
_KINDS: Final[Mapping[Algorithm, tuple[str, str]]] = {"ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}
# Who publishes one of these has given a private or a shared key away: whoever reads it can sign.
_SECRETS: Final = frozenset({"d", "k"})


def read_keys(document: Mapping[str, Any], algorithm: Algorithm) -> dict[str, PyJWK]:
    """The public keys by `kid` that may verify in this algorithm; raises ValueError if there is no set at all.

    Left out is a key of another kind or for another use, one that holds secrets, one that is no point of its curve, and
    all of those that share a `kid`: which of them is meant could be read in two ways.
    """
    found: object = document.get("keys")
    if not isinstance(found, list) or not found:
        raise ValueError("keys")
    published = [cast("dict[str, Any]", each) for each in cast("list[object]", found) if isinstance(each, dict)]
    times = Counter(kid for each in published if isinstance(kid := each.get("kid"), str))
    fitting = [each for each in published if _fits(each, algorithm) and times[each["kid"]] == 1]
    return {each["kid"]: key for each in fitting if (key := _key(each, algorithm)) is not None}


def _fits(jwk: Mapping[str, Any], algorithm: Algorithm) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return (
        (jwk.get("kty"), jwk.get("crv")) == _KINDS[algorithm]
        and jwk.get("alg", algorithm) == algorithm
        and jwk.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and not _SECRETS & jwk.keys()
        and isinstance(jwk.get("kid"), str)
        and jwk["kid"] != ""
    )


def _key(jwk: dict[str, Any], algorithm: Algorithm) -> PyJWK | None:
    try:
        return PyJWK(jwk, algorithm)
    except (PyJWTError, ValueError, TypeError):
        return None
