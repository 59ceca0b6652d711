"""Client assertions (RFC 7523 section 3): short-lived, for us, signed with a key that their client registered."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt import PyJWK
from jwt.exceptions import PyJWTError
from jwt.utils import base64url_decode

from chassis.clock import Clock
from services.auth.model.client import JsonWebKey, ServiceClient
from services.auth.model.credentials import Assertion
from services.auth.model.errors import InvalidClient

# What its longest-lived jti costs us in memory, and how long a stolen assertion that never arrived is good for.
LONGEST_LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=90)
MAX_CHARACTERS = 4096
LONGEST_ID = 255
TYPES = frozenset({"jwt", "client-authentication+jwt"})
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class JwtAssertions:
    """Implements `ClientAssertions`. `decoy`: a key to check in place of one that does not exist."""

    audiences: frozenset[str]
    decoy: JsonWebKey
    clock: Clock

    def issuer(self, text: str) -> str:
        if len(text) > MAX_CHARACTERS or not _COMPACT.fullmatch(text):
            raise InvalidClient("malformed")
        name = _object(text.split(".")[1]).get("iss")
        if not isinstance(name, str) or not name:
            raise InvalidClient("malformed")
        return name

    def require(self, text: str, client: ServiceClient) -> Assertion:
        header = _object(text.partition(".")[0])
        key = _registered(client.keys or (self.decoy,), header.get("kid"))
        # One algorithm per key, chosen when it was registered and not by whoever sends a header (RFC 8725 section 3.1).
        if header.get("alg") != key["alg"] or "crit" in header or not _is_ours(header.get("typ", "JWT")):
            raise InvalidClient("header")
        claims = _claims(text, key)
        if claims.get("iss") != client.id or claims.get("sub") != client.id:
            raise InvalidClient("another client")
        # One audience: an assertion that is also for somebody else could be brought here by them.
        if not isinstance(claims.get("aud"), str) or claims["aud"] not in self.audiences:
            raise InvalidClient("audience")
        return Assertion(_id(claims), self._require_times(claims))

    def _require_times(self, claims: Mapping[str, Any]) -> datetime:
        now = self.clock().timestamp()
        expires, begins = claims.get("exp"), [claims.get(name, 0) for name in ("iat", "nbf")]
        if any(isinstance(time, bool) or not isinstance(time, int) for time in (expires, *begins)):
            raise InvalidClient("times")
        longest = now + (LONGEST_LIFE + LEEWAY).total_seconds()
        if not now < expires <= longest or max(begins) > now + LEEWAY.total_seconds():  # type: ignore[operator] # it is an int
            raise InvalidClient("times")
        return datetime.fromtimestamp(expires, UTC)  # type: ignore[arg-type] # it is an int


def _registered(keys: Sequence[JsonWebKey], kid: object) -> JsonWebKey:
    """By its name; a client with one key need not name it. A key that comes along in the header is never looked at."""
    if kid is None and len(keys) == 1:
        return keys[0]
    found = next((key for key in keys if key.get("kid") == kid), None) if isinstance(kid, str) else None
    if found is None:
        raise InvalidClient("key")
    return found


def _is_ours(typ: object) -> bool:
    # Our own kinds of token are none of a client's statements, nor the other way round (RFC 8725 section 3.11).
    return isinstance(typ, str) and typ.lower() in TYPES


def _claims(text: str, key: JsonWebKey) -> Mapping[str, Any]:
    unchecked = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        public = PyJWK(dict(key), algorithm=key["alg"])
        claims: Mapping[str, Any] = jwt.decode(text, key=public, algorithms=[key["alg"]], options=unchecked)  # type: ignore[arg-type] # PyJWT's own TypedDict
    except (PyJWTError, ValueError, RecursionError) as forged:
        raise InvalidClient("signature") from forged
    return claims


def _id(claims: Mapping[str, Any]) -> str:
    name = claims.get("jti")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_ID:
        raise InvalidClient("id")
    return name


def _object(part: str) -> Mapping[str, Any]:
    try:
        value = json.loads(base64url_decode(part), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as malformed:
        raise InvalidClient("malformed") from malformed
    if not isinstance(value, dict):
        raise InvalidClient("malformed")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two readers may disagree on which of two members counts (RFC 7515 section 4).
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError
    return dict(pairs)
