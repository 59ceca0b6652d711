"""Who believes which token, by whose keys."""

from functools import cached_property
from typing import TypeVar

from chassis.keyring import Algorithm
from chassis.metered import KEYS_AGE
from chassis.outbound import HTTP
from countersign import ACCESS, PARTIAL, RECEIPT, SERVICE, JwksCache, Verifier
from countersign.claims import (
    ACCESS_AUDIENCE,
    DISAVOWAL,
    PARTIAL_AUDIENCE,
    AccessToken,
    Disavowal,
    Kind,
    Receipt,
    ServiceToken,
)
from services.auth.api.discovery import KEY_RING
from services.auth.crypto.own_keys import OwnKeys
from services.auth.crypto.own_partials import OwnPartials
from services.auth.crypto.renewal_tokens import RENEWAL, RENEWAL_AUDIENCE
from services.auth.model.renewal import Renewal
from services.auth.supplies import Supplies

T = TypeVar("T")
PARTIALS_KEPT = 10_000


class Readers(Supplies):
    """Every verifier of this service. One algorithm per issuer, whatever a token's header says."""

    @cached_property
    def own_keys(self) -> OwnKeys:
        return OwnKeys(self.world.app[KEY_RING])

    @cached_property
    def own_partials(self) -> OwnPartials:
        reader = self._own(PARTIAL, PARTIAL_AUDIENCE)
        return OwnPartials(self.signer, reader, self.own_keys, self.world.clock, PARTIALS_KEPT)

    @cached_property
    def access(self) -> Verifier[AccessToken]:
        return self._own(ACCESS, ACCESS_AUDIENCE)

    @cached_property
    def services(self) -> Verifier[ServiceToken]:
        return self._own(SERVICE, ACCESS_AUDIENCE)

    @cached_property
    def renewals(self) -> Verifier[Renewal]:
        return self._own(RENEWAL, RENEWAL_AUDIENCE)

    @cached_property
    def receipts(self) -> Verifier[Receipt]:
        return self._of_twofactor(RECEIPT)

    @cached_property
    def disavowals_said(self) -> Verifier[Disavowal]:
        return self._of_twofactor(DISAVOWAL)

    @cached_property
    def twofactor_keys(self) -> JwksCache:
        # Read from services/twofactor itself: keys relayed by the gateway would let the gateway approve.
        url, clock = f"{self.settings.twofactor_url}/.well-known/jwks.json", self.world.clock
        keys = JwksCache(self.world.app[HTTP], url, algorithm=self.receipt_algorithm, clock=clock)
        self.meters.watch_age(KEYS_AGE, clock, twofactor=lambda: keys.fetched_at)
        return keys

    @property
    def receipt_algorithm(self) -> Algorithm:
        return self.settings.receipt_algorithm or self.settings.token_algorithm

    def _of_twofactor(self, kind: Kind[T]) -> Verifier[T]:
        """Believes what twofactor signs for this service."""
        return Verifier(
            kind,
            issuer=f"{self.settings.public_url}/approvals",
            audience=self.settings.public_url,
            keys=self.twofactor_keys,
            algorithm=self.receipt_algorithm,
            clock=self.world.clock,
        )

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
