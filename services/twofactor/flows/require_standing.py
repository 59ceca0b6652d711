"""A login that was begun before an operator's word counts for nothing."""

from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.model.errors import NotAuthenticated
from services.twofactor.ports_of_operators import Logins


@dataclass(frozen=True)
class RequireStanding:
    """Asked wherever a partial token does something: enrols, asks, confirms."""

    logins: Logins

    async def __call__(self, partial: PartialToken) -> None:
        """Raises `NotAuthenticated`: the token is as good as none, and says no more to whoever holds it."""
        voided_at = await self.logins.voided_at(partial.subject)
        # A token tells its time in whole seconds, rounded down: within that second it is refused, rather than believed.
        if voided_at is not None and partial.issued_at <= voided_at:
            raise NotAuthenticated
