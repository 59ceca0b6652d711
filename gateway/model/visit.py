"""A browser's visit: what the server remembers about one browser, found by its cookie."""

import hashlib
import hmac
from dataclasses import dataclass, field, replace

from gateway.model.enrolling import PendingApp
from gateway.model.tokens import PartialLogin, Tokens

COOKIE_NAME = "__Host-session"
# Outlives the visit: by it auth tells the owner's own browser from those that guess at the account.
DEVICE_COOKIE = "__Host-device"


@dataclass(frozen=True)
class Visit:
    """`cookie` is the id it is stored under, None before it was ever saved.

    Each change of privilege (a login begun, confirmed, ended) drops the id; saving then makes a new one and forgets the
    old, so an id that somebody knew or planted before is worth nothing after (session fixation).
    """

    cookie: str | None = field(default=None, repr=False)
    email: str = field(default="", repr=False)
    partial: PartialLogin | None = None
    challenge_id: str | None = None
    tokens: Tokens | None = None
    return_to: str = "/"
    notice: str = ""
    renewal: str = field(default="", repr=False)
    superseded: str | None = field(default=None, repr=False)
    app: PendingApp | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether this browser has a confirmed session."""
        return self.tokens is not None

    @property
    def is_confirming_again(self) -> bool:
        """Whether somebody who is signed in is on the way to prove it once more (step-up)."""
        return self.tokens is not None and self.partial is not None

    @property
    def csrf(self) -> str:
        """What a form of this visit carries; empty before it was saved. Nobody without the cookie can know it."""
        if self.cookie is None:
            return ""
        return hmac.new(self.cookie.encode(), b"csrf", hashlib.sha256).hexdigest()

    def is_csrf(self, given: str) -> bool:
        """Whether a form belongs to this visit (constant time)."""
        return self.cookie is not None and hmac.compare_digest(self.csrf.encode(), given.encode())

    def with_login(self, partial: PartialLogin, email: str) -> "Visit":
        """The password was right: a login is under way, whatever was before it is over."""
        fresh = replace(self._under_new_id(), challenge_id=None, tokens=None, renewal="", app=None)
        return replace(fresh, partial=partial, email=email, notice="")

    def with_login_again(self, partial: PartialLogin) -> "Visit":
        """Who is signed in has given the password once more: the session stands until a newer one takes its place.

        The id stays too: nothing can be done now that could not be done before.
        """
        return replace(self, partial=partial, challenge_id=None, notice="")

    def without_login(self) -> "Visit":
        """Not confirmed once more after all: the session stands as it was."""
        return replace(self, partial=None, challenge_id=None)

    def with_challenge(self, challenge_id: str | None) -> "Visit":
        """A challenge is open (None: none is)."""
        return replace(self, challenge_id=challenge_id)

    def with_session(self, tokens: Tokens) -> "Visit":
        """The login is confirmed."""
        confirmed = replace(self._under_new_id(), partial=None, challenge_id=None, renewal="", app=None)
        return replace(confirmed, tokens=replace(tokens, device=""), notice="")

    def with_app(self, app: PendingApp | None) -> "Visit":
        """An authenticator app is being enrolled (None: none is, any more)."""
        return replace(self, app=app)

    def with_renewal(self, token: str) -> "Visit":
        """Confirmed, and a new password is due before there is a session."""
        return replace(self._under_new_id(), partial=None, challenge_id=None, tokens=None, renewal=token)

    def signed_out(self) -> "Visit":
        """Nothing is left but the way back."""
        return replace(Visit(return_to=self.return_to), superseded=self.cookie or self.superseded)

    def _under_new_id(self) -> "Visit":
        return replace(self, cookie=None, superseded=self.cookie or self.superseded)
