"""What ways to confirm are called, by their channel, and why one does not work."""

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "push": "Approve on your phone",
    "app": "Code from the Authy app",
    "sms": "Text message",
    "voice": "Phone call",
    "totp": "Authenticator code",
    "recovery": "Recovery code",
}
HINTS: Mapping[str, str] = {
    "push": "One tap in Authy on {name}",
    "app": "Read it in Authy on {name}",
    "sms": "We text a code to {name}",
    "voice": "We call {name} with a code",
    "totp": "Six digits from {name}",
    "recovery": "One of those that you have kept",
}
INSTEAD: Mapping[str, str] = {
    "push": "Approve on phone",
    "app": "Authy code",
    "sms": "Text me",
    "voice": "Call me",
    "totp": "App code",
    "recovery": "Recovery code",
}

SHORT: Mapping[str, str] = {"push": "approval", "app": "app code", "sms": "text", "voice": "call", "totp": "code"}
_UNAVAILABLE: Mapping[str, str] = {
    "app_not_registered": "Needs the Authy app on this number",
    "channel_disabled": "Switched off by this service",
    "number_opted_out": "This number has opted out of our messages",
    "number_unsuitable": "This number cannot receive these",
    "limit_reached": "Too many sent lately; try again later",
    "account_suspended": "Authy has suspended this account",
    "provider_away": "Authy does not answer at the moment",
    "not_delivered": "The last one did not arrive",
    "none_left": "All of them are used up",
    "account_unknown": "Authy no longer knows this phone",
}


def unavailable(reason: str | None) -> str:
    """Why a way to confirm does not work, as a line beside it."""
    return _UNAVAILABLE.get(reason or "", "Not available right now")
