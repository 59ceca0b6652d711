"""A way this person can confirm."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Factor:
    """One channel of one enrolment; `reason` says why it does not work now (None when `available`).

    `left`: how many recovery codes can be used yet.
    `retry_after`: seconds after which it may work again, None where nobody knows.
    """

    id: str
    type: str
    channel: str
    name: str
    preferred: bool = False
    provider: str = "authy"
    available: bool = True
    reason: str | None = None
    left: int | None = None
    retry_after: int | None = None


def read_factor(document: Mapping[str, Any]) -> Factor:
    """A factor as twofactor writes it; raises KeyError or TypeError if it is not one."""
    return Factor(
        id=str(document["id"]),
        type=str(document["type"]),
        channel=str(document["channel"]),
        name=str(document["name"]),
        preferred=bool(document.get("preferred", False)),
        provider=str(document.get("provider", "")),
        available=bool(document.get("available", True)),
        reason=document.get("reason"),
        left=document.get("left"),
        retry_after=document.get("retry_after"),
    )
