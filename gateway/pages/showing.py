"""A challenge and its ways become what a page shows. Pure: the same challenge gives the same words."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from gateway.model.challenge import Challenge, Status
from gateway.model.factor import Factor
from gateway.pages import naming
from gateway.pages.views import Door, Ended, Way, in_order
from gateway.pages.views_of_waiting import Again, Asking, Fact, Waiting

# Between two texts or calls: long enough for the first to arrive.
RESEND_SECONDS = 30
APP_DIGITS = 7
_DIGITS = {"totp": 6, "recovery": 24}
RESTING = "push_resting"
_NO_BREAK = str.maketrans({" ": "\N{NO-BREAK SPACE}"})


def ways(factors: Iterable[Factor], failed: str = "") -> list[Way]:
    """The person's ways to confirm, the ones that work first, the last one used leading.

    `failed`: which was just tried in vain, by its factor or channel: of those that work it comes last.
    """
    ordered = in_order([_way(factor) for factor in factors if factor.channel in naming.TITLES])
    return sorted(ordered, key=lambda way: (not way.works, bool(failed) and failed in {way.factor, way.channel}))


def other_ways(factors: Iterable[Factor], challenge: Challenge) -> list[Way]:
    """The ways besides the one that is under way."""
    return [way for way in ways(factors) if way.channel != challenge.channel]


def again(factors: Iterable[Factor], challenge: Challenge) -> Again:
    """Whether the same way can be taken once more: now, after a short rest, or not for a while."""
    same = next((factor for factor in factors if factor.channel == challenge.channel), None)
    if same is None or same.available:
        return Again()
    if same.reason == RESTING:
        return Again(wait=same.retry_after or 0)
    return Again(held=naming.unavailable(same.reason, same.retry_after))


def _way(factor: Factor) -> Way:
    reason = "" if factor.available else naming.unavailable(factor.reason, factor.retry_after)
    return Way(factor.channel, phone_name(factor.name), reason, factor.preferred, factor.id)


def phone_name(name: str) -> str:
    """A masked number (`+44 ... 12`) as it is written on a page, which no line break tears apart."""
    return name.replace(" ... ", " \N{BULLET}\N{BULLET}\N{BULLET} \N{BULLET}\N{BULLET}").translate(_NO_BREAK)


def waiting(challenge: Challenge) -> Waiting:
    """A push under way, with the facts that the phone shows too."""
    context = challenge.context
    # The same words as on the phone, in the same order.
    facts = [
        Fact("Service", context.service),
        Fact("Place", context.place),
        Fact("Network", context.address),
        Fact("Browser", context.browser),
    ]
    sent = context.time or challenge.created_at
    if sent is not None:
        facts.append(Fact("Time", f"{sent.astimezone(UTC):%H:%M} UTC", sent.isoformat()))
    shown = tuple(fact for fact in facts if fact.value)
    return Waiting(
        name=phone_name(challenge.name),
        facts=shown,
        seconds_left=challenge.expires_in,
        lifetime=_lifetime(challenge),
        wants_code=challenge.wants_code,
        wants_phone=challenge.wants_phone,
    )


def asking(challenge: Challenge, service: str, now: datetime) -> Asking:
    """A code that is asked for, and how it reached the person."""
    title, lead, more, again = _ASKING[_manner(challenge)]
    return Asking(
        channel=challenge.channel,
        title=title,
        lead=lead,
        name=_spoken(challenge),
        more=more.format(service=service),
        held_back=_HELD_BACK if _manner(challenge) == "open_app" else "",
        again=again,
        resend_in=_resend_in(challenge, now),
        digits=_DIGITS.get(challenge.channel, APP_DIGITS),
        letters=challenge.channel == "recovery",
        seconds_left=challenge.expires_in,
        lifetime=_lifetime(challenge),
    )


_HELD_BACK = "Nothing was sent: who has the Authy app finds the code in it."
_ASKING = {
    "app": ("Enter your app code", "Open Authy on", " and read the code for {service}.", ""),
    "sms": ("Enter the code we sent", "We texted it to", ".", "Send again"),
    "voice": ("Answer your phone", "We are calling", ". A voice reads out your code.", "Call again"),
    "totp": ("Enter your app code", "Open your", " and read the six digits for {service}.", ""),
    "recovery": ("Enter a recovery code", "Any of your", " that is not used yet.", ""),
    "open_app": ("Open your Authy app", "You have Authy on", ". Your code is there.", ""),
}


def _spoken(challenge: Challenge) -> str:
    """Its name within a sentence: only a phone's is a name."""
    name = phone_name(challenge.name)
    return name[:1].lower() + name[1:] if challenge.channel in _DIGITS else name


def _manner(challenge: Challenge) -> str:
    if challenge.delivery == "open_app":
        return "open_app"
    return challenge.channel if challenge.channel in _ASKING else "sms"


def _resend_in(challenge: Challenge, now: datetime) -> int:
    sent = challenge.created_at or now
    return max(0, RESEND_SECONDS - int((now - sent).total_seconds()))


def _lifetime(challenge: Challenge) -> int:
    if challenge.created_at is None:
        return max(challenge.expires_in, 1)
    return max(round((challenge.expires_at - challenge.created_at).total_seconds()), 1)


def ended(challenge: Challenge, service: str, *, login_is_over: bool = False) -> Ended:
    """Why it is over, and what to do: for a challenge that was denied, ran out or was cancelled."""
    is_push = challenge.channel == "push"
    if challenge.status is Status.EXPIRED:
        return (_NO_ANSWER if is_push else _NO_CODE).on(challenge.channel)
    if challenge.status is Status.DENIED:
        if challenge.reason != "too_many_codes" and is_push:
            return _disavowed(service) if login_is_over else _denied(service)
        return (_no_numbers(service) if is_push else _no_tries(service)).on(challenge.channel)
    return _CANCELLED.on(challenge.channel)


_SEE = Door("See where you are signed in", "/sessions")
_NO_ANSWER = Ended(
    "Nobody answered", "The request ran out. Nothing has happened to your account.", "Send it again", "clock", "late"
)
_NO_CODE = Ended(
    "The code ran out", "It was not entered in time. Ask for a new one.", "Get a new code", "clock", "late"
)
_CANCELLED = Ended("Cancelled", "The request was taken back.", "Send a new one", "clock", "late")


def _disavowed(service: str) -> Ended:
    return replace(
        _denied(service),
        # No line ends within the word.
        text="Nobody got in. All your sessions are over now, and your next sign\N{NON-BREAKING HYPHEN}in asks for a new"
        " password.",
        warning=f"Someone else may hold your phone. Do not sign in again; tell whoever runs {service}.",
    )


def _denied(service: str) -> Ended:
    return Ended(
        "Denied on your phone",
        "Nobody got in.",
        "Send a new request",
        "cross",
        "bad",
        "Was it not you who denied it?",
        f"Someone else may hold your phone. Do not send another; tell whoever runs {service}.",
    )


def _no_tries(service: str) -> Ended:
    return Ended(
        "Too many wrong codes",
        "This code is locked now, so that nobody can guess it.",
        "Get a new code",
        "cross",
        "bad",
        "Was it not you who tried?",
        f"Then somebody knows your password: change it, and tell whoever runs {service}.",
        doors=(Door("Change your password", "/password"), _SEE),
    )


def _no_numbers(service: str) -> Ended:
    return replace(
        _no_tries(service),
        title="Too many wrong numbers",
        text="This request is over, so that nobody can guess its number.",
        again="Send a new request",
    )
