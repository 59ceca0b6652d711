"""Codes become words: whatever a page says of a refusal or a session is written here; of ways to confirm, in `naming`.

Codes that are not known here come from a newer service; they get a plain sentence rather than the code.
"""

from collections.abc import Iterable, Mapping

from gateway.pages.durations import count

NOW = "now"

_FIELD_ERRORS: Mapping[str, str] = {
    "email_taken": "There is an account with this address already; you can sign in with it",
    "email_invalid": "This does not look like an e-mail address",
    "phone_invalid": "This is not a phone number in that country",
    "phone_refused": "This number cannot be used. Check it, or try another",
    "country_not_served": "Phones of this country cannot be used here. Use one of another country",
    "country_missing": "Choose the country of your number",
    "password_too_short": "Use 12 characters or more",
    "password_too_long": "Use 128 characters or fewer",
    "password_common": "This password is on lists that attackers try first",
    "password_guessable": "This password is easy to guess. Add another word or two",
    "password_the_same": "This is the password you have now. Choose a new one",
    "not_the_password": "This is not your password",
    "current_password_missing": "Enter the password you have now",
    "code_malformed": "A code has 6 to 12 digits, a recovery code 24 letters and digits",
    "code_reused": "This code was used already. Wait for the next one",
}

FIELDS = frozenset({"email", "password", "current_password", "country", "phone", "code"})

_PROBLEMS: Mapping[str, str] = {
    "invalid_credentials": "Wrong e-mail or password.",
    "too_many_challenges": "That is as often as one sign-in may ask. Cancel it, and start again with your password.",
    "unavailable": "That did not work just now, and it is our fault. Try again in a moment.",
    "provider_unavailable": "Authy does not answer at the moment. Try again, or confirm another way.",
    "form_outdated": "This page had been open for too long, or you went on in another tab. Try again.",
    "refused": "That was refused. Check what you entered, or choose another way.",
    "enrolled_already": "There is a second factor on this account already. Confirm with it.",
    "enrolment_over": "That took too long. Begin again.",
    "only_phone": "Nothing else of yours works. Add another way before you remove this one.",
}

_NEWS: Mapping[str, str] = {
    "signed_out": "You are signed out.",
    "cancelled": "Signing in was cancelled.",
    "timed_out": "This sign-in is over: its time ran out, or it was ended. Start again with your password.",
    "as_before": "You did not confirm again. Nothing has changed, and you are still signed in.",
    "session_over": "Your session is over, perhaps ended from somewhere else. Sign in again to go on.",
    "session_ended": "That session is over.",
    "others_ended": "All your other sessions are over.",
    "signed_out_everywhere": "You are signed out everywhere.",
    "disavowed": "You are signed out everywhere. Sign in again and choose a new password: somebody knows the old one.",
    "password_changed": "Your password is changed, and all your other sessions are over.",
    "phone_added": "Your phone is added. You can confirm with it from now on.",
    "factor_removed": "It is removed, and cannot confirm for you any more.",
    "app_added": "Your app is added. Its codes confirm for you from now on.",
    "code_spent": "That recovery code is used up. If your phone is lost, remove it here, and add another way.",
}

_WHY_AGAIN: Mapping[str, str] = {
    "/password": "Before you change your password, show that it is you who sits here.",
    "/factors": "Before you change how you confirm, show that it is you who sits here.",
}
_WHY_AGAIN_ELSEWHERE = "What you opened wants to know that you have confirmed in the last few minutes."

_METHODS: Mapping[str, str] = {
    "pwd": "Password",
    "swk": "Approval on your phone",
    "otp": "Code from an app",
    "sms": "Code by text message",
    "tel": "Code by phone call",
    "hwk": "Security key",
    "recovery": "Recovery code",
}
_ASSURANCE: Mapping[str, str] = {
    "aal1": "One factor",
    "aal2": "Two factors",
    "aal3": "Two factors, one of them hardware",
}


def wrong(code: str) -> str:
    """What is wrong with a field."""
    return _FIELD_ERRORS.get(code, "Please check this") if code else ""


def wrong_code(tries_left: int | None) -> str:
    """A code was not right; None when nobody counts."""
    if tries_left is None:
        return "Wrong code."
    return "Wrong code. This is your last try." if tries_left == 1 else f"Wrong code. {count(tries_left, 'try')} left."


def problem(code: str) -> str:
    """What went wrong with the whole form; "" for no code."""
    return _PROBLEMS.get(code, _PROBLEMS["unavailable"]) if code else ""


def news(code: str) -> str:
    """What just happened, said on the page after it; "" when there is nothing to say."""
    return _NEWS.get(code, "")


def why_again(return_to: str) -> str:
    """Why somebody who is signed in has to prove it once more before this place opens."""
    path = return_to.partition("?")[0]
    return next((text for at, text in _WHY_AGAIN.items() if path.startswith(at)), _WHY_AGAIN_ELSEWHERE)


def methods(amr: Iterable[str]) -> tuple[str, ...]:
    """How a session was confirmed (RFC 8176 names) in words, in the order in which it happened."""
    return tuple(_METHODS[name] for name in amr if name in _METHODS)


def device(name: str) -> str:
    """`a Python program` -> "A Python program"."""
    return name[:1].upper() + name[1:] if name else "An unknown program"


def place(network: str) -> str:
    """Where a session was opened: its network, for want of a map."""
    return f"Network {network}" if network else "Place not known"


def in_a_row(parts: Iterable[str]) -> str:
    """`("Password", "Approval on your phone")` -> "Password, then approval on your phone"."""
    first, *rest = [*parts, ""]
    return ", then ".join([first, *(part[:1].lower() + part[1:] for part in rest if part)])


def assurance(acr: str) -> str:
    """An assurance level in words, with its name for those who know it."""
    return f"{_ASSURANCE[acr]} ({acr.upper()})" if acr in _ASSURANCE else acr
