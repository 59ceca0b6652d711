"""Makes a secret for an authenticator app. It counts for nothing until the app has shown a first code."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from countersign import AccessToken, PartialToken
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.may_enrol import MayEnrol
from services.twofactor.model.context import Context
from services.twofactor.model.totp import PendingSecret
from services.twofactor.ports_of_kinds import PendingSecrets, Totp

log = structlog.get_logger()
# For finding the phone, installing an app, and scanning.
PENDING_LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class BegunTotp:
    """What is shown to the person, this once. `uri` is what the QR code says, and holds the secret too."""

    id: str
    secret: bytes = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True)
class BeginTotp:
    """Each beginning is a secret of its own, shown once: no one who comes later reads one that somebody else scans."""

    may: MayEnrol
    guard: Guard
    totp: Totp
    pending: PendingSecrets
    issuer: str
    new_id: Callable[[], str]

    async def __call__(self, person: PartialToken | AccessToken, context: Context) -> BegunTotp:
        """Raises what `MayEnrol` raises, `TooManyAttempts`."""
        enroller = await self.may(person)
        await self.guard.require_enrolment(enroller.user, context)
        pending = PendingSecret(self.new_id(), enroller.user, enroller.begun_in, self.totp.new_secret())
        await self.pending.keep(pending, PENDING_LIFE)
        log.info("enrolment_begun", user=enroller.user, provider="totp", factor=pending.id)
        uri = self.totp.uri(pending.secret, account=enroller.email, issuer=self.issuer)
        return BegunTotp(pending.id, pending.secret, uri)
