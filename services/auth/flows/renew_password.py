"""A new password where the old one is in other hands: chosen by who has the second factor, not by the password."""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from countersign.claims import PartialToken, Receipt
from countersign.errors import InvalidToken
from services.auth.flows.issue_grant import IssueFirstGrant
from services.auth.flows.new_password import NewPasswords
from services.auth.flows.open_session import DraftSession
from services.auth.model.caller import Caller
from services.auth.model.errors import NotSignedIn, PasswordRenewalDue, WeakPassword
from services.auth.model.events import Event, What
from services.auth.model.grant import ExchangeRequest, Grant
from services.auth.model.password import normalised
from services.auth.model.renewal import RENEWAL_LIFE, Renewal
from services.auth.model.session import Proofs
from services.auth.model.user import User
from services.auth.model.weakness import Weakness
from services.auth.ports import Announcer, Events, Passwords, Reader, Sessions, Users
from services.auth.ports_of_renewals import Disavowals, RenewalSigner


@dataclass(frozen=True)
class BeginRenewal:
    """What an exchange answers instead of a session."""

    disavowals: Disavowals
    signer: RenewalSigner
    clock: Clock
    new_id: Callable[[], str]

    async def require_none_due(
        self, partial: PartialToken, receipt: Receipt, request: ExchangeRequest, scope: frozenset[str]
    ) -> None:
        """Raises `PasswordRenewalDue` if a new password is due, and all of this login came after the person said so.

        An approval from before opens nothing: it may be the very one that was disavowed. Nor does a login from before:
        who had the password, and waited with it, must not be the one who picks the next.
        """
        begun_at = min(partial.issued_at, receipt.issued_at)
        if not await self.disavowals.confirmed_since(partial.subject, begun_at):
            return
        renewal = Renewal(
            user_id=partial.subject,
            id=self.new_id(),
            client_id=request.client_id,
            scope=scope,
            amr=receipt.amr,
            confirmed_at=receipt.issued_at,
            partial_id=partial.id,
            receipt_id=receipt.id,
            email=partial.email,
            expires_at=self.clock() + RENEWAL_LIFE,
        )
        raise PasswordRenewalDue(self.signer.sign(renewal), RENEWAL_LIFE)


@dataclass(frozen=True)
class RenewPassword:
    """One transaction: the password is replaced, the mark taken away, both proofs spent and the session opened."""

    renewals: Reader[Renewal]
    users: Users
    passwords: NewPasswords
    pool: Passwords
    disavowals: Disavowals
    sessions: Sessions
    draft: DraftSession
    issue: IssueFirstGrant
    announcer: Announcer
    events: Events
    clock: Clock

    async def __call__(self, token: str, new: str, caller: Caller) -> Grant:
        """The first grant of a session; raises `NotSignedIn`, `WeakPassword`, `Overloaded`."""
        renewal = await self._believed(token)
        user = await self.users.by_id(renewal.user_id)
        if user is None:
            raise NotSignedIn
        chosen = normalised(new)
        async with self.passwords.place():
            await self.passwords.require_acceptable(chosen, user.email)
            if await self.pool.matches(user.password_hash, chosen):
                # The one that is in other hands.
                raise WeakPassword(Weakness.UNCHANGED)
            return await self._renewed(renewal, user, await self.passwords.hash(chosen), caller)

    async def _renewed(self, renewal: Renewal, user: User, password_hash: str, caller: Caller) -> Grant:
        drafted = self.draft(
            renewal.user_id,
            renewal.partial_id,
            renewal.client_id,
            renewal.scope,
            renewal.amr,
            renewal.confirmed_at,
            caller,
        )
        now = self.clock()
        proofs = Proofs(renewal.partial_id, renewal.receipt_id, now)
        async with self.events.together():
            renewed = await self.disavowals.renew_password(user, password_hash, renewal.confirmed_at, now)
            opened = await self.sessions.open(drafted.session, proofs, drafted.family) if renewed else None
            if opened is None:
                raise NotSignedIn
            await self.events.record(Event(What.PASSWORD_CHANGED, user=user.id, session=opened.id, reason="renewed"))
        self.announcer.soon()
        return self.issue(opened, drafted.refresh_token, renewal.email)

    async def _believed(self, token: str) -> Renewal:
        try:
            return await self.renewals.verify(token)
        except InvalidToken as unfit:
            raise NotSignedIn from unfit
