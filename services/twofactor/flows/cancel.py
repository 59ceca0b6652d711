"""The person has changed their mind: whatever the phone says later opens nothing."""

from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.flows.advance import Advance
from services.twofactor.flows.require_challenge import RequireChallenge
from services.twofactor.model.challenge import Event


@dataclass(frozen=True)
class Cancel:
    """Cancels a pending challenge; doing it twice is once."""

    require: RequireChallenge
    advance: Advance

    async def __call__(self, partial: PartialToken, challenge_id: str) -> None:
        """Raises `ChallengeUnknown`, `ChallengeClosed` when it has been decided already."""
        challenge = await self.require(partial, challenge_id)
        await self.advance(challenge, Event.PERSON_CANCELS)
