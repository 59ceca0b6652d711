"""What stands between a new password and its hash."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from services.auth.model.email import Email
from services.auth.model.errors import WeakPassword
from services.auth.model.password import is_personal, length_weakness, personal_words
from services.auth.model.weakness import Weakness
from services.auth.ports import Passwords, Strength


@dataclass(frozen=True)
class NewPasswords:
    """Length, personal words, known and guessable passwords: in this order, the cheap ones first."""

    pool: Passwords
    strength: Strength
    service: str

    def place(self) -> AbstractAsyncContextManager[None]:
        """As in `Passwords`."""
        return self.pool.place()

    async def require_acceptable(self, password: str, email: Email) -> None:
        """Raises `WeakPassword` with the first reason."""
        words = personal_words(email.address, self.service)
        weakness = length_weakness(password)
        if weakness is None and is_personal(password, words):
            weakness = Weakness.PERSONAL
        weakness = weakness or await self.strength.weakness(password, words)
        if weakness is not None:
            raise WeakPassword(weakness)

    async def hash(self, password: str) -> str:
        """As in `Passwords`."""
        return await self.pool.hash(password)
