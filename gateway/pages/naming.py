"""What ways to confirm are called, by their channel, and why one does not work."""

from collections.abc import Mapping

from gateway.pages.durations import roughly

TITLES: Mapping[str, str] = {
    "push": "Approve on your phone",
    "app": "Code from the Authy app",
    "sms": "Text message",
    "voice": "Phone call",
    "totp": "Authenticator code",
    "recovery": "Recovery code",
}
HINTS: Mapping[str, str] = {
    "push": "Answer the request in Authy on {name}",
    "app": "Read it in Authy on {name}",
    # What these two rest on is the number, not the phone: NIST SP 800-63B wants people to be told of it.
    "sms": "We text a code to {name}. Whoever takes over your number gets it, too",
    "voice": "We call {name} with a code. Whoever takes over your number gets it, too",
    "totp": "Six digits from {name}",
    "recovery": "One that you kept, or were given",
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
    "push_open": "There is a request on your phone already; answer it, or let it run out",
    "push_resting": "The last request came to nothing; the next one has to wait",
    "push_paused": "Paused, because requests were denied or not answered",
}


def unavailable(reason: str | None, retry_after: int | None = None) -> str:
    """Why a way to confirm does not work, as a line beside it, and when it may again (seconds, if it is known)."""
    why = _UNAVAILABLE.get(reason or "", "Not available right now")
    return why if retry_after is None else f"{why}. Again in {roughly(retry_after)}"
