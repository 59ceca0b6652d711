"""Who believes which token, by whose keys."""

from functools import cached_property

from chassis.outbound import HTTP
from countersign import ACCESS, PARTIAL, RECEIPT, JwksCache, Verifier
from countersign.claims import ACCESS_AUDIENCE, PARTIAL_AUDIENCE, AccessToken, PartialToken, Receipt
from services.auth.api.discovery import KEY_RING
from services.auth.crypto.own_keys import OwnKeys
from services.auth.crypto.service_tokens import SERVICE
from services.auth.model.service_token import ServiceToken
from services.auth.supplies import Supplies


class Readers(Supplies):
    """Every verifier of this service. One algorithm, whatever a token's header says."""

    @cached_property
    def own_keys(self) -> OwnKeys:
        return OwnKeys(self.world.app[KEY_RING])

    @cached_property
    def partials(self) -> Verifier[PartialToken]:
        issuer = self.settings.public_url
        return Verifier(PARTIAL, issuer=issuer, audience=PARTIAL_AUDIENCE, keys=self.own_keys, clock=self.world.clock)

    @cached_property
    def access(self) -> Verifier[AccessToken]:
        issuer = self.settings.public_url
        return Verifier(ACCESS, issuer=issuer, audience=ACCESS_AUDIENCE, keys=self.own_keys, clock=self.world.clock)

    @cached_property
    def receipts(self) -> Verifier[Receipt]:
        # Read from services/twofactor itself: keys relayed by the gateway would let the gateway approve.
        url = f"{self.settings.twofactor_url}/.well-known/jwks.json"
        keys = JwksCache(self.world.app[HTTP], url, clock=self.world.clock)
        issuer = f"{self.settings.public_url}/approvals"
        return Verifier(RECEIPT, issuer=issuer, audience=self.settings.public_url, keys=keys, clock=self.world.clock)

    @cached_property
    def services(self) -> Verifier[ServiceToken]:
        issuer = self.settings.public_url
        return Verifier(SERVICE, issuer=issuer, audience=ACCESS_AUDIENCE, keys=self.own_keys, clock=self.world.clock)
