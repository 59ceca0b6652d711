"""An approval request as Authy's form takes it, and what Authy says of one."""

from collections.abc import Mapping

from services.twofactor.model.provider import PushAnswer, PushRequest
from services.twofactor.providers.authy_answers import (
    Nonsense,
    as_id,
    as_object,
    as_reference,
    as_status,
    texts,
    unflagged,
)

# Authy names no limits for the first and the third; these are the strictest that its own clients keep.
MESSAGE_LENGTH = 144
LABEL_LENGTH = 20
TEXT_LENGTH = 200


def push_form(request: PushRequest) -> dict[str, str]:
    """The members in Rails' bracket notation; those that are not set are not sent."""
    form = {"message": _shown(request.message, MESSAGE_LENGTH)}
    for label, text in request.details.items():
        form[f"details[{_shown(label, LABEL_LENGTH)}]"] = _shown(text, TEXT_LENGTH)
    for key, text in request.hidden_details.items():
        form[f"hidden_details[{_shown(key, TEXT_LENGTH)}]"] = _shown(text, TEXT_LENGTH)
    if request.logo_url:
        form |= {"logos[][res]": "default", "logos[][url]": request.logo_url}
    # Left out it would be a day, and zero would be for ever: an approval that outlives its login is a hole.
    form["seconds_to_expire"] = str(max(1, request.seconds_to_expire))
    return form


def read_reference(body: Mapping[str, object]) -> str:
    """The new request's id; raises `Nonsense`."""
    request = as_object(body.get("approval_request"), "approval_request")
    return as_reference(request.get("uuid"), "uuid")


def read_answer(body: Mapping[str, object], reference: str) -> PushAnswer:
    """The request of that id, read back; raises `Nonsense`, so also about another one."""
    request = as_object(body.get("approval_request"), "approval_request")
    if request.get("uuid") != reference:
        raise Nonsense("uuid")
    return PushAnswer(
        reference=reference,
        account=as_id(request.get("_authy_id"), "_authy_id"),
        status=unflagged(as_status(request.get("status"), "status"), request),
        hidden_details=texts(request.get("hidden_details")),
    )


def _shown(text: str, length: int) -> str:
    """Cut, and without what is no character to see: a browser's name may hold anything that a stranger sent."""
    return "".join(char if char.isprintable() else " " for char in text[:length])
