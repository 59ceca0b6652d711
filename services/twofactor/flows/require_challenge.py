"""A challenge as its owner sees it."""

from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.flows.advance import Advance
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.errors import ChallengeUnknown
from services.twofactor.ports import Challenges


@dataclass(frozen=True)
class RequireChallenge:
    """Finds a challenge for the holder of the partial token that opened it."""

    challenges: Challenges
    advance: Advance

    async def __call__(self, partial: PartialToken, challenge_id: str) -> Challenge:
        """The challenge as of now; raises `ChallengeUnknown`, for another login's exactly as for none."""
        # Looked up under the token's own login: an id from elsewhere leads nowhere, and costs the same.
        challenge = await self.challenges.by_id(partial.login, challenge_id)
        if challenge is None or not is_of(challenge, partial):
            raise ChallengeUnknown
        return await self.advance.settled(challenge)


def is_of(challenge: Challenge, partial: PartialToken) -> bool:
    """Whether this very token opened it."""
    return (challenge.partial_id, challenge.user) == (partial.id, partial.subject)
