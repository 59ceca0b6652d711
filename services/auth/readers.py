"""Who believes which token, by whose keys."""

from functools import cached_property
from typing import TypeVar

from chassis.metered import KEYS_AGE
from chassis.outbound import HTTP
from countersign import ACCESS, PARTIAL, RECEIPT, SERVICE, JwksCache, Verifier
from countersign.claims import ACCESS_AUDIENCE, PARTIAL_AUDIENCE, AccessToken, Kind, PartialToken, Receipt, ServiceToken
from services.auth.api.discovery import KEY_RING
from services.auth.crypto.own_keys import OwnKeys
from services.auth.supplies import Supplies

T = TypeVar("T")


class Readers(Supplies):
    """Every verifier of this service. One algorithm per issuer, whatever a token's header says."""

    @cached_property
    def own_keys(self) -> OwnKeys:
        return OwnKeys(self.world.app[KEY_RING])

    @cached_property
    def partials(self) -> Verifier[PartialToken]:
        return self._own(PARTIAL, PARTIAL_AUDIENCE)

    @cached_property
    def access(self) -> Verifier[AccessToken]:
        return self._own(ACCESS, ACCESS_AUDIENCE)

    @cached_property
    def services(self) -> Verifier[ServiceToken]:
        return self._own(SERVICE, ACCESS_AUDIENCE)

    @cached_property
    def receipts(self) -> Verifier[Receipt]:
        # Read from services/twofactor itself: keys relayed by the gateway would let the gateway approve.
        url, us, clock = (
            f"{self.settings.twofactor_url}/.well-known/jwks.json",
            self.settings.public_url,
            self.world.clock,
        )
        algorithm = self.settings.receipt_algorithm or self.settings.token_algorithm
        keys = JwksCache(self.world.app[HTTP], url, algorithm=algorithm, clock=clock)
        self.meters.watch_age(KEYS_AGE, clock, twofactor=lambda: keys.fetched_at)
        return Verifier(RECEIPT, issuer=f"{us}/approvals", audience=us, keys=keys, algorithm=algorithm, clock=clock)

    def _own(self, kind: Kind[T], audience: str) -> Verifier[T]:
        """Believes what this service signs."""
        return Verifier(
            kind,
            issuer=self.settings.public_url,
            audience=audience,
            keys=self.own_keys,
            algorithm=self.settings.token_algorithm,
            clock=self.world.clock,
        )
