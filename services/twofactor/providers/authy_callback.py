"""Reads Authy's callback, and believes nothing that Authy did not sign.

The signature covers the public URL as configured at Authy: never the request's own host, scheme or path, which a
stranger chooses. Every refusal is one error, `ForgedCallback`; its reason is for the log only.
"""

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import structlog

from chassis.clock import Clock
from services.twofactor.model.errors import ForgedCallback
from services.twofactor.model.provider import PushAnswer, PushStatus
from services.twofactor.providers.authy_answers import (
    Nonsense,
    as_id,
    as_object,
    as_reference,
    as_status,
    read_object,
    texts,
    unflagged,
)
from services.twofactor.providers.authy_signature import Unsignable, canonical, sign

log = structlog.get_logger()

# Authy's nonce is the time in unix seconds. Seen nonces must be remembered for twice this long.
FRESH = timedelta(minutes=5)
SIGNATURE = "X-Authy-Signature"
NONCE = "X-Authy-Signature-Nonce"

_SECONDS = re.compile(r"[0-9]{1,12}")
_ANSWERS = {PushStatus.APPROVED, PushStatus.DENIED}


@dataclass(frozen=True)
class AuthyCallbackReader:
    """Implements `ports.CallbackReader`. `public_url` is the callback's URL as it stands in Authy's console."""

    api_key: str = field(repr=False)
    public_url: str
    clock: Clock

    def read(self, *, method: str, headers: Mapping[str, str], body: bytes) -> tuple[str, PushAnswer]:
        """The one-time mark and the answer; raises `ForgedCallback`. The body's size is capped by who reads it."""
        try:
            _require_post(method)
            nonce = self._fresh_nonce(_single(headers, NONCE))
            presented = _single(headers, SIGNATURE)
            params = read_object(body)
            self._require_signed(presented, nonce, params)
            return f"{nonce}:{presented}", _answer(params)
        except (_Forged, Nonsense, Unsignable) as reason:
            raise ForgedCallback(str(reason)) from None

    def _fresh_nonce(self, nonce: str) -> str:
        if not _SECONDS.fullmatch(nonce):
            raise _Forged("nonce is not a time")
        if abs(self.clock().timestamp() - int(nonce)) > FRESH.total_seconds():
            raise _Forged("nonce is not of now")
        return nonce

    def _require_signed(self, presented: str, nonce: str, params: Mapping[str, object]) -> None:
        # Bytes, because compare_digest refuses text that is not ASCII; no early end, so timing tells nothing.
        offered = presented.encode(errors="surrogateescape")
        matches = [hmac.compare_digest(offered, good.encode()) for good in self._good(nonce, params)]
        if not any(matches):
            raise _Forged("signature is wrong")

    def _good(self, nonce: str, params: Mapping[str, object]) -> Iterator[str]:
        for text in _canonicals(params):
            for url in spellings(self.public_url):
                yield sign(api_key=self.api_key, nonce=nonce, method="POST", url=url, canonical=text)


class _Forged(Exception):
    """Why a callback is not believed, for the log."""


def spellings(url: str) -> tuple[str, ...]:
    """The URL, and without its port if it names one: whether Authy signs the port is not known."""
    parts = urlsplit(url)
    if parts.port is None:
        return (url,)
    bare = parts.netloc.rpartition(":")[0]
    return (url, urlunsplit(parts._replace(netloc=bare)))


def _canonicals(params: Mapping[str, object]) -> Iterator[str]:
    """Ruby before 2.5 escapes a tilde, later ones do not: both count, when there is one."""
    text = canonical(params)
    yield text
    if "~" in text:
        yield canonical(params, tilde="%7E")


def _require_post(method: str) -> None:
    # A GET callback arrives as a query that old versions filled with a printed Ruby hash: nobody can read it safely.
    if method != "POST":
        raise _Forged("method is not POST")


def _single(headers: Mapping[str, str], name: str) -> str:
    """The header's one value: of two, nobody knows which one another reader would take."""
    values = [value for key, value in headers.items() if key.lower() == name.lower()]
    if len(values) != 1 or not values[0]:
        raise _Forged(f"{name} is not there once")
    return values[0]


def _answer(params: Mapping[str, object]) -> PushAnswer:
    """The signed answer. It says the request and the status twice, and both must agree."""
    if params.get("callback_action") != "approval_request_status":
        raise _Forged("callback_action is another one")
    request = as_object(params.get("approval_request"), "approval_request")
    transaction = as_object(request.get("transaction"), "transaction")
    reference, status = as_reference(params.get("uuid"), "uuid"), as_status(params.get("status"), "status")
    if (transaction.get("uuid"), transaction.get("status")) != (reference, status):
        raise _Forged("request or status do not agree")
    if status not in _ANSWERS:
        raise _Forged("status is no answer")
    return PushAnswer(
        reference=reference,
        account=as_id(params.get("authy_id"), "authy_id"),
        status=_unflagged(status, transaction),
        hidden_details=texts(transaction.get("hidden_details")),
    )


def _unflagged(status: PushStatus, transaction: Mapping[str, object]) -> PushStatus:
    judged = unflagged(status, transaction)
    if judged is not status:
        log.warning("callback_flagged", provider="authy")
    return judged
