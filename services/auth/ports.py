"""What the flows ask of the world, on one page (of clients and ended sessions: on others). `store/`, `crypto/` answer.

Any call to a store raises the driver's own error when the store is away: nobody gets in, the answer is 503.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from countersign.claims import AccessToken, PartialToken, ServiceToken
from services.auth.model.email import Email
from services.auth.model.events import Event
from services.auth.model.family import Family, Presented
from services.auth.model.session import End, Proofs, Session
from services.auth.model.user import User
from services.auth.model.weakness import Weakness

T_co = TypeVar("T_co", covariant=True)


class Users(Protocol):
    """People with an account."""

    async def by_email(self, email: Email) -> User | None:
        """The person with this address, disabled or not."""

    async def add(self, user: User) -> None:
        """Keeps a new person; raises `EmailTaken`, also for the second of two at once."""

    async def by_id(self, user_id: str) -> User | None:
        """The person by that id, disabled or not."""

    async def set_groups(self, user_id: str, groups: frozenset[str]) -> bool:
        """These in place of all before; False if there is nobody by that id."""

    async def replace_hash(self, user: User, password_hash: str) -> None:
        """Keeps a new hash of the same password, unless it was changed in between."""

    async def change_password(self, user: User, password_hash: str, now: datetime, *, keep: str) -> bool:
        """Another password, and all sessions but `keep` end; False if it was changed in between."""


class Sessions(Protocol):
    """Sessions of people who are not disabled, open until they end or expire."""

    async def open(self, session: Session, proofs: Proofs, family: Family) -> Session | None:
        """Opens it with its family and its event on record, in one step; answers it with the person's groups.

        None, and nothing is opened or told: a proof is spent, or they may not.
        """

    async def by_id(self, session_id: str, now: datetime) -> Session | None:
        """The open session by that id."""

    async def of_user(self, user_id: str, now: datetime) -> Sequence[Session]:
        """Every open session of a person, newest first."""

    async def end(self, user_id: str, session_id: str, reason: End, now: datetime) -> bool:
        """Ends this person's open session; False if there is none such."""

    async def end_all(self, user_id: str, reason: End, now: datetime, *, keep: str | None = None) -> int:
        """Ends every open session of a person but `keep`; answers how many."""


class Announcer(Protocol):
    """Empties the outbox beside the request."""

    def soon(self) -> None:
        """At once, without anybody waiting for it."""


class Families(Protocol):
    """Refresh families, one per session."""

    async def by_id(self, family_id: str) -> tuple[Family, Session] | None:
        """The family and its session, ended or not."""

    async def replace(self, old: Family, new: Family) -> bool:
        """Puts `new` where `old` still stands; False if another request was faster, or the session ended."""


class Attic(Protocol):
    """What nobody needs any more, and room for what comes."""

    async def make_room(self, life: timedelta) -> None:
        """Tables for the sessions of the days ahead; `life`: how long a session lives at most."""

    async def drop_some(self, before: datetime) -> int:
        """Drops a table of sessions that were all over before then, and old keys; zero if another process is at it."""


class Devices(Protocol):
    """Devices on which an account has signed in before."""

    def remember(self, email: Email) -> str:
        """A token that this device shows at the next sign-in; it opens nothing."""

    def known(self, text: str, email: Email) -> str:
        """The id of the device that shows it, "" for anything that was not made for this very account."""


class Turns(Protocol):
    """Order among the sign-ins to one account."""

    def turn(self, owner: str) -> AbstractAsyncContextManager[None]:
        """Waits until few enough others are at it; raises `Overloaded` at once when too many wait already."""


class Passwords(Protocol):
    """Slow arithmetic in a bounded pool of threads; the calls below are made inside a `place`."""

    def place(self) -> AbstractAsyncContextManager[None]:
        """A place in the pool or its short queue; raises `Overloaded` at once when all are taken."""

    async def hash(self, password: str) -> str:
        """The password's hash, with its parameters in it."""

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password; None costs the same work and never matches."""

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""


class Strength(Protocol):
    """How guessable a new password is."""

    async def weakness(self, password: str, personal: Sequence[str]) -> Weakness | None:
        """The first reason against it; made inside a `place` of `Passwords`."""


class PartialSigner(Protocol):
    """Signs what is said of a login whose password was right."""

    def partial(self, token: PartialToken) -> str:
        """A compact JWS, `typ: mfa+jwt`."""


class Signer(PartialSigner, Protocol):
    """Signs what this service says."""

    def access(self, token: AccessToken, issued_at: datetime) -> str:
        """A compact JWS, `typ: at+jwt` (RFC 9068)."""

    def service(self, token: ServiceToken, issued_at: datetime) -> str:
        """The same kind, of a service in its own name: no session, nobody's `acr`."""


class Reader(Protocol[T_co]):
    """Believes one kind of token, as `countersign.Verifier` does."""

    async def verify(self, text: str) -> T_co:
        """The token as a type; raises `InvalidToken`, or `KeysUnavailable`."""


class RefreshTokens(Protocol):
    """Opaque refresh tokens: sealed, so that no other text ever reaches the store."""

    def first(self, family_id: str) -> tuple[str, bytes]:
        """A family's first token, and the digest that is kept."""

    def read(self, text: str) -> Presented | None:
        """What a token stands for; None if we never made it."""

    def child(self, text: str) -> str:
        """The token that takes the place of one that was read: always the same one."""


class Events(Protocol):
    """The record of what happened, for good. See docs/audit.md."""

    def together(self) -> AbstractAsyncContextManager[None]:
        """One transaction: what stores change inside and what is recorded inside stand together, or neither does."""

    async def record(self, event: Event) -> None:
        """Something was done: on record when this returns, or with the transaction around it. Before any answer.

        Raises the driver's error when the store is away: what cannot be recorded is not answered.
        """

    def note(self, event: Event) -> None:
        """Something was refused: on record within a second or so, many alike as one with a number. Never raises.

        For whatever a stranger can cause without end; nobody waits for it.
        """
