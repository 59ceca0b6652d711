"""Enrols a phone at the vendor."""

from collections.abc import Callable
from dataclasses import dataclass

from countersign import AccessToken, PartialToken
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.may_enrol import Enroller, MayEnrol
from services.twofactor.model.context import Context
from services.twofactor.model.errors import SessionRequired
from services.twofactor.model.events import AuditEvent, What, of_factor
from services.twofactor.model.factor import Enrolment, Phone
from services.twofactor.ports import Enrolments, Events, Provider


@dataclass(frozen=True)
class EnrolPhone:
    """Makes the phone known to the vendor and to us."""

    may: MayEnrol
    guard: Guard
    provider: Provider
    enrolments: Enrolments
    events: Events
    new_id: Callable[[], str]

    async def __call__(self, person: PartialToken | AccessToken, phone: Phone, context: Context) -> None:
        """Raises what `MayEnrol` raises, `PhoneRefused`, `ProviderUnavailable`, `TooManyAttempts`. Safe to repeat."""
        enroller = await self.may(person)
        await self.guard.require_enrolment(enroller.user, context)
        if not await self._register(enroller, phone):
            self.events.note(AuditEvent(What.ENROLMENT_REFUSED, user=enroller.user, reason="has_another"))
            raise SessionRequired

    async def _register(self, who: Enroller, phone: Phone) -> bool:
        account = await self.provider.enrol(email=who.email, country_code=phone.country_code, number=phone.number)
        enrolment = Enrolment(self.new_id(), who.user, self.provider.name, account, phone.masked)
        async with self.events.together():
            added = await self.enrolments.add(enrolment, email=who.email, only_first=who.only_first)
            if added:
                await self.events.record(of_factor(What.FACTOR_ENROLLED, enrolment))
        return added
