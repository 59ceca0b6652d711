"""Receipts that were issued long ago, believed by keys that may have signed for the last time long ago."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt

from countersign import RECEIPT, Verifier
from countersign.claims import Receipt
from countersign.errors import InvalidToken, Malformed, WrongSignature


class _Kept:
    """Implements `countersign.verifier.Keys`."""

    def __init__(self, keys: Mapping[str, Any]) -> None:
        self.keys = keys

    async def find(self, kid: str) -> jwt.PyJWK | None:
        key = self.keys.get(kid)
        return jwt.PyJWK(key) if key else None


@dataclass(frozen=True)
class KeptReceipts:
    """`keys`: public keys (RFC 7517) as text of JSON; `issuer` and `audience` as they were when it was signed."""

    keys: Sequence[str]
    issuer: str
    audience: str

    async def read(self, jws: str) -> Receipt:
        """What it states, judged as of its own time; raises a kind of `InvalidToken`."""
        known = {key["kid"]: key for key in map(json.loads, self.keys) if "kid" in key}
        header, issued_at = _unverified(jws)
        algorithm = known.get(str(header.get("kid")), {}).get("alg")
        if algorithm not in {"ES256", "EdDSA"}:
            raise WrongSignature
        # It was good for a minute, and that minute is over: whether it was signed so is what is asked.
        verifier = Verifier(
            RECEIPT,
            issuer=self.issuer,
            audience=self.audience,
            keys=_Kept(known),
            algorithm=algorithm,
            clock=lambda: issued_at,
        )
        return await verifier.verify(jws)


def _unverified(jws: str) -> tuple[Mapping[str, Any], datetime]:
    try:
        claims = jwt.decode(jws, options={"verify_signature": False})
        return jwt.get_unverified_header(jws), datetime.fromtimestamp(claims["iat"], UTC)
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError, OSError) as malformed:
        raise Malformed from malformed


def refusal(refused: InvalidToken) -> str:
    """Why, for a person."""
    words = {"WrongSignature": "none of these keys signed it", "Malformed": "it is no receipt"}
    return words.get(type(refused).__name__, f"it states something else ({type(refused).__name__})")
