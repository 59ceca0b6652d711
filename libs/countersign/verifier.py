"""Whether a token is what it says: the form first, then who signed it, then what it claims."""

import binascii
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast, get_args

import jwt
from jwt import PyJWK
from jwt.exceptions import ExpiredSignatureError, ImmatureSignatureError, InvalidSignatureError, PyJWTError
from jwt.utils import base64url_decode

from countersign.claims import AccessToken, Assertion, Kind
from countersign.clock import Clock, utc_now
from countersign.errors import Expired, Malformed, WrongClaims, WrongSignature, WrongType
from countersign.key_sets import Algorithm

if TYPE_CHECKING:
    from jwt.types import Options

T_co = TypeVar("T_co", covariant=True)
MAX_CHARACTERS = 4096
# How far the clocks of two machines may differ (RFC 7519 section 4.1.4): a token from so far in the future is not one
# that was made up, and whoever holds it could wait as well.
LEEWAY = timedelta(seconds=90)
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "jti"]
# RFC 7515 sections 2 and 7.1: base64url without padding. Whoever counts or remembers by a token's text (limits, caches)
# relies on each token having one spelling.
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# An issuer writes one header for each of its keys.
MOST_HEADERS = 16


class Keys(Protocol):
    """Where public keys come from: `JwksCache`, or a service's own ring."""

    async def find(self, kid: str) -> PyJWK | None:
        """The key named `kid`, or None."""


class EndedSessions(Protocol):
    """Which sessions have ended before their time: `Revocations`, or a service's own list."""

    def require_open(self, session: str) -> None:
        """Raises `Ended`, or `RevocationsStale` if that cannot be told."""


class Verifier(Generic[T_co]):
    """Believes one kind of token, from one issuer, for one audience, in one algorithm (RFC 8725 section 3.1)."""

    def __init__(
        self,
        kind: Kind[T_co],
        *,
        issuer: str,
        audience: str,
        keys: Keys,
        algorithm: Algorithm = "ES256",
        revocations: EndedSessions | None = None,
        clock: Clock = utc_now,
    ) -> None:
        if algorithm not in get_args(Algorithm):
            raise ValueError("algorithm is ES256 or EdDSA")
        self.kind, self.issuer, self.audience = kind, issuer, audience
        self.keys, self.algorithm, self.clock = keys, algorithm, clock
        self.revocations = revocations
        # Times are judged by our own clock below, with the same leeway for every kind.
        unchecked: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
        self.reader = jwt.PyJWT({"require": REQUIRED, "strict_aud": True, **unchecked})
        # The `kid` of headers, as they stand in a token, that this issuer has signed: a stranger's are never kept.
        self.signed_headers: dict[str, str] = {}

    async def verify(self, text: str) -> T_co:
        """The token as a type; raises a kind of `InvalidToken`, or of `CannotTell`."""
        token = await self._verified(text)
        if self.revocations is not None and isinstance(token, AccessToken | Assertion):
            self.revocations.require_open(token.session)
        return token

    async def _verified(self, text: str) -> T_co:
        header = _require_compact(text)
        kid = self.signed_headers.get(header) or self._require_header(header)
        key = await self.keys.find(kid)
        if key is None:
            raise WrongSignature(kid)
        claims = self._require_signature(text, key)
        self._keep(header, kid)
        self._require_times(claims)
        try:
            return self.kind.read(claims)
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as unfit:
            raise WrongClaims(type(unfit).__name__) from unfit

    def _require_header(self, part: str) -> str:
        header = _json_object(part)
        kid = header.get("kid")
        if header.get("alg") != self.algorithm or header.get("typ") != self.kind.typ or "crit" in header:
            raise WrongType
        if not isinstance(kid, str) or not kid:
            raise Malformed
        return kid

    def _keep(self, header: str, kid: str) -> None:
        if header not in self.signed_headers:
            if len(self.signed_headers) >= MOST_HEADERS:
                self.signed_headers.clear()
            self.signed_headers[header] = kid

    def _require_signature(self, text: str, key: PyJWK) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = self.reader.decode(
                text, key=key, algorithms=[self.algorithm], audience=self.audience, issuer=self.issuer
            )
        except InvalidSignatureError as forged:
            raise WrongSignature from forged
        except (ExpiredSignatureError, ImmatureSignatureError) as late:
            raise Expired from late
        except PyJWTError as unfit:
            raise WrongClaims(type(unfit).__name__) from unfit
        except (ValueError, RecursionError) as malformed:
            raise Malformed from malformed
        return claims

    def _require_times(self, claims: Mapping[str, Any]) -> None:
        now = self.clock().timestamp()
        margin = LEEWAY.total_seconds()
        times = claims["exp"], claims["iat"], claims.get("nbf", 0)
        if set(map(type, times)) != {int}:
            raise WrongClaims
        expires, issued, not_before = times
        if expires + self.kind.late.total_seconds() <= now or issued > now + margin or not_before > now + margin:
            raise Expired


def _require_compact(text: str) -> str:
    """The token's first part: its header, still encoded; raises `Malformed`."""
    if len(text) > MAX_CHARACTERS or not _COMPACT.fullmatch(text):
        raise Malformed
    return text.partition(".")[0]


def _json_object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(base64url_decode(part), object_pairs_hook=_without_repeats)
    except (ValueError, binascii.Error, RecursionError) as malformed:
        raise Malformed from malformed
    if not isinstance(value, dict):
        raise Malformed
    return cast("dict[str, Any]", value)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two readers may disagree on which of two members counts: such a header is refused (RFC 7515 section 4).
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError
    return dict(pairs)
