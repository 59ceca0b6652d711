"""Identity assertions: "this request is that person's", to one upstream, for 60 seconds."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from jwt import PyJWS

from chassis.clock import Clock
from chassis.keyring import SigningKey
from chassis.remembered import Remembered
from gateway.model.identity import Identity, Told, told_of

TYPE = "assertion+jwt"
LIFE_SECONDS = 60
# Signing costs more than everything else on the way: one assertion serves the same session and upstream for so long.
REUSE = timedelta(seconds=20)
KEPT = 10_000
_JWS = PyJWS()
_NOTHING: tuple[tuple[None, None], datetime] = (None, None), datetime.min.replace(tzinfo=UTC)


class Assertions:
    """Implements `ports.Assertions`."""

    def __init__(self, issuer: str, keys: Sequence[SigningKey], clock: Clock, new_id: Callable[[], str]) -> None:
        self.issuer, self.keys, self.clock, self.new_id = issuer, tuple(keys), clock, new_id
        self.said: Remembered[tuple[str, str], tuple[Identity, Told]] = Remembered(KEPT)

    def told(self, identity: Identity, upstream: str) -> Told:
        """The assertion is a compact JWS whose audience is the upstream alone."""
        now, place = self.clock(), (identity.session or identity.subject, upstream)
        (known, told), until = self.said.get(place, _NOTHING)
        if told is None or now >= until or (known is not identity and known != identity):
            told = told_of(identity, self._sign(identity, upstream, now))
            self.said.put(place, (identity, told), now + REUSE, now)
        return told

    def jwks(self) -> dict[str, Any]:
        """What upstreams verify with (RFC 7517 section 5)."""
        return {"keys": [key.public_jwk() for key in self.keys]}

    def _sign(self, identity: Identity, upstream: str, now: datetime) -> str:
        said_at = int(now.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": upstream,
            "sub": identity.subject,
            "client_id": identity.client_id,
            "scope": " ".join(sorted(identity.scope)),
            "iat": said_at,
            "exp": said_at + LIFE_SECONDS,
            "jti": self.new_id(),
        }
        if not identity.is_client:
            claims |= _of_a_person(identity)
        key = self.keys[0]
        return _JWS.encode(orjson.dumps(claims), key.private, key.algorithm, {"typ": TYPE, "kid": key.kid})


def _of_a_person(identity: Identity) -> dict[str, Any]:
    return {
        "sid": identity.session,
        "acr": identity.acr,
        "amr": list(identity.amr),
        "auth_time": int(identity.auth_time.timestamp()),
        **({"groups": sorted(identity.groups)} if identity.groups else {}),
    }
