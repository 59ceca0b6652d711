"""Tokens without signatures, for flows that are tried without keys."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from countersign.claims import AccessToken, PartialToken, Receipt, ServiceToken
from countersign.errors import Malformed
from services.auth.model.renewal import Renewal
from tests.fakes.auth_ids import new_id


@dataclass
class FakeSigner:
    """Implements `Signer`: remembers what it signed, by the text it answered."""

    partials: dict[str, PartialToken] = field(default_factory=dict)
    accesses: dict[str, AccessToken] = field(default_factory=dict)
    services: dict[str, ServiceToken] = field(default_factory=dict)

    def partial(self, token: PartialToken) -> str:
        text = f"partial {token.id}"
        self.partials[text] = token
        return text

    def access(self, token: AccessToken, issued_at: datetime) -> str:
        text = f"access {token.id}"
        self.accesses[text] = token
        return text

    def service(self, token: ServiceToken, issued_at: datetime) -> str:
        text = f"service {token.id}"
        self.services[text] = token
        return text


@dataclass
class FakeReader:
    """Implements `Reader`: believes what a test tells it to."""

    believed: dict[str, Any] = field(default_factory=dict)
    away: Exception | None = None

    async def verify(self, text: str) -> Any:
        if self.away:
            raise self.away
        if text not in self.believed:
            raise Malformed
        return self.believed[text]


@dataclass
class FakeRenewals(FakeReader):
    """Implements `RenewalSigner`, and believes what it signed."""

    def sign(self, renewal: Renewal) -> str:
        text = f"renewal {renewal.id}"
        self.believed[text] = renewal
        return text


def a_receipt(partial: PartialToken, **changes: Any) -> Receipt:
    values: dict[str, Any] = {
        "subject": partial.subject,
        "id": new_id(),
        "login": partial.login,
        "partial_id": partial.id,
        "amr": ("pwd", "swk", "mca", "mfa"),
        "issued_at": partial.issued_at,
        "expires_at": partial.issued_at + timedelta(seconds=60),
        **changes,
    }
    return Receipt(**values)
