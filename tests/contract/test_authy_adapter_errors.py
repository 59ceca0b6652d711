"""Every error that a login meets, as Authy words it, and what it means to us."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.twofactor.model.channel import PHONE_CHANNELS, Channel, Unavailable
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
from services.twofactor.model.provider import PushRequest
from services.twofactor.providers.authy import Authy
from services.twofactor.providers.authy_codes import ERRORS
from tests.contract.authy_wire import MockedAuthy

_UUID = "550e8400-e29b-41d4-a716-446655440000"
_VENDOR_TEXT = "a text of the vendor's"
Ask = tuple[str, str, Callable[[Authy], Awaitable[Any]]]

ENROL: Ask = (
    "POST",
    "/protected/json/users/new",
    lambda authy: authy.enrol(email="eve@example.com", country_code=44, number="7700900123"),
)
PUSH: Ask = (
    "POST",
    "/onetouch/json/users/1635/approval_requests",
    lambda authy: authy.push("1635", PushRequest("Sign in?", {}, {}, 120)),
)
READ: Ask = ("GET", f"/onetouch/json/approval_requests/{_UUID}", lambda authy: authy.read_push(_UUID))
SMS: Ask = ("GET", "/protected/json/sms/1635?action=c", lambda authy: authy.send_code("1635", Channel.SMS, binding="c"))
VOICE: Ask = (
    "GET",
    "/protected/json/call/1635?action=c",
    lambda authy: authy.send_code("1635", Channel.VOICE, binding="c"),
)
VERIFY: Ask = (
    "GET",
    "/protected/json/verify/123456/1635?force=true",
    lambda authy: authy.require_code("1635", "123456", binding=None),
)
REMOVE: Ask = ("POST", "/protected/json/users/1635/remove", lambda authy: authy.remove("1635"))
PROBE: Ask = ("GET", "/protected/json/app/details", lambda authy: authy.probe())
EVERY = [ENROL, PUSH, READ, SMS, VOICE, VERIFY, REMOVE, PROBE]

U = Unavailable
_NO_CODES: list[object] = [None, [], {}, "", "6", "٦٠٠٢٦", 1e300, True, "60026 "]


def _body(code: int | None, message: str = _VENDOR_TEXT, **more: object) -> dict[str, object]:
    body = {"message": message, "success": False, "errors": {"message": message}, **more}
    return body if code is None else body | {"error_code": str(code)}


async def _refused(mocked: Authy, answers: MockedAuthy, ask: Ask, **answer: Any) -> Refusal:
    method, path, call = ask
    answers.will(method, path, repeat=True, **answer)
    with pytest.raises(Refusal) as refused:
        await call(mocked)
    assert _VENDOR_TEXT not in f"{refused.value!r} {refused.value.members}"
    return refused.value


@pytest.mark.parametrize(
    ("ask", "status", "code", "error"),
    [
        # The operator must act: whatever was asked.
        *[(ask, 401, 60001, ProviderMisconfigured) for ask in EVERY],
        *[(SMS, 403, code, ProviderMisconfigured) for code in (60008, 60047, 60056, 60057, 60060, 60061, 60063, 60091)],
        *[(PROBE, 404, code, ProviderMisconfigured) for code in (60117, 60124, 60119)],
        *[(ask, 400, code, ProviderMisconfigured) for ask in (PUSH, SMS) for code in (60002, 60004, 60005)],
        (PUSH, 400, 60080, ProviderMisconfigured),
        # The person's data.
        *[(ENROL, 400, code, PhoneRefused) for code in (60027, 60033, 60038, 60078, 60002, 60004, 60005, 60030)],
        *[(ENROL, 403, code, PhoneRefused) for code in (60013, 60017, 60082, 60083, 60107, 60115)],
        # Who is not there.
        *[(ask, 404, 60026, AccountUnknown) for ask in (PUSH, SMS, VOICE, REMOVE)],
        (VERIFY, 401, 60016, AccountUnknown),
        *[(SMS, 404, code, AccountUnknown) for code in (60127, 60128, 60130)],
        # The code.
        (VERIFY, 401, 60020, WrongCode),
        (VERIFY, 401, 60118, WrongCode),
        (VERIFY, 401, 60019, ReusedCode),
        (VERIFY, 400, 60004, WrongCode),
        # Authy cannot now.
        *[(ask, 429, 60003, ProviderUnavailable) for ask in EVERY],
        *[(ask, 500, 60000, ProviderUnavailable) for ask in EVERY],
        *[(PUSH, 503, code, ProviderUnavailable) for code in (60052, 60054, 60066)],
        *[(REMOVE, 400, code, ProviderUnavailable) for code in (60028, 60131, 60132, 60017)],
        # Answers to another question than was asked.
        *[(ask, 401, 60020, ProviderUnavailable) for ask in (SMS, PUSH, ENROL, READ, PROBE)],
        *[(ask, 404, 60026, ProviderUnavailable) for ask in (ENROL, READ, PROBE)],
        # A code that nobody knows is judged by its status.
        (SMS, 403, 69999, ProviderMisconfigured),
        (SMS, 401, 69999, ProviderMisconfigured),
        (SMS, 404, 69999, ProviderUnavailable),
        (ENROL, 400, 69999, PhoneRefused),
        (SMS, 503, 69999, ProviderUnavailable),
    ],
    ids=lambda part: part[1] if isinstance(part, tuple) else getattr(part, "__name__", str(part)),
)
async def test_an_error_code_becomes_a_refusal_of_ours(
    mocked: Authy, answers: MockedAuthy, ask: Ask, status: int, code: int, error: type[Refusal]
) -> None:
    assert type(await _refused(mocked, answers, ask, status=status, payload=_body(code))) is error


@pytest.mark.parametrize(
    ("ask", "channel", "status", "code", "reason"),
    [
        (SMS, "sms", 403, 60007, U.CHANNEL_DISABLED),
        (VOICE, "voice", 403, 60006, U.CHANNEL_DISABLED),
        (PUSH, "push", 400, 60064, U.CHANNEL_DISABLED),
        *[(SMS, "sms", 403, code, U.LIMIT_REACHED) for code in (60009, 60010, 60120)],
        *[(VOICE, "voice", 403, code, U.LIMIT_REACHED) for code in (60011, 60012)],
        *[(SMS, "sms", 403, code, U.NUMBER_UNSUITABLE) for code in (60013, 60033, 60082, 60083, 60108)],
        (SMS, "sms", 403, 60115, U.NUMBER_OPTED_OUT),
        *[(SMS, "sms", 503, code, U.NOT_DELIVERED) for code in (60015, 60032, 60121)],
        (VOICE, "voice", 503, 60014, U.NOT_DELIVERED),
        *[(PUSH, "push", 400, code, U.NOT_DELIVERED) for code in (60053, 60079)],
        (READ, "push", 404, 60049, U.NOT_DELIVERED),
        *[(PUSH, "push", 400, code, U.APP_NOT_REGISTERED) for code in (60050, 60051, 60087, 60092, 60129)],
        *[(SMS, "sms", 503, code, U.ACCOUNT_SUSPENDED) for code in (60017, 60018, 60097, 60106, 60107)],
        (VERIFY, "app", 503, 60017, U.ACCOUNT_SUSPENDED),
    ],
)
async def test_a_channel_that_does_not_work_is_told_with_its_reason(
    mocked: Authy, answers: MockedAuthy, ask: Ask, channel: str, status: int, code: int, reason: Unavailable
) -> None:
    refused = await _refused(mocked, answers, ask, status=status, payload=_body(code))
    assert isinstance(refused, ChannelUnavailable)
    assert refused.members == {"channel": channel, "reason": reason}


@pytest.mark.parametrize(
    ("ask", "status", "body", "error"),
    [
        (SMS, 401, _body(None, "Invalid API key"), ProviderMisconfigured),
        (VERIFY, 401, _body(None, "Invalid API key"), ProviderMisconfigured),
        (SMS, 401, {"message": "No"}, ProviderMisconfigured),
        (SMS, 403, {}, ProviderMisconfigured),
        (ENROL, 400, _body(None, "User was not valid.", cellphone="is invalid"), PhoneRefused),
        (ENROL, 400, {}, PhoneRefused),
        (SMS, 404, _body(None, "User not found."), AccountUnknown),
        (VERIFY, 401, _body(None, "User doesn't exist."), AccountUnknown),
        (VERIFY, 401, _body(None, "Token is invalid", token="is invalid"), WrongCode),
        (VERIFY, 401, {"token": "is invalid"}, WrongCode),
        (VERIFY, 401, _body(69999, token="is invalid"), WrongCode),
        (VERIFY, 401, _body(None, "Token is invalid. Token was used recently"), ReusedCode),
        (VERIFY, 200, _body(None, token="is invalid"), WrongCode),
        (VERIFY, 401, {"error_code": 60020}, WrongCode),
        (SMS, 503, _body(None, "SMS is not enabled"), ChannelUnavailable),
        (VOICE, 503, _body(None, "Phone calls are not enabled on this account"), ChannelUnavailable),
        (SMS, 503, _body(None, "User has been suspended."), ChannelUnavailable),
        (SMS, 503, _body(None, "Rate limit exceeded"), ProviderUnavailable),
        (READ, 404, _body(None, f"Approval request not found: {_UUID}"), ChannelUnavailable),
        (SMS, 200, _body(60115), ChannelUnavailable),
        (SMS, 200, {"message": "no success told"}, ProviderUnavailable),
        (SMS, 200, {"success": "yes", "cellphone": "X"}, ProviderUnavailable),
        (SMS, 200, {"success": 1, "cellphone": "X"}, ProviderUnavailable),
        *[(SMS, 404, {"error_code": odd}, ProviderUnavailable) for odd in _NO_CODES],
    ],
)
async def test_an_answer_without_a_code_is_understood_by_message_and_status(
    mocked: Authy, answers: MockedAuthy, ask: Ask, status: int, body: object, error: type[Refusal]
) -> None:
    assert type(await _refused(mocked, answers, ask, status=status, payload=body)) is error


async def test_a_suspended_person_can_use_no_channel(mocked: Authy, answers: MockedAuthy) -> None:
    answers.will("GET", "/protected/json/users/1635/status", status=503, payload=_body(60017), repeat=True)
    answers.will("GET", "/protected/json/app/details", status=503, payload=_body(60000), repeat=True)
    found = await mocked.channels("1635")
    assert {each.channel: each.reason for each in found} == dict.fromkeys(PHONE_CHANNELS, U.ACCOUNT_SUSPENDED)


@pytest.mark.parametrize("ask", EVERY, ids=lambda ask: ask[1])
async def test_a_bad_key_alarms_the_operator(mocked: Authy, answers: MockedAuthy, ask: Ask) -> None:
    with capture_logs() as logs:
        await _refused(mocked, answers, ask, status=401, payload=_body(60001))
    (alarm,) = [line for line in logs if line["log_level"] == "error"]
    assert (alarm["event"], alarm["code"], alarm["status"]) == ("provider_misconfigured", 60001, 401)
    assert _VENDOR_TEXT not in str(logs)


@pytest.mark.parametrize("code", [60020, 60019, 60016, 60026])
async def test_a_persons_mistake_alarms_nobody(mocked: Authy, answers: MockedAuthy, code: int) -> None:
    with capture_logs() as logs:
        await _refused(mocked, answers, VERIFY, status=401, payload=_body(code))
    assert {line["log_level"] for line in logs} == {"info"}


@pytest.mark.parametrize(
    ("written", "seconds"), [("7", 7), ("999", 120), ("soon", None), ("-1", None), ("9" * 50, None), ("", None)]
)
async def test_how_long_to_wait_is_passed_on_within_reason(
    mocked: Authy, answers: MockedAuthy, written: str, seconds: int | None
) -> None:
    answer = {"status": 429, "payload": _body(60003), "headers": {"Retry-After": written}}
    assert (await _refused(mocked, answers, SMS, **answer)).retry_after == seconds


def test_every_code_that_the_contract_calls_a_logins_is_in_the_table() -> None:
    of_a_login = {
        60001,
        60002,
        60004,
        60006,
        60007,
        60016,
        60017,
        60018,
        60019,
        60020,
        60026,
        60027,
        60033,
        60038,
        60049,
        60050,
    }
    of_a_login |= {*range(60009, 60016), 60051, 60079, 60080, 60082, 60115}
    assert of_a_login <= ERRORS.keys()
