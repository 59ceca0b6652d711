"""A first factor that was enrolled by showing a code has confirmed the login it was enrolled in.

Without this the person would have to wait half a minute for the next code, to show the same thing again. It proves as
much: the password was right, and the app is there.
"""

from dataclasses import dataclass

import structlog

from countersign import AccessToken, PartialToken
from services.twofactor.flows.advance import Advance
from services.twofactor.flows.draft_challenge import DraftChallenge
from services.twofactor.flows.reserve import Reserve
from services.twofactor.model.challenge import Event
from services.twofactor.model.channel import Channel
from services.twofactor.model.context import Context
from services.twofactor.model.errors import Refusal
from services.twofactor.model.factor import Enrolment

log = structlog.get_logger()


@dataclass(frozen=True)
class ConfirmLogin:
    """A challenge like any other, in the login's one place, that is answered as soon as it stands."""

    draft: DraftChallenge
    reserve: Reserve
    advance: Advance

    async def __call__(self, person: PartialToken | AccessToken, enrolment: Enrolment, context: Context) -> bool:
        """Whether there was a login to confirm, and it is now; if not, it goes on as any other."""
        if isinstance(person, AccessToken):
            return False
        challenge = self.draft(person, enrolment, Channel.TOTP, context)
        try:
            await self.reserve(challenge)
            await self.advance(challenge, Event.RIGHT_CODE)
        except Refusal as refused:
            log.info("login_not_confirmed", login=person.login, kind=type(refused).__name__)
            return False
        return True
