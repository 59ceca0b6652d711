"""Identity assertions: "this request is that person's", to one upstream, for 60 seconds."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from chassis.clock import Clock
from chassis.keyring import SigningKey
from gateway.model.identity import Identity, Told, identity_headers

TYPE = "assertion+jwt"
LIFE = timedelta(seconds=60)
# Signing costs more than everything else on the way: one assertion serves the same session and upstream for so long.
REUSE = timedelta(seconds=20)
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Said:
    identity: Identity
    told: Told
    until: datetime


class Assertions:
    """Implements `ports.Assertions`."""

    def __init__(self, issuer: str, keys: Sequence[SigningKey], clock: Clock, new_id: Callable[[], str]) -> None:
        self.issuer, self.keys, self.clock, self.new_id = issuer, tuple(keys), clock, new_id
        self.kept: OrderedDict[tuple[str, str], _Said] = OrderedDict()

    def told(self, identity: Identity, upstream: str) -> Told:
        """The assertion is a compact JWS whose audience is the upstream alone."""
        now, place = self.clock(), (identity.session or identity.subject, upstream)
        said = self.kept.get(place)
        if said is None or now >= said.until or (said.identity is not identity and said.identity != identity):
            said = self._say(place, identity, now)
        return said.told

    def _say(self, place: tuple[str, str], identity: Identity, now: datetime) -> _Said:
        assertion = self._sign(identity, place[1], now)
        said = self.kept[place] = _Said(identity, Told(identity_headers(identity, assertion)), now + REUSE)
        self.kept.move_to_end(place)
        if len(self.kept) > KEPT:
            self.kept.popitem(last=False)
        return said

    def jwks(self) -> dict[str, Any]:
        """What upstreams verify with (RFC 7517 section 5)."""
        return {"keys": [key.public_jwk() for key in self.keys]}

    def _sign(self, identity: Identity, upstream: str, now: datetime) -> str:
        claims = {
            "iss": self.issuer,
            "aud": upstream,
            "sub": identity.subject,
            "client_id": identity.client_id,
            "scope": " ".join(sorted(identity.scope)),
            "iat": int(now.timestamp()),
            "exp": int((now + LIFE).timestamp()),
            "jti": self.new_id(),
            **({} if identity.is_client else _of_a_person(identity)),
        }
        key = self.keys[0]
        return jwt.encode(claims, key.private, algorithm=key.algorithm, headers={"typ": TYPE, "kid": key.kid})


def _of_a_person(identity: Identity) -> dict[str, Any]:
    return {
        "sid": identity.session,
        "acr": identity.acr,
        "amr": list(identity.amr),
        "auth_time": int(identity.auth_time.timestamp()),
        **({"groups": sorted(identity.groups)} if identity.groups else {}),
    }
