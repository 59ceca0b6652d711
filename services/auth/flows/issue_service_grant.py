"""A service becomes a token in its own name (RFC 6749 section 4.4)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from countersign.claims import ServiceToken
from services.auth.model.client import ServiceClient
from services.auth.model.grant import ServiceGrant
from services.auth.model.scope import granted
from services.auth.ports import Signer


@dataclass(frozen=True)
class IssueServiceGrant:
    """Never refreshable: the service proves anew who it is."""

    signer: Signer
    ttl: timedelta
    clock: Clock
    new_id: Callable[[], str]

    def __call__(self, client: ServiceClient, scope: str | None) -> ServiceGrant:
        """The grant; raises `InvalidScope`."""
        now = self.clock()
        token = ServiceToken(client.id, self.new_id(), granted(scope, client.scopes), now + self.ttl)
        return ServiceGrant(self.signer.service(token, now), self.ttl, token.scope)
