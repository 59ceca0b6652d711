"""The challenge that a login's receipt would tell of."""

from collections.abc import Awaitable
from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.flows.require_challenge import is_of
from services.twofactor.model.challenge import Challenge, Status
from services.twofactor.model.errors import AccessDenied, NothingToConfirm
from services.twofactor.ports import Challenges, Enrolments

_RECEIVABLE = frozenset({Status.APPROVED, Status.CONSUMED})


@dataclass(frozen=True)
class RequireLatest:
    """Finds a login's newest challenge, for the holder of the partial token that opened it."""

    challenges: Challenges
    enrolments: Enrolments

    def asked(self, partial: PartialToken) -> Awaitable[Challenge | None]:
        """For `own`: on its way when this returns."""
        return self.challenges.latest(partial.login)

    async def own(self, partial: PartialToken, challenge: Challenge | None) -> Challenge:
        """Raises `NothingToConfirm`; `AccessDenied` if the phone that was asked is no longer enrolled.

        Of what is approved, the statement that keeps the receipt looks at that.
        """
        if challenge is None or not is_of(challenge, partial):
            raise NothingToConfirm
        # A phone that was removed meanwhile, because it was stolen perhaps, lets nobody in any more.
        if challenge.status not in _RECEIVABLE:
            await self._require_enrolled(challenge)
        return challenge

    async def _require_enrolled(self, challenge: Challenge) -> None:
        if await self.enrolments.by_id(challenge.user, challenge.enrolment) is None:
            raise AccessDenied
