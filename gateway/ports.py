"""What the gateway's flows and pages ask of the world. Implemented by peers/ and store/, introduced by app.py."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from gateway.model.answer import PeerAnswer
from gateway.model.challenge import News
from gateway.model.client import ClientContext
from gateway.model.identity import Identity, Told
from gateway.model.open_session import OpenSession
from gateway.model.policy import Policy
from gateway.model.tokens import PartialLogin, Tokens
from gateway.model.visit import Visit


class Peer(Protocol):
    """auth or twofactor, asked word for word."""

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        client: ClientContext | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> PeerAnswer:
        """The answer, whatever its status; raises `PeerUnavailable` when there is none."""


class Credentials(Protocol):
    """auth. Every method may raise `PeerUnavailable`."""

    async def register(self, email: str, password: str, client: ClientContext) -> PartialLogin:
        """Raises `EmailTaken`, `WeakPassword`, `InvalidInput`, `LimitReached`."""

    async def login(self, email: str, password: str, client: ClientContext) -> PartialLogin:
        """Raises `InvalidCredentials`, `LimitReached`."""

    async def exchange(
        self, partial: str, receipt: str, client: ClientContext, parameters: Mapping[str, str] | None = None
    ) -> Tokens:
        """A session for a password and an approval; raises `GrantRefused`, `NewPasswordDue`.

        `parameters`: client_id, scope.
        """

    async def renew_password(self, token: str, new: str, client: ClientContext) -> Tokens:
        """A session, opened with a new password; raises `WeakPassword`, `TokenRefused`."""

    async def refresh(self, refresh_token: str) -> Tokens:
        """The next pair; raises `GrantRefused` when the session is over."""

    async def end_session(self, token: str) -> None:
        """Ends the session that this refresh (or access) token stands for; one that is over already is no error."""

    async def sessions(self, token: str) -> list[OpenSession]:
        """Where the person of this access token is signed in, newest first; raises `TokenRefused`."""

    async def end_one(self, token: str, session_id: str) -> None:
        """Ends this session of that person; one that is over already, or never was theirs, is no error."""

    async def end_many(self, token: str, *, this_one_too: bool) -> None:
        """Ends all sessions of that person, or all but the one that asks; raises `TokenRefused`."""

    async def change_password(self, token: str, current: str, new: str, client: ClientContext) -> None:
        """Ends the person's other sessions too.

        Raises `InvalidCredentials` (the current one is wrong), `WeakPassword`, `FreshLoginNeeded`, `LimitReached`.
        """


class BrowserSessions(Protocol):
    """Visits by cookie. Whoever reads the store without the cookie reads nothing."""

    async def load(self, cookie: str | None) -> Visit:
        """The visit of this cookie; an empty one when there is none."""

    async def save(self, visit: Visit) -> str:
        """Stores all but the tokens of a known visit; a visit without an id gets a new one. Answers the id.

        Set the cookie only when the id differs from the one the request came with: in a second tab it may be newer.
        """

    async def renew(self, cookie: str, tokens: Tokens) -> None:
        """Replaces the tokens alone, so that two requests at once cannot undo each other's work."""

    async def end(self, cookie: str) -> None:
        """Forgets it."""


class Listener(Protocol):
    """One waiter's ear."""

    async def next(self, seconds: float) -> News | None:
        """The next change; None when the time is over or something may have been missed: read again."""

    @property
    def is_closing(self) -> bool:
        """Whether this process is about to end: stop waiting."""


class ChallengeNews(Protocol):
    """Changes of challenges, as twofactor publishes them."""

    def listen(self, challenge_id: str) -> AbstractAsyncContextManager[Listener]:
        """Hears all that happens once this was entered; raises `PeerUnavailable` while nothing can be heard."""

    def close(self) -> None:
        """Sends all listeners away: this process is about to end."""


class Pace(Protocol):
    """How often somebody may ask."""

    async def is_too_soon(self, key: str) -> bool:
        """Whether `key` rests; if not, it rests from now on for a moment."""

    async def rest(self, key: str, seconds: float) -> None:
        """Lets `key` rest for this long."""


class AccessTokens(Protocol):
    """The reader of access tokens."""

    async def read(self, text: str) -> Identity:
        """Whose session it is; raises `AccessTokenRefused`, `SecondFactorNeeded`, `KeysUnavailable`."""


Jitter = Callable[[], float]  # a number in [0, 1)


class Assertions(Protocol):
    """The gateway's own statements."""

    def jwks(self) -> dict[str, Any]:
        """What upstreams verify them with (RFC 7517 section 5)."""

    def told(self, identity: Identity, upstream: str) -> Told:
        """All `IDENTITY_HEADERS`; one says `this request is that person's` to this upstream alone, for 60 seconds."""


class Policies(Protocol):
    """The policy file."""

    @property
    def current(self) -> Policy:
        """The policy as it is now; another one when the file has changed."""


class EndedSessions(Protocol):
    """Sessions that have ended before their time, kept in memory: asking costs nothing."""

    @property
    def is_current(self) -> bool:
        """Whether all is known that ended up to a moment ago."""

    def has(self, session: str) -> bool:
        """Whether this session has ended."""

    async def wait(self, session: str, seconds: float) -> None:
        """Until the session ends, at most for so long."""


class SessionCheck(Protocol):
    """auth, asked about one session."""

    async def is_open(self, token: str) -> bool:
        """Whether the session of this access token stands; raises `PeerUnavailable`."""
