"""What a page says when something was refused, and where a person is led when they are on the wrong page."""

from gateway.model import errors
from gateway.model.errors import Refusal
from gateway.pages import naming, words, words_of_limits
from gateway.pages.notes import Note

Place = tuple[str, str]
SIGN_IN = "/sign-in"
# Refusals after which another step is due, whichever page met them, and the news told there. "/" itself leads on: home
# for who is signed in (perhaps in another tab), else the sign-in page.
_DETOURS: dict[type[Refusal], Place] = {
    errors.TokenRefused: (SIGN_IN, "timed_out"),
    errors.GrantRefused: ("/", ""),
    errors.NoFactor: ("/enrol", ""),
    errors.ChallengeOver: ("/confirm/wait", ""),
    # It could not be taken back, for the phone has just said yes: that is where this goes on.
    errors.ChallengePending: ("/confirm/wait", ""),
    errors.ChallengeUnknown: ("/confirm", ""),
    errors.ApprovalPending: ("/confirm/wait", ""),
    errors.ApprovalDenied: ("/confirm/wait", ""),
    errors.ApprovalExpired: ("/confirm/wait", ""),
    errors.NotSignedIn: ("/", ""),
}
_DETOURS_BY_CODE: dict[str, Place] = {
    "login_finished": ("/", ""),
    "sign_in_again": (SIGN_IN, "timed_out"),
    "code_unexpected": ("/confirm/wait", ""),
}
_PROBLEMS: dict[type[Refusal], str] = {
    errors.InvalidCredentials: "invalid_credentials",
    errors.ProviderUnavailable: "provider_unavailable",
    errors.PeerUnavailable: "unavailable",
    errors.PeerRefused: "refused",
    errors.FreshLoginNeeded: "enrolled_already",
    errors.EnrolmentOver: "enrolment_over",
    errors.LastFactor: "only_phone",
}
_FIELDS: dict[type[Refusal], Place] = {
    errors.EmailTaken: ("email", "email_taken"),
    errors.PhoneRefused: ("phone", "phone_refused"),
    errors.CountryNotServed: ("country", "country_not_served"),
}
# Fields as the services name them, and as the pages do.
_NAMES = {"phone.number": "phone", "number": "phone", "phone.country_code": "country", "country_code": "country"}


def detour(refusal: Refusal) -> Place | None:
    """The page (and the news told there) that this leads to; None when it concerns the page at hand."""
    if isinstance(refusal, errors.PeerRefused):
        return _DETOURS_BY_CODE.get(refusal.code)
    return next((_DETOURS[kind] for kind in type(refusal).__mro__ if kind in _DETOURS), None)


def told(refusal: Refusal) -> Note | None:
    """The note for the form that was refused; None when this is not for a form to say."""
    match refusal:
        case errors.InvalidInput():
            return _beside_fields(refusal)
        case errors.WeakPassword():
            return Note(errors={"password": " ".join(refusal.reasons) or words.wrong("password_guessable")})
        case errors.InvalidCode():
            return Note(errors={"code": _about_code(refusal)})
        case errors.LimitReached():
            return Note(problem=_about_limit(refusal))
        case errors.ChannelUnavailable():
            return Note(problem=_about_channel(refusal))
        case _:
            return _from_tables(refusal)


def _about_limit(refusal: errors.LimitReached) -> str:
    code = _said(refusal, "error")
    if code == "too_many_challenges":
        return words.problem(code)
    return words_of_limits.too_often(refusal.retry_after, codes=code == "too_many_codes")


def _about_channel(refusal: errors.ChannelUnavailable) -> str:
    if refusal.reason == "limit_reached":
        return words_of_limits.sent_too_often(refusal.retry_after)
    return f"That did not work. {naming.unavailable(refusal.reason, refusal.retry_after)}."


def _from_tables(refusal: Refusal) -> Note | None:
    for kind in type(refusal).__mro__:
        if kind in _FIELDS:
            name, code = _FIELDS[kind]
            return Note(errors={name: words.wrong(code)})
        if kind in _PROBLEMS:
            return Note(problem=words.problem(_PROBLEMS[kind]))
    return None


def _beside_fields(refusal: errors.InvalidInput) -> Note:
    texts = {_NAMES.get(name, name): text for name, text in refusal.errors.items()}
    known = {name: text for name, text in texts.items() if name in words.FIELDS}
    return Note(errors=known, problem="" if known else words.problem("refused"))


def _about_code(refusal: errors.InvalidCode) -> str:
    if _said(refusal, "reason") == "reused":
        return words.wrong("code_reused")
    return words.wrong_code(refusal.tries_left)


def _said(refusal: Refusal, member: str) -> object:
    """What the service behind the refusal said in this member of its answer."""
    return refusal.answer.document.get(member) if refusal.answer else None
