"""Enrols a phone: the first with the partial token of a login, another one with a fresh session.

The vendor wants an e-mail address. A partial token carries it; an access token does not, so the address that the vendor
was told for the person's earlier phone is kept, sealed, and used again. Whoever has removed every phone signs in again,
and enrols with the partial token of that login.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from chassis.clock import Clock
from countersign import AccessToken, PartialToken
from services.twofactor.flows.freshness import require_fresh
from services.twofactor.model.errors import EmailUnknown, SessionRequired
from services.twofactor.model.factor import Enrolment, Phone
from services.twofactor.ports import Enrolments, Provider

log = structlog.get_logger()


@dataclass(frozen=True)
class Register:
    """Makes the phone known to the vendor and to us."""

    provider: Provider
    enrolments: Enrolments
    new_id: Callable[[], str]

    async def __call__(self, user: str, email: str, phone: Phone, *, only_first: bool) -> bool:
        """Whether it is enrolled now; raises `PhoneRefused`, `ProviderUnavailable`. Safe to repeat."""
        account = await self.provider.enrol(email=email, country_code=phone.country_code, number=phone.number)
        enrolment = Enrolment(self.new_id(), user, self.provider.name, account, phone.masked)
        added = await self.enrolments.add(enrolment, email=email, only_first=only_first)
        log.info("factor_enrolled" if added else "factor_not_enrolled", user=user, provider=self.provider.name)
        return added


@dataclass(frozen=True)
class EnrolFirst:
    """A password alone may enrol a phone only where there is none."""

    enrolments: Enrolments
    register: Register

    async def __call__(self, partial: PartialToken, phone: Phone) -> None:
        """Raises `SessionRequired` if the person has a factor."""
        # Asked before the vendor is: a stolen password must not try out which phone is the enrolled one.
        if await self.enrolments.of_user(partial.subject):
            raise SessionRequired
        if not await self.register(partial.subject, partial.email, phone, only_first=True):
            raise SessionRequired


@dataclass(frozen=True)
class EnrolAnother:
    """A person who has just confirmed with one phone may add another."""

    enrolments: Enrolments
    register: Register
    clock: Clock

    async def __call__(self, session: AccessToken, phone: Phone) -> None:
        """Raises `StaleSession`, `EmailUnknown`."""
        require_fresh(session, self.clock())
        email = await self.enrolments.email_of(session.subject)
        if email is None:
            raise EmailUnknown
        await self.register(session.subject, email, phone, only_first=False)
