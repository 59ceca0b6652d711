"""What the flows ask of the world, on one page. `store/`, `crypto/` and `providers/` answer it."""

from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Protocol

from services.twofactor.model.challenge import Challenge, Status
from services.twofactor.model.channel import Availability, Channel, Delivery
from services.twofactor.model.events import AuditEvent
from services.twofactor.model.factor import Enrolment, Word
from services.twofactor.model.provider import PushAnswer, PushRequest
from services.twofactor.model.receipt import ReceiptFacts


class Provider(Protocol):
    """A vendor of second factors. `account` is the vendor's id of the person.

    Any call raises `ProviderUnavailable` when the vendor is away (never longer than its time budget),
    `ProviderMisconfigured` when it refuses our credentials, `AccountUnknown` when it does not know the person.
    """

    @property
    def name(self) -> str:
        """What factors of this vendor are marked with."""

    async def enrol(self, *, email: str, country_code: int, number: str) -> str:
        """Registers a person (national number, digits), answers their account; raises `PhoneRefused`."""

    async def channels(self, account: str) -> Sequence[Availability]:
        """Which channels this person can use now, best first."""

    async def push(self, account: str, request: PushRequest) -> str:
        """Asks for approval on the person's device, answers the reference; raises `ChannelUnavailable`. Sent once."""

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


class Challenges(Protocol):
    """Challenges while they live. Each method is one atomic step; none knows the rules.

    What is no coroutine is on its way when it has been asked: see `chassis.asked`.
    """

    def open(self, challenge: Challenge, *, at_most: int) -> Awaitable[None]:
        """Stores the login's one open challenge; raises `ChallengePending`, `TooManyChallenges`."""

    def by_id(self, login: str, challenge_id: str) -> Awaitable[Challenge | None]:
        """The challenge as it is stored; texts that cannot name one are None."""

    def latest(self, login: str) -> Awaitable[Challenge | None]:
        """The login's newest challenge, whatever became of it."""

    def move(self, moved: Challenge, *, expected: Status, closes: bool) -> Awaitable[bool]:
        """Writes the next status and tells the waiters, unless the status is not `expected` any more (False)."""

    async def bind(self, challenge: Challenge, reference: str) -> str:
        """Stores the provider's reference of a push unless one is bound; answers the bound one, "" if all is gone."""

    async def delivered(self, challenge: Challenge, delivery: Delivery) -> None:
        """Notes what became of a code that was to be sent."""

    def take_try(self, challenge: Challenge) -> Awaitable[int | None]:
        """Spends one try where a code is wanted, answers how many are left; None if there was none to spend."""

    async def give_try_back(self, challenge: Challenge) -> None:
        """Undoes `take_try` if the challenge still wants a code: the vendor never judged the code."""


class Enrolments(Protocol):
    """What people enrolled, for good. `email` is what the vendor was told; it is kept sealed for the next enrolment."""

    async def of_user(self, user: str) -> Sequence[Enrolment]:
        """All of a person, oldest first."""

    async def by_id(self, user: str, enrolment_id: str) -> Enrolment | None:
        """One of this person's."""

    async def add(self, enrolment: Enrolment, *, email: str, only_first: bool) -> bool:
        """Stores it, once per phone; False, and nothing stored, if `only_first` and the person has another."""

    async def remove_all(self, user: str) -> Sequence[tuple[Enrolment, bool]]:
        """Forgets all of a person's; with each, whether nobody else has an enrolment with the same account."""

    async def email_of(self, user: str) -> str | None:
        """What the vendor was told last."""

    async def remove(self, enrolment: Enrolment) -> bool:
        """Forgets it; answers whether nobody else has the same account. `LastFactor` if the person has no other."""


class Receipts(Protocol):
    """What was approved, for good: rows are added and never changed."""

    async def record(self, facts: ReceiptFacts, challenge: Challenge, beside: Sequence[AuditEvent] = ()) -> bool:
        """Adds the receipt with its event on record, in one step, and remembers the channel that worked.

        False, and nothing told again, if it was there already. `AccessDenied`, and nothing written, if the factor that
        was asked is not this person's any more. `beside`: what led to it and is on record with this, in any other case.
        """


class ReceiptSigner(Protocol):
    """Speaks for this service."""

    def sign(self, facts: ReceiptFacts) -> str:
        """The receipt as a compact JWS."""


class SeenMarks(Protocol):
    """One-time marks of callbacks that have taken effect."""

    async def has(self, mark: str) -> bool:
        """Whether this mark was seen."""

    async def add(self, mark: str) -> None:
        """Remembers it for longer than the provider's freshness window is wide."""


class Turns(Protocol):
    """Whose turn it is to ask the vendor: one process, once per pause."""

    async def take(self, challenge: Challenge, pause: timedelta) -> bool:
        """True once; then False until `pause` is over."""


class StateCache(Protocol):
    """The vendor's word on what a person has enrolled, kept for seconds, so that listing is quick."""

    def of(self, user: str) -> Awaitable[Mapping[str, Word]]:
        """What was kept, by the enrolment's id; none of it too old. On its way when it has been asked."""

    async def keep(self, user: str, enrolment: str, word: Word, life: timedelta) -> None:
        """Keeps it for `life` at most."""

    async def forget(self, user: str, enrolment: str) -> None:
        """What was kept has proved wrong."""


class Background(Protocol):
    """Work beside an answer that does not wait for it."""

    def __call__(self, work: Coroutine[Any, Any, None]) -> None:
        """Starts it; its failures are logged, and too much of it is dropped."""


class Events(Protocol):
    """The record of what happened, for good. See docs/audit.md."""

    def together(self) -> AbstractAsyncContextManager[None]:
        """One transaction: what stores change inside and what is recorded inside stand together, or neither does."""

    async def record(self, *events: AuditEvent) -> None:
        """Something was done: on record when this returns, or with the transaction around it. Before any answer.

        Raises the driver's error when the store is away: what cannot be recorded is not answered.
        """

    def note(self, event: AuditEvent) -> None:
        """Something was refused, or came to its end by itself: on record within a second or so, many alike as one.

        For whatever a stranger can cause without end. Never raises; nobody waits for it.
        """
