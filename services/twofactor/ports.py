"""What the flows ask of the world, on one page. `store/`, `crypto/` and `providers/` answer it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.twofactor.model.channel import Availability, Channel, Delivery
from services.twofactor.model.provider import PushAnswer, PushRequest


class Provider(Protocol):
    """A vendor of second factors. `account` is the vendor's id of the person.

    Any call raises `ProviderUnavailable` when the vendor is away (never longer than its time budget),
    `ProviderMisconfigured` when it refuses our credentials, `AccountUnknown` when it does not know the person.
    """

    @property
    def name(self) -> str:
        """The vendor's name in factors and logs: `authy`."""

    async def enrol(self, *, email: str, country_code: int, number: str) -> str:
        """Registers a person (national number, digits), answers their account; raises `PhoneRefused`."""

    async def channels(self, account: str) -> Sequence[Availability]:
        """Which channels this person can use now, best first."""

    async def push(self, account: str, request: PushRequest) -> str:
        """Asks for approval on the person's device, answers its id; raises `ChannelUnavailable`. Never repeated."""

    async def read_push(self, reference: str) -> PushAnswer:
        """Reads an approval request back; raises `ChannelUnavailable` if the vendor does not know the request."""

    async def send_code(self, account: str, channel: Channel, *, binding: str) -> Delivery:
        """Sends a code by SMS or voice that is good for `binding` only; raises `ChannelUnavailable`. Never repeated."""

    async def require_code(self, account: str, code: str, *, binding: str | None) -> None:
        """Passes if the code is right; raises `WrongCode` (`ReusedCode`: right once, spent). Never repeated.

        Raises `ChannelUnavailable` if the vendor has suspended the person: no code of theirs is looked at then.

        `binding` is what a sent code was bound to; None for a code from the app (so also after `Delivery.OPEN_APP`).
        """

    async def remove(self, account: str) -> None:
        """Forgets the person at the vendor."""


class CallbackReader(Protocol):
    """Reads the vendor's callback, and believes nothing that the vendor did not sign."""

    def read(self, *, method: str, headers: Mapping[str, str], body: bytes) -> tuple[str, PushAnswer]:
        """The proof's one-time mark (nonce and signature, to be seen once) and the answer; raises `ForgedCallback`."""
