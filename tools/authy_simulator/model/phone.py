"""A phone number as Authy keys people by it, and the masked forms in which Authy shows it."""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

SEPARATORS = re.compile(r"[ .\-()]")
DIGITS = re.compile(r"[0-9]{1,20}\Z")
LOWEST_ID = 100_000_000
IDS = 900_000_000


@dataclass(frozen=True, order=True)
class Phone:
    """Calling code and national number, both digits only: ``44`` and ``7700900123``."""

    country_code: str
    number: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """From ``44-7700900123``, as the control API and the pages write it; None when it is none."""
        country_code, dash, number = text.removeprefix("+").partition("-")
        return cls.of(country_code, number) if dash else None

    @classmethod
    def of(cls, country_code: str, number: str) -> Self | None:
        """From the two parts; separators in the number are dropped. None unless both are digits."""
        code, national = country_code.strip().removeprefix("+"), SEPARATORS.sub("", number)
        if DIGITS.match(code) and DIGITS.match(national):
            return cls(code, national)
        return None

    def __str__(self) -> str:
        return f"{self.country_code}-{self.number}"

    @property
    def masked(self) -> str:
        """As a user status shows it: ``XXX-XXX-0123`` (contract section 3.2)."""
        return f"XXX-XXX-{self.number[-4:]}"

    @property
    def masked_with_code(self) -> str:
        """As the answer to an SMS shows it: ``+44-XXX-XXX-XX23`` (contract section 4.1)."""
        return f"+{self.country_code}-XXX-XXX-XX{self.number[-2:]}"

    def authy_id(self, attempt: int = 0) -> int:
        """Nine digits drawn from the number, so that a restarted simulator gives the ids that others remember.

        ``attempt`` draws again when two numbers meet on one id.
        """
        digest = hashlib.sha256(f"authy-id|{self}|{attempt}".encode()).digest()
        return LOWEST_ID + int.from_bytes(digest[:8]) % IDS
