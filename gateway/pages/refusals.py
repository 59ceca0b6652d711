"""What a page says when something was refused, and where a person is led when they are on the wrong page."""

from gateway.model import errors
from gateway.pages import words
from gateway.pages.notes import Note

# Refusals after which another step is due, whichever page met them, and the news told there. "/" itself leads on: home
# for who is signed in (perhaps in another tab), else the sign-in page.
DETOURS: dict[type[errors.Refusal], tuple[str, str]] = {
    errors.TokenRefused: ("/sign-in", "timed_out"),
    errors.GrantRefused: ("/", ""),
    errors.NoFactor: ("/enrol", ""),
    errors.ChallengeOver: ("/confirm/wait", ""),
    errors.ChallengeUnknown: ("/confirm", ""),
    errors.ApprovalPending: ("/confirm/wait", ""),
    errors.ApprovalDenied: ("/confirm/wait", ""),
    errors.ApprovalExpired: ("/confirm/wait", ""),
    errors.NotSignedIn: ("/", ""),
}

_PROBLEMS: dict[type[errors.Refusal], str] = {
    errors.InvalidCredentials: "invalid_credentials",
    errors.LimitReached: "limit_reached",
    errors.ProviderUnavailable: "provider_unavailable",
    errors.PeerUnavailable: "unavailable",
    errors.PeerRefused: "unavailable",
}
_FIELDS: dict[type[errors.Refusal], tuple[str, str]] = {
    errors.EmailTaken: ("email", "email_taken"),
    errors.PhoneRefused: ("phone", "phone_refused"),
}
# Fields as the services name them, and as the pages do. A sentence without a field of ours is said over the form.
_NAMES = {"phone.number": "phone", "number": "phone", "phone.country_code": "country", "country_code": "country"}


def told(refusal: errors.Refusal) -> Note | None:
    """The note for the form that was refused; None when this is not for a form to say."""
    match refusal:
        case errors.InvalidInput():
            return Note(errors=dict(_field(name, text) for name, text in refusal.errors.items()))
        case errors.WeakPassword():
            return Note(errors={"password": " ".join(refusal.reasons) or words.wrong("password_guessable")})
        case errors.InvalidCode():
            return Note(errors={"code": words.wrong_code(refusal.tries_left)})
        case errors.ChannelUnavailable():
            return Note(problem=f"That did not work. {words.unavailable(refusal.reason)}.")
        case _:
            return _from_tables(refusal)


def _from_tables(refusal: errors.Refusal) -> Note | None:
    for kind in type(refusal).__mro__:
        if kind in _FIELDS:
            name, code = _FIELDS[kind]
            return Note(errors={name: words.wrong(code)})
        if kind in _PROBLEMS:
            return Note(problem=words.problem(_PROBLEMS[kind]))
    return None


def _field(name: str, text: str) -> tuple[str, str]:
    if name == "email":
        return name, words.wrong("email_invalid")
    return _NAMES.get(name, name), text[:1].upper() + text[1:]
