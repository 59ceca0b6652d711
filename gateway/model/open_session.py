"""A session of the person who looks, as auth tells them of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class OpenSession:
    """Where somebody is signed in. `is_current`: the one that asks. `device` is in words, `place` a network, or ""."""

    id: str
    is_current: bool
    device: str
    place: str
    amr: tuple[str, ...]
    authenticated_at: datetime
    last_used_at: datetime


def read_open_session(document: Mapping[str, Any]) -> OpenSession:
    """A session as auth writes it; raises KeyError, TypeError or ValueError if it is not one."""
    return OpenSession(
        id=str(document["id"]),
        is_current=bool(document["current"]),
        device=str(document.get("device") or ""),
        place=str(document.get("place") or ""),
        amr=tuple(str(method) for method in document["amr"]),
        authenticated_at=datetime.fromisoformat(document["authenticated_at"]),
        last_used_at=datetime.fromisoformat(document["last_used_at"]),
    )
