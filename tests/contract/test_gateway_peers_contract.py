"""What auth and twofactor say, and what the gateway understands: their tables and documents against its own."""

from types import ModuleType

import pytest

from gateway.model import errors
from gateway.model.answer import PeerAnswer
from gateway.peers.refusals import BY_CODE, BY_STATUS, refusal_of
from gateway.problems import PROBLEMS
from services.auth import problems as auth
from services.twofactor import problems as twofactor

# For callers of the API alone: no page can cause them.
PROGRAMS_ONLY = {
    "session_unknown", "unsupported_grant_type", "invalid_scope", "invalid_target", "invalid_client", "invalid_signature",
    "callback_replayed", "callback_mismatch", "unauthorized_client", "unsupported_token_type",
}  # fmt: skip


@pytest.mark.parametrize("service", [auth, twofactor], ids=["auth", "twofactor"])
def test_every_refusal_of_a_service_has_a_meaning_here(service: ModuleType) -> None:
    strange = {
        problem.error
        for problem in service.PROBLEMS.values()
        if problem.error not in BY_CODE and problem.status not in BY_STATUS and problem.error not in PROGRAMS_ONLY
    }
    assert not strange


def test_no_meaning_is_kept_for_a_refusal_that_nobody_makes() -> None:
    made = {problem.error for service in (auth, twofactor) for problem in service.PROBLEMS.values()}
    assert set(BY_CODE) - made <= {"invalid_request"}


def test_every_error_of_the_model_is_in_the_table() -> None:
    def kinds(kind: type[Exception]) -> set[type[Exception]]:
        return {kind, *(below for child in kind.__subclasses__() for below in kinds(child))}

    ours = {kind for kind in kinds(errors.Refusal) if kind.__module__.startswith("gateway.model")}
    # As the answer is found: the nearest of its kind.
    assert {kind for kind in ours - {errors.Refusal} if not set(kind.__mro__) & set(PROBLEMS)} == set()


def test_one_refusal_has_one_code_wherever_it_is_made() -> None:
    said = {problem.error: problem.status for problem in twofactor.PROBLEMS.values()}
    ours = {problem.error: problem.status for problem in PROBLEMS.values()}
    # OAuth answers 400 where the second factor, asked directly, is more exact.
    exact = {"authorization_pending", "access_denied", "expired_token", "invalid_grant"}
    assert {
        code: status for code, status in ours.items() if code in said and code not in exact and said[code] != status
    } == {}


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (401, {"error": "invalid_credentials"}, errors.InvalidCredentials),
        (401, {}, errors.TokenRefused),
        (403, {"error": "something new", "detail": "x"}, errors.PeerRefused),
        (500, {"error": "internal_error"}, errors.PeerUnavailable),
        (503, {"error": "overloaded"}, errors.PeerUnavailable),
        (429, {"error": "something new"}, errors.LimitReached),
        (409, {"error": "challenge_pending", "challenge_id": "c"}, errors.ChallengePending),
        (503, {"error": "provider_unavailable", "factors": "nonsense"}, errors.ProviderUnavailable),
        (403, {"error": "invalid_code", "tries_left": "nonsense"}, errors.InvalidCode),
        (
            400,
            {"error": "invalid_request", "errors": [1, {"field": "phone.number", "message": "m"}]},
            errors.InvalidInput,
        ),
    ],
)
def test_a_refusal_is_understood_by_its_code_then_by_its_status(
    status: int, document: dict[str, object], kind: type[errors.Refusal]
) -> None:
    answer = PeerAnswer(status, b"", {"retry-after": "9"}, document)
    refusal = refusal_of(answer)
    assert type(refusal) is kind
    assert (refusal.answer, refusal.retry_after) == (answer, 9)
