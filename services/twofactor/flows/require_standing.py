"""What was begun before an operator's word, or its person's own, counts for nothing: a login, and a session."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chassis.asked import Asked
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

    def __call__(self, person: PartialToken | AccessToken) -> Awaitable[None]:
        """Awaited it raises `NotAuthenticated`: the token is as good as none, and says no more to whoever holds it."""
        return Asked(self.logins.voided_at(person.subject), partial(_require_begun_after, person))


def _require_begun_after(person: PartialToken | AccessToken, voided_at: datetime | None) -> None:
    if voided_at is not None and _began(person) <= voided_at:
        raise NotAuthenticated


def _began(person: PartialToken | AccessToken) -> datetime:
    # An access token may be made anew after the word; its session was confirmed before. It tells that in whole seconds,
    # rounded down: within that second it is refused, rather than believed. A partial token's id tells its milliseconds.
    if isinstance(person, AccessToken):
        return person.authenticated_at
    return moment_of(person.id) or person.issued_at
