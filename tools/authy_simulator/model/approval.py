"""A OneTouch approval request and its life: pending, then approved, denied or expired, for good."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from tools.authy_simulator.model.phone import Phone

DEFAULT_LIFE = 86_400


class Answer(StrEnum):
    """The two buttons."""

    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True)
class Logo:
    """One picture in one resolution: ``default``, ``low``, ``med`` or ``high``."""

    res: str
    url: str


@dataclass(frozen=True)
class ApprovalDraft:
    """What an application asks for. ``seconds_to_expire`` 0 means never."""

    message: str
    details: dict[str, str] = field(default_factory=dict)
    hidden_details: dict[str, str] = field(default_factory=dict)
    logos: tuple[Logo, ...] = ()
    seconds_to_expire: int = DEFAULT_LIFE


@dataclass(frozen=True)
class Approval:
    """A request on its way. ``answer`` stays None until a button is pressed."""

    uuid: str
    phone: Phone
    authy_id: int
    draft: ApprovalDraft
    created_at: datetime
    answer: Answer | None = None
    answered_at: datetime | None = None

    @property
    def expires_at(self) -> datetime | None:
        """None for a request that never expires."""
        life = self.draft.seconds_to_expire
        return self.created_at + timedelta(seconds=life) if life else None

    def status(self, now: datetime) -> str:
        """``pending``, ``approved``, ``denied`` or ``expired``."""
        if self.answer:
            return self.answer.value
        return "expired" if self.expires_at and now >= self.expires_at else "pending"

    def seconds_left(self, now: datetime) -> int | None:
        """Whole seconds until expiry, rounded up, not below 0; None for never."""
        if self.expires_at is None:
            return None
        return max(0, -int((now - self.expires_at).total_seconds() // 1))

    def answered(self, answer: Answer, now: datetime) -> Self:
        """The request after a button was pressed."""
        return replace(self, answer=answer, answered_at=now)
