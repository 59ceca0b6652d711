"""Why somebody who showed something is not let in all the same."""

from collections.abc import Iterable, Mapping

from gateway.model.errors import AccessTokenRefused, NotSignedIn, Refusal


class SessionEnded(AccessTokenRefused):
    """The token is good, but its session was ended before its time."""


class CallerRefused(Refusal):
    """The rule lets in others: it names neither this service nor a group of this person, or wants services only."""


class ScopeMissing(Refusal):
    """The token lacks a scope; to sign in again would not help (RFC 6750 section 3.1)."""

    def __init__(self, scopes: Iterable[str]) -> None:
        super().__init__()
        wanted = " ".join(sorted(scopes))
        self.headers: Mapping[str, str] = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{wanted}"'}


class FreshFactorNeeded(NotSignedIn):
    """The session is good, but was confirmed more than `max_age` seconds ago (RFC 9470 section 3)."""

    def __init__(self, max_age: int) -> None:
        super().__init__(max_age)
        challenge = f'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="{max_age}"'
        self.headers = {"WWW-Authenticate": challenge}


class RevocationsUnknown(Refusal):
    """Nobody can say now whether this session has ended: not let in, and not the caller's fault."""

    retry_after = 1
