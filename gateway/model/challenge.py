"""A challenge as the gateway sees it: where it stands. The rules of its life are twofactor's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Where a challenge stands; all but PENDING are final for whoever waits."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CONSUMED = "consumed"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the person compares with their phone. `time` is when the challenge was opened."""

    service: str = ""
    place: str = ""
    browser: str = ""
    address: str = ""
    time: datetime | None = None


@dataclass(frozen=True)
class News:
    """A change that twofactor published; `waiting_for`: what a pending challenge lacks (`phone`, `code`)."""

    challenge_id: str
    status: Status
    reason: str | None
    updated_at: str
    waiting_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Challenge:
    """One request to confirm one login. `expires_in` and `interval` are seconds, as of the reading.

    `written` is the challenge as twofactor wrote it (JSON), for programs: nothing that it says is lost on the way. As
    text, for ten thousand may wait, and a dictionary of it is four times as large.
    """

    id: str
    channel: str
    status: Status
    updated_at: datetime
    expires_at: datetime
    expires_in: int
    interval: int
    waiting_for: tuple[str, ...] = ()
    name: str = ""
    factor_id: str = ""
    reason: str | None = None
    delivery: str = "none"
    binding_method: str = "none"
    tries_left: int | None = None
    created_at: datetime | None = None
    context: Facts = field(default_factory=Facts)
    written: str = field(default="{}", repr=False, compare=False)

    @property
    def document(self) -> dict[str, Any]:
        """For programs."""
        found: dict[str, Any] = json.loads(self.written)
        return found

    @property
    def is_settled(self) -> bool:
        """Whether waiting is over."""
        return self.status is not Status.PENDING

    @property
    def version(self) -> str:
        """Names this state: the id of its event in a stream (Last-Event-ID)."""
        return "-".join([self.status, *self.waiting_for, str(int(self.updated_at.timestamp()))])

    @property
    def wants_code(self) -> bool:
        """Whether a code is to be typed where the login began."""
        return "code" in self.waiting_for

    @property
    def wants_phone(self) -> bool:
        """Whether the phone has not said yes yet."""
        return "phone" in self.waiting_for

    def as_of(self, now: datetime) -> "Challenge":
        """The same with the time that is left now."""
        left = max(0, int((self.expires_at - now).total_seconds()))
        return replace(self, expires_in=left, written=_text({**self.document, "expires_in": left}))

    def after(self, news: News) -> "Challenge":
        """This challenge once `news` has happened."""
        told = {"status": news.status.value, "waiting_for": news.waiting_for, "reason": news.reason}
        document = {**self.document, **told, "updated_at": news.updated_at}
        return replace(
            self,
            status=news.status,
            waiting_for=news.waiting_for,
            reason=news.reason,
            updated_at=datetime.fromisoformat(news.updated_at),
            written=_text(document),
        )


def read_challenge(document: Mapping[str, Any]) -> Challenge:
    """A challenge as twofactor writes it; raises KeyError, TypeError or ValueError if it is not one."""
    facts = document.get("context") or {}
    tries = document.get("tries_left")
    return Challenge(
        id=str(document["id"]),
        channel=str(document["channel"]),
        status=Status(document["status"]),
        updated_at=datetime.fromisoformat(document["updated_at"]),
        expires_at=datetime.fromisoformat(document["expires_at"]),
        expires_in=int(document["expires_in"]),
        interval=int(document.get("interval", 2)),
        waiting_for=_waiting_for(document),
        name=str(document.get("name") or ""),
        factor_id=str(document.get("factor_id") or ""),
        reason=document.get("reason"),
        delivery=str(document.get("delivery") or "none"),
        binding_method=str(document.get("binding_method") or "none"),
        tries_left=None if tries is None else int(tries),
        created_at=_moment(document.get("created_at")),
        context=Facts(
            service=str(facts.get("service") or ""),
            place=str(facts.get("place") or ""),
            browser=str(facts.get("browser") or ""),
            address=str(facts.get("address") or ""),
            time=_moment(facts.get("time")),
        ),
        written=_text(document),
    )


def read_news(document: Mapping[str, Any]) -> News:
    """A message of the channel `twofactor:challenges`; raises KeyError, TypeError or ValueError if it is not one."""
    moment = str(document["updated_at"])
    datetime.fromisoformat(moment)
    status = Status(document["status"])
    return News(str(document["id"]), status, document.get("reason"), moment, _waiting_for(document))


def _waiting_for(document: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(each) for each in document.get("waiting_for") or ())


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
