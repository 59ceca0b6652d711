"""What was begun before an operator's word, or its person's own, counts for nothing: a login, and a session."""

from dataclasses import dataclass
from datetime import datetime

from chassis.dated_ids import moment_of
from countersign import AccessToken, PartialToken
from services.twofactor.model.errors import NotAuthenticated
from services.twofactor.ports_of_operators import Logins


@dataclass(frozen=True)
class RequireStanding:
    """Asked wherever a token does something: lists, enrols, asks, answers, confirms, removes.

    The same word has ended the person's sessions. Here it is known without anybody who would have to tell of it.
    """

    logins: Logins

    async def __call__(self, person: PartialToken | AccessToken) -> None:
        """Raises `NotAuthenticated`: the token is as good as none, and says no more to whoever holds it."""
        voided_at = await self.logins.voided_at(person.subject)
        if voided_at is not None and _began(person) <= voided_at:
            raise NotAuthenticated


def _began(person: PartialToken | AccessToken) -> datetime:
    # An access token may be made anew after the word; its session was confirmed before. It tells that in whole seconds,
    # rounded down: within that second it is refused, rather than believed. A partial token's id tells its milliseconds.
    if isinstance(person, AccessToken):
        return person.authenticated_at
    return moment_of(person.id) or person.issued_at
