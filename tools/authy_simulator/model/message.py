"""What reaches a phone outside of push requests: texts, calls, and the nudge to open the app."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tools.authy_simulator.model.phone import Phone

CODE_LIFE = timedelta(minutes=10)


class MessageChannel(StrEnum):
    """``NUDGE`` is the notification that takes the place of an ignored SMS or call; it carries no code."""

    SMS = "sms"
    VOICE = "voice"
    NUDGE = "nudge"


@dataclass(frozen=True)
class Message:
    """One message. ``action`` binds its code (contract section 4.1); ``used`` once the code was accepted."""

    phone: Phone
    channel: MessageChannel
    text: str
    sent_at: datetime
    code: str | None = None
    action: str | None = None
    used: bool = False

    def carries(self, token: str, action: str | None, now: datetime) -> bool:
        """Is ``token`` the code of this message, for this action, and still alive."""
        return self.code == token and self.action == action and now < self.sent_at + CODE_LIFE


def sms_text(app_name: str, code: str, action_message: str | None) -> str:
    """The text message with a code."""
    opening = f"{action_message}\n" if action_message else ""
    return f"{opening}Your {app_name} verification code is: {code}. Don't share this code with anyone."


def voice_text(app_name: str, code: str, action_message: str | None) -> str:
    """What the voice says: digit by digit, twice."""
    spoken = ", ".join(code)
    opening = f"{action_message}. " if action_message else ""
    return f"Hello. {opening}Your {app_name} code is {spoken}. Again, your code is {spoken}. Goodbye."


def install_text(app_name: str) -> str:
    """The link to the app, sent on creation unless switched off (contract section 3.1)."""
    return f"{app_name} uses Authy for sign-in. Install the app: https://authy.com/install"


def nudge_text(app_name: str) -> str:
    """What the app shows when an SMS or a call was not needed."""
    return f"Open Authy to see your {app_name} token."
