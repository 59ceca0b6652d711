"""An authenticator app on its way to being a factor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class PendingApp:
    """A secret that twofactor told once; `uri` is what the QR code says and holds it too."""

    id: str
    secret: str = field(repr=False)
    uri: str = field(repr=False)
    expires_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether twofactor has forgotten it."""
        return now >= self.expires_at


def read_pending_app(document: Mapping[str, Any], now: datetime) -> PendingApp:
    """From twofactor's answer; raises KeyError, TypeError or ValueError if it is not one."""
    ends = now + timedelta(seconds=int(document["expires_in"]))
    return PendingApp(str(document["id"]), str(document["secret"]), str(document["uri"]), ends)
