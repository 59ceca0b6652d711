"""How values of the model look in JSON."""

from collections.abc import Mapping
from typing import Any

from gateway.flows.sign_in import BegunLogin
from gateway.model.challenge import Challenge
from gateway.model.errors import Refusal
from gateway.model.factor import Factor
from gateway.model.tokens import ACCESS_TOKEN_TYPE, PartialLogin, Tokens
from gateway.problems import problem_of


def begun_login(login: BegunLogin) -> dict[str, Any]:
    """A login that lacks its second factor; `enrolment` says why the phone was not enrolled, if it was not."""
    factors = [factor(each) for each in login.factors]
    document = {"status": login.status, **partial_login(login.partial), "factors": factors}
    return document if login.enrolment is None else {**document, "enrolment": _failure(login.enrolment)}


def partial_login(partial: PartialLogin) -> dict[str, Any]:
    """What allows to ask for the second factor, and nothing else."""
    return {"mfa_token": partial.token, "expires_in": partial.expires_in, "user_id": partial.user_id}


def factor(each: Factor) -> dict[str, Any]:
    """A factor; `reason` only when it does not work now."""
    # Not `asdict`, which copies what it finds, with every login.
    return {name: value for name, value in vars(each).items() if value is not None}


def status_event(challenge: Challenge) -> dict[str, Any]:
    """The message of events and WebSocket."""
    return {
        "id": challenge.id,
        "status": challenge.status,
        "reason": challenge.reason,
        "updated_at": challenge.updated_at,
        "expires_at": challenge.expires_at,
        "expires_in": challenge.expires_in,
    }


def token_answer(tokens: Tokens) -> dict[str, Any]:
    """RFC 8693 section 2.2.1."""
    return {
        "access_token": tokens.access_token,
        "issued_token_type": ACCESS_TOKEN_TYPE,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "refresh_token": tokens.refresh_token,
        "scope": tokens.scope,
        "device_token": tokens.device,
    }


def _failure(refusal: Refusal) -> Mapping[str, Any]:
    if refusal.answer is not None and refusal.answer.document:
        return refusal.answer.document
    problem = problem_of(refusal)
    return {"status": problem.status, "error": problem.error, "detail": problem.detail, **refusal.members}
