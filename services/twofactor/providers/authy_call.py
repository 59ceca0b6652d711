"""One call to Authy and its answer, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus

from services.twofactor.model.channel import Channel
from services.twofactor.providers.authy_answers import is_true


class Purpose(Enum):
    """What a call is for. The name stands in logs; a path never does, it holds codes and people."""

    ENROL = "enrol"
    STATUS = "status"
    APP_DETAILS = "app_details"
    PUSH = "push"
    READ_PUSH = "read_push"
    SEND_CODE = "send_code"
    CHECK_CODE = "check_code"
    REMOVE = "remove"


# Everything else has an effect that a second time would double: a prompt, a text message, a spent code.
REPEATABLE = frozenset({Purpose.ENROL, Purpose.STATUS, Purpose.APP_DETAILS, Purpose.READ_PUSH})

# Calls that name a person: only to these can "unknown person" be an answer.
PERSONAL = frozenset({Purpose.STATUS, Purpose.PUSH, Purpose.SEND_CODE, Purpose.CHECK_CODE, Purpose.REMOVE})


@dataclass(frozen=True)
class Call:
    """A request to Authy: `path` below the base URL; `form` is sent as `application/x-www-form-urlencoded`."""

    purpose: Purpose
    method: str
    path: str = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    # The channel that is unavailable, if this call is refused for a channel's reason.
    channel: Channel | None = None


@dataclass(frozen=True)
class Answer:
    """HTTP status and JSON object; `retry_after` in seconds, if the vendor named any."""

    status: int
    body: Mapping[str, object] = field(repr=False)
    retry_after: int | None = None

    @property
    def is_good(self) -> bool:
        """2xx alone is not: `success` must be true as well."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES and is_true(self.body.get("success"))

    @property
    def is_worth_repeating(self) -> bool:
        """Whether the same call may succeed in a moment; a vendor that names a time is not asked before it."""
        is_overload = self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.status == HTTPStatus.TOO_MANY_REQUESTS
        return is_overload and self.retry_after is None
