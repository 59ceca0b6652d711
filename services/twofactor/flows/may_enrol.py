"""Who may enrol a factor: a password alone where there is none yet, a person with a fresh session otherwise.

An e-mail address goes with every factor: a vendor of phones wants one, and apps show it beside the code. A partial
token carries it; an access token does not, so the one that was told for an earlier factor is kept, sealed, and used
again. Whoever has removed every factor signs in again, and enrols with the partial token of that login.
"""

from dataclasses import dataclass

from chassis.clock import Clock
from countersign import AccessToken, PartialToken
from services.twofactor.flows.freshness import require_fresh
from services.twofactor.model.errors import EmailUnknown, SessionRequired
from services.twofactor.ports import Enrolments


@dataclass(frozen=True)
class Enroller:
    """Somebody who may. `begun_in` names their login or session; `only_first`: not if there is a factor by then."""

    user: str
    email: str
    begun_in: str
    only_first: bool


@dataclass(frozen=True)
class MayEnrol:
    """Decides by the token."""

    enrolments: Enrolments
    clock: Clock

    async def __call__(self, person: PartialToken | AccessToken) -> Enroller:
        """Raises `SessionRequired`, `StaleSession`, `EmailUnknown`."""
        if isinstance(person, AccessToken):
            require_fresh(person, self.clock())
        return await self.still(person)

    async def still(self, person: PartialToken | AccessToken) -> Enroller:
        """For what was begun when the session was fresh, and is finished minutes later."""
        if isinstance(person, PartialToken):
            # Asked before anybody else is: a stolen password must not try out which phone is the enrolled one.
            if await self.enrolments.of_user(person.subject):
                raise SessionRequired
            return Enroller(person.subject, person.email, f"login {person.id}", only_first=True)
        email = await self.enrolments.email_of(person.subject)
        if email is None:
            raise EmailUnknown
        return Enroller(person.subject, email, f"session {person.session}", only_first=False)
