"""The first code of an authenticator app: from here on it is a factor."""

from dataclasses import dataclass

from countersign import AccessToken, PartialToken
from services.twofactor.flows.match_step import MatchStep
from services.twofactor.flows.may_enrol import Enroller, MayEnrol
from services.twofactor.model.errors import FactorUnknown, SessionRequired
from services.twofactor.model.events import AuditEvent, What, of_factor
from services.twofactor.model.factor import Enrolment
from services.twofactor.model.totp import KIND, PendingSecret, name_besides, require_six_digits
from services.twofactor.ports import Enrolments, Events
from services.twofactor.ports_of_kinds import PendingSecrets, TotpSecrets


@dataclass(frozen=True)
class ConfirmTotp:
    """Takes the code from whoever was shown the secret: the same login, or the same session."""

    may: MayEnrol
    pending: PendingSecrets
    match: MatchStep
    secrets: TotpSecrets
    enrolments: Enrolments
    events: Events

    async def __call__(self, person: PartialToken | AccessToken, pending_id: str, typed: str) -> Enrolment:
        """The factor; raises `CodeMalformed`, `WrongCode`, `FactorUnknown`, and what `MayEnrol` raises."""
        code = require_six_digits(typed)
        enroller = await self.may.still(person)
        pending = await self._require_own(enroller, pending_id)
        # Not counted: who tries here was shown the secret, so there is nothing to guess. The code is used up by this.
        confirmed = pending.confirmed(self.match(pending.secret, code))
        enrolment = await self._enrolment(enroller, pending)
        added = await self._add(enroller, enrolment, confirmed)
        await self.pending.forget(pending.id)
        if not added:
            self.events.note(AuditEvent(What.ENROLMENT_REFUSED, user=enroller.user, reason="has_another"))
            raise SessionRequired
        return enrolment

    async def _add(self, who: Enroller, enrolment: Enrolment, confirmed: PendingSecret) -> bool:
        async with self.events.together():
            # The store looks once more, in the step that writes: of two first factors at once, one is.
            added = await self.secrets.add(enrolment, confirmed, email=who.email, only_first=who.only_first)
            if added:
                await self.events.record(of_factor(What.FACTOR_ENROLLED, enrolment))
        return added

    async def _require_own(self, enroller: Enroller, pending_id: str) -> PendingSecret:
        pending = await self.pending.by_id(pending_id)
        if pending is None or (pending.user, pending.begun_in) != (enroller.user, enroller.begun_in):
            raise FactorUnknown
        return pending

    async def _enrolment(self, enroller: Enroller, pending: PendingSecret) -> Enrolment:
        taken = {enrolment.name for enrolment in await self.enrolments.of_user(enroller.user)}
        return Enrolment(pending.id, enroller.user, KIND, pending.id, name_besides(taken))
