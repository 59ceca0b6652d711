"""What is on the screen of one phone, ready for a template."""

import re
from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from tools.authy_simulator.model.approval import Approval
from tools.authy_simulator.model.message import Message
from tools.authy_simulator.model.person import Person
from tools.authy_simulator.model.phone import Phone
from tools.authy_simulator.model.token import STEP, app_token, seconds_left, step_of
from tools.authy_simulator.world import World

SHARPEST_FIRST = ("high", "med", "default", "low")
CODE = re.compile(r"([0-9]{7})")
NOTICES = 8


@dataclass(frozen=True)
class PushCard:
    """A push request. ``left`` is None when it never expires; ``share`` is the part of its life that is left."""

    uuid: str
    status: str
    message: str
    details: dict[str, str]
    logo: str | None
    at: datetime
    expires_at: datetime | None
    left: int | None
    share: float

    @property
    def kind(self) -> str:
        """The template's word for it."""
        return "push"

    @property
    def life(self) -> int:
        """Whole life in seconds, 0 for ever."""
        return int((self.expires_at - self.at).total_seconds()) if self.expires_at else 0


@dataclass(frozen=True)
class MessageCard:
    """A text, a call or a nudge, cut where the code stands: ``(text, is_code)``."""

    kind: str
    parts: tuple[tuple[str, bool], ...]
    at: datetime
    used: bool


@dataclass(frozen=True)
class Screen:
    """One phone. ``token`` is empty for a person without the app."""

    person: Person
    pending: tuple[PushCard, ...]
    notices: tuple[PushCard | MessageCard, ...]
    token: str
    token_left: int
    token_share: float

    @property
    def number(self) -> str:
        """The number as its country writes it: ``+44 7700 900123``."""
        return pretty(self.person.phone)

    @property
    def path(self) -> str:
        """Its page."""
        return f"/phones/{self.person.phone}"


def pretty(phone: Phone) -> str:
    """A number for people; one that no country has stays as it is."""
    text = f"+{phone.country_code}{phone.number}"
    try:
        return phonenumbers.format_number(phonenumbers.parse(text), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return text


def screen_of(world: World, person: Person, now: datetime) -> Screen:
    """The screen of this person's phone now."""
    cards = [push_card(each, now) for each in world.approvals.of(person.phone)]
    done: list[PushCard | MessageCard] = [card for card in cards if card.status != "pending"]
    notices = done + [message_card(each) for each in world.inbox.of(person.phone)]
    notices.sort(key=lambda card: card.at, reverse=True)
    left = seconds_left(now)
    return Screen(
        person=person,
        pending=tuple(card for card in cards if card.status == "pending"),
        notices=tuple(notices[:NOTICES]),
        token=app_token(person.phone, step_of(now)) if person.registered else "",
        token_left=left,
        token_share=left / STEP,
    )


def push_card(approval: Approval, now: datetime) -> PushCard:
    """A push request as a card."""
    left, life = approval.seconds_left(now), approval.draft.seconds_to_expire
    logos = {logo.res: logo.url for logo in approval.draft.logos}
    return PushCard(
        uuid=approval.uuid,
        status=approval.status(now),
        message=approval.draft.message,
        details=approval.draft.details,
        logo=next((logos[res] for res in SHARPEST_FIRST if res in logos), None),
        at=approval.answered_at or approval.created_at,
        expires_at=approval.expires_at,
        left=left,
        share=1.0 if left is None else left / life,
    )


def message_card(message: Message) -> MessageCard:
    """A message as a card; its code stands out."""
    pieces = CODE.split(message.text) if message.code else [message.text]
    parts = tuple((piece, bool(position % 2)) for position, piece in enumerate(pieces) if piece)
    return MessageCard(message.channel.value, parts, message.sent_at, message.used)
