"""What an approval receipt states: this person approved this very login, in this way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

RECEIPT_LIFE = timedelta(seconds=60)


@dataclass(frozen=True)
class ReceiptFacts:
    """The claims of a receipt; `id` is the challenge it tells of, `partial_id` the partial token it is bound to."""

    id: str
    user: str
    login: str
    partial_id: str
    amr: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class IssuedReceipt:
    """A receipt as it is handed out."""

    text: str
    expires_at: datetime
