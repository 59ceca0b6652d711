"""Shows a challenge to whoever waits for it."""

from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.flows.read_back import ReadBack
from services.twofactor.flows.require_challenge import RequireChallenge
from services.twofactor.model.challenge import Challenge
from services.twofactor.ports import Background


@dataclass(frozen=True)
class ShowChallenge:
    """Answers at once. That someone asks is the sign that someone waits, so a push is read back beside the answer."""

    require: RequireChallenge
    read_back: ReadBack
    background: Background

    async def __call__(self, partial: PartialToken, challenge_id: str) -> Challenge:
        """The challenge as of now; what is read back reaches the waiters as any other change does."""
        challenge = await self.require(partial, challenge_id)
        if self.read_back.is_due(challenge):
            self.background(self.read_back(challenge))
        return challenge
