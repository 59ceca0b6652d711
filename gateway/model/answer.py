"""What a peer answered, word for word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PeerAnswer:
    """Status, headers (to be asked for in lower case) and body of an answer from auth or twofactor.

    `document` is the JSON object in the body, empty if there is none.
    """

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def retry_after(self) -> int | None:
        """Seconds, from the header Retry-After (RFC 9110 section 10.2.3; only its form in seconds is used here)."""
        given = self.headers.get("retry-after", "")
        return int(given) if given.isascii() and given.isdigit() else None
