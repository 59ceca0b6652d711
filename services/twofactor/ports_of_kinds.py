"""What a kind of factor is, and what the kinds without a vendor ask of the world."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel
from services.twofactor.model.factor import Enrolment, Word
from services.twofactor.model.totp import PendingSecret, TotpSecret


class Kind(Protocol):
    """One kind of factor: by which channels it is asked, and who judges the answer.

    A vendor's phones are one kind, an authenticator app is another; the flows know neither. A new kind is a module in
    `kinds/` and a line in `wiring.py`, held to tests/contract/test_twofactor_kinds.py.
    """

    @property
    def name(self) -> str:
        """What its enrolments are marked with (`Enrolment.provider`)."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """By which it can be asked, best first; a channel belongs to one kind."""

    async def states(self, enrolment: Enrolment, kept: Word | None) -> Word:
        """Which channels work now, in seconds at most; raises `AccountUnknown` if none ever will again.

        `kept`: what somebody outside said of it seconds ago, if anybody did.
        """

    async def at_hand(self, enrolment: Enrolment, kept: Word | None) -> Word:
        """The same without asking anybody outside."""

    async def send(self, challenge: Challenge, counted_as: str) -> Challenge:
        """Reaches the person, if there is anything to reach them with; the challenge as it was delivered.

        Raises `ProviderUnavailable`, `ChannelUnavailable`, `AccountUnknown`.
        """

    def read_code(self, typed: str) -> str:
        """The code in what was typed, in its one spelling; raises `CodeMalformed`. Nothing is counted yet."""

    async def require_code(self, challenge: Challenge, code: str) -> None:
        """Passes if the code is right, once; raises `WrongCode`, `ReusedCode`, and what `send` raises.

        Asked after the guess was counted. `ProviderUnavailable` means that nobody judged it.
        """

    async def forget(self, enrolment: Enrolment) -> None:
        """The last enrolment of this account is gone here: tells whoever else keeps it."""


class PendingSecrets(Protocol):
    """Secrets of apps that have not shown a first code yet: sealed, and gone after minutes."""

    async def keep(self, pending: PendingSecret, life: timedelta) -> None:
        """Keeps it for `life`."""

    async def by_id(self, pending_id: str) -> PendingSecret | None:
        """The one by this id, if it is still kept."""

    async def forget(self, pending_id: str) -> None:
        """It counts now, or never will."""


class TotpSecrets(Protocol):
    """Secrets of authenticator apps, sealed, each with the last time step that was used."""

    async def add(self, enrolment: Enrolment, pending: PendingSecret, *, email: str, only_first: bool) -> bool:
        """Stores enrolment and secret in one step; False, and nothing stored, as `Enrolments.add`. Safe to repeat."""

    async def of(self, enrolment_id: str) -> TotpSecret | None:
        """The secret of this enrolment, None if there is none that can be read."""

    async def spend(self, enrolment_id: str, step: int) -> bool:
        """Marks a time step as used; False if it, or a later one, was used before (RFC 6238 section 5.2)."""


class Totp(Protocol):
    """Codes of authenticator apps (RFC 6238)."""

    def new_secret(self) -> bytes:
        """160 random bits (RFC 4226 section 4, R6)."""

    def code_at(self, secret: bytes, step: int) -> str:
        """The six digits of a time step."""

    def uri(self, secret: bytes, *, account: str, issuer: str) -> str:
        """`otpauth://totp/...`, which apps read from a QR code."""


class RecoveryCodes(Protocol):
    """A person's set of codes, as digests."""

    async def replace(self, enrolment: Enrolment, digests: Sequence[bytes], *, email: str) -> None:
        """Stores the set, and forgets the one before, in one step."""

    async def left(self, enrolment_id: str) -> int:
        """How many can be used yet."""

    async def spend(self, enrolment_id: str, digest: bytes) -> int | None:
        """Uses a code up, answers how many are left; None if there is no such code (any more)."""


class NewCodes(Protocol):
    """Makes recovery codes."""

    def __call__(self) -> Sequence[str]:
        """Ten, of 120 random bits each, in their one spelling."""
