"""The ways a person can confirm a sign-in, and what each of them proves."""

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """How a challenge reaches the person."""

    PUSH = "push"
    APP = "app"
    SMS = "sms"
    VOICE = "voice"
    TOTP = "totp"
    RECOVERY = "recovery"


class Delivery(StrEnum):
    """What happened when a challenge was sent, so that a page says what is true."""

    PUSH = "push"
    SENT = "sent"
    # The provider held the message back because the person has its app: the code stands there.
    OPEN_APP = "open_app"
    NONE = "none"


class Unavailable(StrEnum):
    """Why a channel does not work for this person now."""

    APP_NOT_REGISTERED = "app_not_registered"
    CHANNEL_DISABLED = "channel_disabled"
    NUMBER_OPTED_OUT = "number_opted_out"
    NUMBER_UNSUITABLE = "number_unsuitable"
    LIMIT_REACHED = "limit_reached"
    ACCOUNT_SUSPENDED = "account_suspended"
    NOT_DELIVERED = "not_delivered"
    PROVIDER_AWAY = "provider_away"
    NONE_LEFT = "none_left"
    # Of pushes alone, see `push_pace`.
    PUSH_OPEN = "push_open"
    PUSH_RESTING = "push_resting"
    PUSH_PAUSED = "push_paused"


@dataclass(frozen=True)
class Availability:
    """Whether a channel works now: `reason` is None when it does. `left`: how often, where that is counted."""

    channel: Channel
    reason: Unavailable | None = None
    left: int | None = None


# Those that a vendor of phones may have, best first.
PHONE_CHANNELS = (Channel.PUSH, Channel.APP, Channel.SMS, Channel.VOICE)
# What is offered first only where nothing else works: each use takes something away.
LAST_RESORTS = frozenset({Channel.RECOVERY})

# Codes that an app shows all the time, best first: the authenticator's is judged here, the other's by its vendor.
SHOWN_BY_APPS = (Channel.TOTP, Channel.APP)
# These reach out to the person, who has nothing to type before.
SENDING = frozenset({Channel.PUSH, Channel.SMS, Channel.VOICE})

# RFC 8176 authentication method references; every login began with a password. It knows no word for a recovery code,
# and lets us use one of our own: a service may want to know that somebody came in without the factor they enrolled.
_AMR = {
    Channel.PUSH: ("pwd", "swk", "mca", "mfa"),
    Channel.APP: ("pwd", "otp", "mfa"),
    Channel.SMS: ("pwd", "sms", "mca", "mfa"),
    Channel.VOICE: ("pwd", "tel", "mca", "mfa"),
    Channel.TOTP: ("pwd", "otp", "mfa"),
    Channel.RECOVERY: ("pwd", "recovery", "mfa"),
}


def amr(channel: Channel, delivery: Delivery) -> tuple[str, ...]:
    """The `amr` of a login confirmed this way (RFC 8176); a text that was held back was answered from the app."""
    return _AMR[Channel.APP if delivery is Delivery.OPEN_APP else channel]
