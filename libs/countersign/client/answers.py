"""What the API answers, as types. Times are aware, durations are seconds."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from countersign.client.errors import ApiError, kind_of
from countersign.client.members import Document, flag, moment, objects, part, text, text_or_none, texts, whole

PENDING: Final = "pending"


@dataclass(frozen=True)
class Factor:
    """One way to confirm: `channel` is push, app, sms, voice, totp or recovery.

    `reason` says why it is not `available` now, `left` how many recovery codes can be used yet.
    """

    id: str
    type: str
    channel: str
    name: str
    preferred: bool
    provider: str
    available: bool
    reason: str | None
    left: int | None = None

    @classmethod
    def read(cls, document: Document) -> "Factor":
        """From an answer; raises `UnexpectedAnswer`, as all of these do."""
        return cls(
            text(document, "id"),
            text(document, "type"),
            text(document, "channel"),
            text(document, "name"),
            flag(document, "preferred"),
            text(document, "provider"),
            flag(document, "available", default=True),
            text_or_none(document, "reason"),
            None if document.get("left") is None else whole(document, "left"),
        )

    @classmethod
    def read_all(cls, document: Document) -> tuple["Factor", ...]:
        """From `{"factors": [...]}`, best first."""
        return tuple(cls.read(each) for each in objects(document, "factors"))


@dataclass(frozen=True)
class PendingApp:
    """A secret for an authenticator app, told once. It counts once `confirm_app` has brought its first code.

    secret        base32, to type
    uri           `otpauth://totp/...`, for a QR code; holds the secret too
    expires_in    seconds in which to confirm it
    """

    id: str
    secret: str = field(repr=False)
    uri: str = field(repr=False)
    expires_in: int

    @classmethod
    def read(cls, document: Document) -> "PendingApp":
        """From the answer to `POST /v1/mfa/factors`."""
        return cls(text(document, "id"), text(document, "secret"), text(document, "uri"), whole(document, "expires_in"))


@dataclass(frozen=True)
class PartialLogin:
    """A password that was right: `mfa_token` allows to ask for the second factor for `expires_in` seconds."""

    mfa_token: str = field(repr=False)
    expires_in: int
    user_id: str

    @classmethod
    def read(cls, document: Document) -> "PartialLogin":
        """From the answer to `POST /v1/login`."""
        return cls(text(document, "mfa_token"), whole(document, "expires_in"), text(document, "user_id"))


@dataclass(frozen=True)
class BegunLogin:
    """A password that was right, and what is still lacking.

    status       `mfa_required`, or `enrolment_required` when there is no factor yet
    mfa_token    the partial token: opens nothing, allows to ask for the second factor for `expires_in` seconds
    enrolment    why the phone that came with a registration was not enrolled; None if it was, or none came
    """

    status: str
    mfa_token: str = field(repr=False)
    expires_in: int
    user_id: str
    factors: tuple[Factor, ...]
    enrolment: ApiError | None

    @classmethod
    def read(cls, document: Document) -> "BegunLogin":
        """From the answer to `POST /v1/users` or `/v1/login`."""
        return cls(
            text(document, "status"),
            text(document, "mfa_token"),
            whole(document, "expires_in"),
            text(document, "user_id"),
            Factor.read_all(document),
            _failure(part(document, "enrolment")),
        )


@dataclass(frozen=True)
class ChallengeStatus:
    """Where a challenge stands: pending, approved, denied, expired, cancelled or consumed.

    `waiting_for`: what a pending one lacks, `phone` (approve there), `code` (type it here) or both.
    """

    id: str
    status: str
    waiting_for: tuple[str, ...]
    reason: str | None
    updated_at: datetime
    expires_at: datetime
    expires_in: int

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be answered."""
        return self.status == PENDING

    @classmethod
    def read(cls, document: Document) -> "ChallengeStatus":
        """From a message of the status streams."""
        return cls(
            text(document, "id"),
            text(document, "status"),
            texts(document, "waiting_for") if "waiting_for" in document else (),
            text_or_none(document, "reason"),
            moment(document, "updated_at"),
            moment(document, "expires_at"),
            whole(document, "expires_in"),
        )


@dataclass(frozen=True)
class Challenge(ChallengeStatus):
    """One question to the person. `delivery`: push, sent, open_app or none; `interval`: seconds between polls.

    `binding_method`: `prompt` if a push carries a number that is typed where the login began, else `none`.
    """

    channel: str
    factor_id: str
    name: str
    created_at: datetime
    interval: int
    binding_method: str
    delivery: str
    tries_left: int | None
    context: Document

    @classmethod
    def read(cls, document: Document) -> "Challenge":
        """From the answers under `/v1/mfa/challenges`."""
        now = ChallengeStatus.read(document)
        return cls(
            **vars(now),
            channel=text(document, "channel"),
            factor_id=text(document, "factor_id"),
            name=text(document, "name"),
            created_at=moment(document, "created_at"),
            interval=whole(document, "interval"),
            binding_method=text(document, "binding_method"),
            delivery=text(document, "delivery"),
            tries_left=None if document.get("tries_left") is None else whole(document, "tries_left"),
            context=part(document, "context"),
        )


def _failure(problem: Document) -> ApiError | None:
    if not problem:
        return None
    status, code = whole(problem, "status"), text(problem, "error")
    members = {name: value for name, value in problem.items() if name not in {"status", "error", "detail", "title"}}
    return kind_of(status, code)(status, code, str(problem.get("detail", "")), members=members)
