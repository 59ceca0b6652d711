"""What the flows ask of the world where a person said that a sign-in was not them."""

from datetime import datetime
from typing import Protocol

from countersign.claims import Disavowal
from services.auth.model.renewal import Renewal
from services.auth.model.user import User


class Disavowals(Protocol):
    """Statements that were heard, and what follows from them."""

    async def heed(self, said: Disavowal, now: datetime) -> bool:
        """Ends all of the person's sessions, and nothing more opens with their password; False if heard before."""

    async def confirmed_since(self, user_id: str, confirmed_at: datetime) -> bool:
        """Whether a new password is due, and this confirmation came after the person said so."""

    async def renew_password(self, user: User, password_hash: str, confirmed_at: datetime, now: datetime) -> bool:
        """Another password, in nobody else's hands; False where `confirmed_since` is, or the password was changed."""


class RenewalSigner(Protocol):
    """Signs what this service says."""

    def sign(self, renewal: Renewal) -> str:
        """A compact JWS, `typ: renewal+jwt`."""
