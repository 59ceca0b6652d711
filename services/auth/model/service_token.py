"""What a service has in its own name: no person, no session, and nothing that a person's approval would open."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ServiceToken:
    """`client_id` is its subject too (RFC 9068 section 2.2). Who needs a person finds neither `sid` nor `acr` in it."""

    client_id: str
    id: str
    scope: frozenset[str]
    expires_at: datetime
