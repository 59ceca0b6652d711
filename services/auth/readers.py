"""Who believes which token, by whose keys."""

from functools import cached_property
from typing import TypeVar

from chassis.outbound import HTTP
from countersign import ACCESS, PARTIAL, RECEIPT, JwksCache, Verifier
from countersign.claims import ACCESS_AUDIENCE, PARTIAL_AUDIENCE, AccessToken, Kind, PartialToken, Receipt
from countersign.verifier import Keys
from services.auth.api.discovery import KEY_RING
from services.auth.crypto.own_keys import OwnKeys
from services.auth.crypto.service_tokens import SERVICE
from services.auth.model.service_token import ServiceToken
from services.auth.supplies import Supplies

T = TypeVar("T")


class Readers(Supplies):
    """Every verifier of this service. One algorithm, whatever a token's header says."""

    @cached_property
    def own_keys(self) -> OwnKeys:
        return OwnKeys(self.world.app[KEY_RING])

    @cached_property
    def partials(self) -> Verifier[PartialToken]:
        return self._verifier(PARTIAL, self.settings.public_url, PARTIAL_AUDIENCE, self.own_keys)

    @cached_property
    def access(self) -> Verifier[AccessToken]:
        return self._verifier(ACCESS, self.settings.public_url, ACCESS_AUDIENCE, self.own_keys)

    @cached_property
    def services(self) -> Verifier[ServiceToken]:
        return self._verifier(SERVICE, self.settings.public_url, ACCESS_AUDIENCE, self.own_keys)

    @cached_property
    def receipts(self) -> Verifier[Receipt]:
        # Read from services/twofactor itself: keys relayed by the gateway would let the gateway approve.
        url = f"{self.settings.twofactor_url}/.well-known/jwks.json"
        algorithm = self.settings.token_algorithm
        keys = JwksCache(self.world.app[HTTP], url, algorithm=algorithm, clock=self.world.clock)
        return self._verifier(RECEIPT, f"{self.settings.public_url}/approvals", self.settings.public_url, keys)

    def _verifier(self, kind: Kind[T], issuer: str, audience: str, keys: Keys) -> Verifier[T]:
        algorithm = self.settings.token_algorithm
        return Verifier(kind, issuer=issuer, audience=audience, keys=keys, algorithm=algorithm, clock=self.world.clock)
