"""What the gateway's flows and pages ask of twofactor. Implemented by peers/twofactor.py."""

from typing import Protocol

from gateway.model.challenge import Challenge
from gateway.model.client import ClientContext
from gateway.model.code_at_hand import CodeAtHand
from gateway.model.enrolling import PendingApp
from gateway.model.factor import Factor


class SecondFactor(Protocol):
    """twofactor; `token` is the partial JWT. Every method may raise `PeerUnavailable` and `TokenRefused`."""

    async def factors(self, token: str) -> list[Factor]:
        """All ways of this person, best first; empty before enrolment."""

    async def enrol(self, token: str, country_code: str, number: str) -> list[Factor]:
        """Raises `PhoneRefused`, `InvalidInput`, `ProviderUnavailable`; `FreshLoginNeeded` where one is enrolled."""

    async def begin_app(self, token: str) -> PendingApp:
        """A secret for an authenticator app; raises `FreshLoginNeeded` as `enrol` does."""

    async def confirm_app(self, token: str, app: PendingApp, code: str, client: ClientContext) -> bool:
        """Its first code: it counts now. Whether the login it was begun in is confirmed by that too.

        Raises `InvalidCode`, `InvalidInput`, `EnrolmentOver`, `FreshLoginNeeded`.
        """

    async def recovery_codes(self, token: str) -> list[str]:
        """Makes ten, as they are printed; those from before are worth nothing now. Raises `FreshLoginNeeded`."""

    async def remove(self, token: str, factor_id: str) -> None:
        """Forgets what this way belongs to; raises `FreshLoginNeeded`. One that is gone is no error."""

    async def open(self, token: str, *, channel: str, factor: str = "", client: ClientContext) -> Challenge:
        """By `channel`, or by the id of a `factor` if there is one.

        Raises `ChallengePending`, `ChannelUnavailable`, `ProviderUnavailable`, `NoFactor`, `LimitReached`.
        """

    async def challenge(self, token: str, challenge_id: str) -> Challenge:
        """Raises `ChallengeUnknown`, also for another login's."""

    async def answer(self, token: str, challenge_id: str, code: str) -> Challenge:
        """Raises `InvalidCode`, `InvalidInput`, `ChallengeUnknown`, `ChallengeOver`, `ProviderUnavailable`."""

    async def cancel(self, token: str, challenge_id: str) -> None:
        """Raises `ChallengeUnknown`, `ChallengeOver`."""

    async def disavow(self, token: str) -> None:
        """It was not me, says the person of this access token: all of their sessions end in a moment."""

    async def receipt(self, token: str) -> str:
        """Raises `ApprovalPending`, `ApprovalDenied`, `ApprovalExpired`, `GrantRefused`."""

    async def confirm(self, token: str, code: CodeAtHand, client: ClientContext) -> str:
        """The receipt for a right code, in one step. Of a login that is approved already no code is looked at.

        Raises what `open`, `answer` and `receipt` raise.
        """
