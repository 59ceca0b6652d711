"""A challenge as its owner sees it."""

from collections.abc import Awaitable
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
        return await self.own(partial, await self.asked(partial, challenge_id))

    def asked(self, partial: PartialToken, challenge_id: str) -> Awaitable[Challenge | None]:
        """For `own`: on its way when this returns."""
        # Looked up under the token's own login: an id from elsewhere leads nowhere, and costs the same.
        return self.challenges.by_id(partial.login, challenge_id)

    async def own(self, partial: PartialToken, challenge: Challenge | None) -> Challenge:
        """The second half."""
        if challenge is None or not is_of(challenge, partial):
            raise ChallengeUnknown
        return await self.advance.settled(challenge)


def is_of(challenge: Challenge, partial: PartialToken) -> bool:
    """Whether this very token opened it."""
    return (challenge.partial_id, challenge.user) == (partial.id, partial.subject)
