"""The challenge that a login's receipt would tell of."""

from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.flows.require_challenge import is_of
from services.twofactor.model.challenge import Challenge
from services.twofactor.model.errors import AccessDenied, NothingToConfirm
from services.twofactor.ports import Challenges, Enrolments


@dataclass(frozen=True)
class RequireLatest:
    """Finds a login's newest challenge, for the holder of the partial token that opened it."""

    challenges: Challenges
    enrolments: Enrolments

    async def __call__(self, partial: PartialToken) -> Challenge:
        """Raises `NothingToConfirm`; `AccessDenied` if the phone that was asked is no longer enrolled."""
        challenge = await self.challenges.latest(partial.login)
        if challenge is None or not is_of(challenge, partial):
            raise NothingToConfirm
        # A phone that was removed meanwhile, because it was stolen perhaps, lets nobody in any more.
        if await self.enrolments.by_id(challenge.user, challenge.enrolment) is None:
            raise AccessDenied
        return challenge
