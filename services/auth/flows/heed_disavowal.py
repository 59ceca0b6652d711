"""Hears that a sign-in was not the person's: believed for twofactor's signature, however it came here."""

from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from countersign.claims import Disavowal
from countersign.errors import Expired, InvalidToken
from services.auth.model.events import Event, What
from services.auth.ports import Announcer, Events, Reader
from services.auth.ports_of_renewals import Disavowals


@dataclass(frozen=True)
class HeedDisavowal:
    """Ends the person's sessions and asks for a new password at the next sign-in: once per statement."""

    statements: Reader[Disavowal]
    disavowals: Disavowals
    announcer: Announcer
    events: Events
    clock: Clock

    async def __call__(self, statement: str) -> None:
        """Raises `KeysUnavailable` and the store's own errors: then it is to be heard again."""
        said = await self._believed(statement)
        if said is None:
            return
        async with self.events.together():
            if not await self.disavowals.heed(said, self.clock()):
                return
            await self.events.record(Event(What.PASSWORD_DISAVOWED, user=said.subject))
        self.announcer.soon()

    async def _believed(self, statement: str) -> Disavowal | None:
        try:
            said = await self.statements.verify(statement)
            UUID(said.subject), UUID(said.id)
        except Expired:
            # It was heard while it was good, or told again.
            return None
        except (InvalidToken, ValueError) as forged:
            self.events.note(Event(What.STATEMENT_REFUSED, reason=type(forged).__name__))
            return None
        return said
