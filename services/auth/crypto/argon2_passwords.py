"""Argon2id (RFC 9106), as argon2-cffi computes it, in the pool."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from services.auth.crypto.hash_pool import HashPool

SALT_BYTES = 16
HASH_BYTES = 32


@dataclass(frozen=True)
class Cost:
    """OWASP's least for Argon2id: 19 MiB, 2 passes, 1 lane. More of each costs an attacker, and us, more."""

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1


class Argon2Passwords:
    """Implements `Passwords`. A password enters whole, whatever its length and whichever characters it holds."""

    def __init__(self, pool: HashPool, cost: Cost, random_text: Callable[[], str]) -> None:
        self.pool = pool
        self.hasher = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
            type=Type.ID,
        )
        # Checked in place of a hash that does not exist, so that an unknown person costs what a known one does.
        self.dummy = self.hasher.hash(random_text())

    def place(self) -> AbstractAsyncContextManager[None]:
        return self.pool.place()

    async def hash(self, password: str) -> str:
        return await self.pool.run(partial(self.hasher.hash, password))

    async def matches(self, password_hash: str | None, password: str) -> bool:
        verified = await self.pool.run(partial(self._verify, password_hash or self.dummy, password))
        return verified and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        return self.hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self.hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
