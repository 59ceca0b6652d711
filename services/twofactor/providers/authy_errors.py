"""From an answer that is not a good one to the refusal that the port promises. No text of Authy's goes any further."""

from typing import assert_never

import structlog

from services.twofactor.model.channel import Unavailable
from services.twofactor.model.errors import (
    AccountUnknown,
    ChannelUnavailable,
    PhoneRefused,
    ProviderMisconfigured,
    ProviderUnavailable,
    Refusal,
    ReusedCode,
    WrongCode,
)
from services.twofactor.providers.authy_call import PERSONAL, Answer, Call, Purpose
from services.twofactor.providers.authy_codes import ERRORS, MESSAGES, STATUSES, Fault

log = structlog.get_logger()


def refusal(call: Call, answer: Answer) -> Refusal:
    """What this answer means to the one who called, logged in numbers only."""
    code = _code(answer)
    meaning = ERRORS.get(code or 0) or STATUSES.get(answer.status, Fault.AWAY)
    meant = _meant(call, meaning)
    fields = {"provider": "authy", "call": call.purpose.value, "status": answer.status, "code": code}
    if isinstance(meant, ProviderMisconfigured):
        log.error("provider_misconfigured", **fields)
    else:
        log.info("provider_refused", **fields)
    if isinstance(meant, ProviderUnavailable):
        meant.retry_after = answer.retry_after
    return meant


def _code(answer: Answer) -> int | None:
    """The error code if we know it; else the one that the message stood for before there were codes."""
    written = _number(answer.body.get("error_code"))
    if written in ERRORS:
        return written
    message = str(answer.body.get("message")).lower()
    by_message = next((code for begin, code in MESSAGES.items() if message.startswith(begin)), None)
    # 401 is our bad key or the person's wrong code, and only the latter speaks of a token.
    return by_message or (60020 if "token" in answer.body else written)


def _number(written: object) -> int | None:
    """A code is text of five digits; a number is understood as well."""
    text = str(written) if isinstance(written, int | str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) == len("60000") else None


def _meant(call: Call, meaning: Fault | Unavailable) -> Refusal:
    """An answer that makes no sense to this call is the vendor's failure: callers meet only what the port names."""
    refused: Refusal = ProviderUnavailable()
    match meaning:
        case Unavailable():
            refused = _channel_trouble(call, meaning)
        case Fault.OPERATOR:
            refused = ProviderMisconfigured()
        case Fault.BAD_INPUT:
            refused = _bad_input(call)
        case Fault.UNKNOWN_PERSON if call.purpose in PERSONAL:
            refused = AccountUnknown()
        case Fault.WRONG_CODE if call.purpose is Purpose.CHECK_CODE:
            refused = WrongCode()
        case Fault.REUSED_CODE if call.purpose is Purpose.CHECK_CODE:
            refused = ReusedCode()
        case Fault.AWAY | Fault.UNKNOWN_PERSON | Fault.WRONG_CODE | Fault.REUSED_CODE:
            pass
        case _:
            assert_never(meaning)
    return refused


def _channel_trouble(call: Call, reason: Unavailable) -> Refusal:
    if call.channel is not None:
        return ChannelUnavailable(call.channel, reason)
    return PhoneRefused() if call.purpose is Purpose.ENROL else ProviderUnavailable()


def _bad_input(call: Call) -> Refusal:
    # An alarm must not be something that a person can set off by typing nonsense.
    match call.purpose:
        case Purpose.ENROL:
            return PhoneRefused()
        case Purpose.CHECK_CODE:
            return WrongCode()
        case _:
            return ProviderMisconfigured()
