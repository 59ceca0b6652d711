"""What a new password must be (NIST SP 800-63B section 3.1.1.2): long enough, taken whole, no rules of composition."""

import unicodedata
from collections.abc import Sequence

from services.auth.model.weakness import Weakness

SHORTEST = 12
LONGEST = 128
# Putting combining marks in order costs more than their number; a text this long cannot become a good password.
LONGEST_TYPED = 4 * LONGEST


def normalised(typed: str) -> str:
    """One spelling for what looks the same (NFC), so that another keyboard enters the same password."""
    return unicodedata.normalize("NFC", typed) if len(typed) <= LONGEST_TYPED else typed


def length_weakness(password: str) -> Weakness | None:
    """Lengths are counted in code points, after `normalised`."""
    if len(password) < SHORTEST:
        return Weakness.TOO_SHORT
    return Weakness.TOO_LONG if len(password) > LONGEST else None


def personal_words(email: str, service: str) -> tuple[str, ...]:
    """The words an attacker tries first: the address, its parts, and the service's name."""
    local, _, domain = email.partition("@")
    parts = (email, local, domain, *domain.split("."), *_split(local), service, *service.split())
    return tuple(dict.fromkeys(part.casefold() for part in parts if len(part) > 2))


def is_personal(password: str, words: Sequence[str]) -> bool:
    """Whether little is left of the password once those words are taken out of it."""
    rest = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < min(SHORTEST, len(password)) // 2


def _split(local: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in local).split()
