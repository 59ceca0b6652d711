"""An open session becomes tokens."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from chassis.clock import Clock
from countersign.claims import AccessToken
from services.auth.model.email import parse_email
from services.auth.model.grant import Grant
from services.auth.model.session import ACR, Session
from services.auth.ports import Devices, Signer


@dataclass(frozen=True)
class IssueGrant:
    """Signs an access token for `ttl`, never past the session's own end; the refresh token is handed in."""

    signer: Signer
    ttl: timedelta
    clock: Clock
    new_id: Callable[[], str]

    def __call__(self, session: Session, refresh_token: str, scope: frozenset[str] | None = None) -> Grant:
        now = self.clock()
        expires_at = min(now + self.ttl, session.expires_at)
        token = AccessToken(
            subject=session.user_id,
            id=self.new_id(),
            session=session.id,
            client_id=session.client_id,
            scope=session.scope if scope is None else scope,
            acr=ACR,
            amr=session.amr,
            authenticated_at=session.authenticated_at,
            expires_at=expires_at,
            groups=session.groups,
        )
        return Grant(self.signer.access(token, now), refresh_token, expires_at - now, token.scope)


@dataclass(frozen=True)
class IssueFirstGrant:
    """The grant that a session begins with: both factors were right, so the device is known from now on."""

    issue: IssueGrant
    devices: Devices

    def __call__(self, session: Session, refresh_token: str, email: str) -> Grant:
        device = self.devices.remember(parse_email(email))
        return replace(self.issue(session, refresh_token), device=device)
