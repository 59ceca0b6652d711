"""How guessable a new password is: a list of known ones, and zxcvbn's estimate."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from services.auth.crypto.hash_pool import HashPool
from services.auth.model.weakness import Weakness

SHIPPED = Path(__file__).with_name("blocklist.txt")
# zxcvbn tries every way to read signs as letters, doubled by each kind of sign: a made-up text of 50 signs takes
# it a second. With few kinds 64 characters take 35 ms at most, with many 16 take 60.
SIGNS = frozenset("4@8({[<369!1|0$5+7%2")
FEW_SIGNS = 8
WINDOW, SHORT_WINDOW = 64, 16


@dataclass(frozen=True)
class PasswordStrength:
    """Implements `Strength`. `least`: zxcvbn's score from 0 to 4; 3 is "safely unguessable" for a slow hash."""

    pool: HashPool
    known: frozenset[str]
    least: int

    async def weakness(self, password: str, personal: Sequence[str]) -> Weakness | None:
        if password.casefold() in self.known:
            return Weakness.COMMON
        strong = await self.pool.run(partial(self._is_strong, password, personal))
        return None if strong else Weakness.GUESSABLE

    def _is_strong(self, password: str, personal: Sequence[str]) -> bool:
        from zxcvbn import zxcvbn  # noqa: PLC0415 its word lists weigh 14 MiB, which only a registration needs

        window = WINDOW if len(SIGNS & set(password)) <= FEW_SIGNS else SHORT_WINDOW
        # A password is at least as hard to guess as its beginning or its end.
        ends = dict.fromkeys((password[:window], password[-window:]))
        return any(zxcvbn(end, user_inputs=list(personal))["score"] >= self.least for end in ends)


def read_blocklist(more: Path | None = None) -> frozenset[str]:
    """The shipped list and an operator's own: UTF-8, one password a line."""
    files = [SHIPPED, *([more] if more else [])]
    lines = (line.strip().casefold() for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line)
