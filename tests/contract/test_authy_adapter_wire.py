"""Each request as it leaves us, byte by byte, and each good answer as it is understood."""

from urllib.parse import parse_qsl

import pytest

from services.twofactor.model.channel import PHONE_CHANNELS, Availability, Channel, Delivery, Unavailable
from services.twofactor.model.errors import AccountUnknown, ChannelUnavailable, ProviderUnavailable, WrongCode
from services.twofactor.model.provider import PushAnswer, PushRequest, PushStatus
from services.twofactor.providers.authy import Authy
from services.twofactor.providers.authy_status import AppDetails
from tests.contract.authy_wire import RecordingAuthy
from tests.contract.conftest import AUTHY_KEY
from tests.fakes.clock import FakeClock

_UUID = "550e8400-e29b-41d4-a716-446655440000"
_USER = {"message": "User created successfully.", "user": {"id": 1635}, "success": True}
_STATUS = {"status": {"authy_id": 1635, "registered": True, "account_disabled": False}, "success": True}
_APP = {"app": {"sms_enabled": True, "onetouch_enabled": True, "phone_calls_enabled": True}, "success": True}
_CREATED = {"approval_request": {"uuid": _UUID}, "success": True}
_SENT = {"success": True, "message": "SMS token was sent", "cellphone": "+57-XXX-XXX-XX12"}
_VALID = {"message": "Token is valid.", "token": "is valid", "success": "true"}
_REQUEST = PushRequest("Sign in?", {"Browser": "Firefox"}, {"challenge": "c-1"}, 120)


def _form(recording: RecordingAuthy) -> list[tuple[str, str]]:
    assert recording.last.headers["Content-Type"] == "application/x-www-form-urlencoded"
    return parse_qsl(recording.last.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)


def _require_request(recording: RecordingAuthy, method: str, target: str) -> None:
    assert (recording.last.method, recording.last.target) == (method, target)
    assert recording.last.headers["X-Authy-API-Key"] == AUTHY_KEY
    assert AUTHY_KEY not in recording.last.target


async def test_enrolling_names_the_person_and_sends_no_install_link(authy: Authy, recording: RecordingAuthy) -> None:
    recording.will_answer(_USER)
    assert await authy.enrol(email="eve+1@example.com", country_code=44, number="7700900123") == "1635"
    _require_request(recording, "POST", "/protected/json/users/new")
    assert _form(recording) == [
        ("user[email]", "eve+1@example.com"),
        ("user[cellphone]", "7700900123"),
        ("user[country_code]", "44"),
        ("send_install_link_via_sms", "false"),
    ]
    assert recording.last.body.startswith(b"user%5Bemail%5D=eve%2B1%40example.com&")


@pytest.mark.parametrize("written", [1635, "1635"])
async def test_an_id_may_be_a_number_or_text(authy: Authy, recording: RecordingAuthy, written: object) -> None:
    recording.will_answer(_USER | {"user": {"id": written}})
    assert await authy.enrol(email="e@example.com", country_code=44, number="7700900123") == "1635"


async def test_a_push_says_all_that_was_set_and_always_how_long_it_lives(
    authy: Authy, recording: RecordingAuthy
) -> None:
    recording.will_answer(_CREATED)
    request = PushRequest(
        "Sign in?", {"Browser": "Firefox"}, {"challenge": "c-1"}, 120, "https://login.example/logo.png"
    )
    assert await authy.push("1635", request) == _UUID
    _require_request(recording, "POST", "/onetouch/json/users/1635/approval_requests")
    assert _form(recording) == [
        ("message", "Sign in?"),
        ("details[Browser]", "Firefox"),
        ("hidden_details[challenge]", "c-1"),
        ("logos[][res]", "default"),
        ("logos[][url]", "https://login.example/logo.png"),
        ("seconds_to_expire", "120"),
    ]


async def test_a_push_names_nothing_that_was_not_set(authy: Authy, recording: RecordingAuthy) -> None:
    recording.will_answer(_CREATED)
    await authy.push("1635", PushRequest("Sign in?", {}, {}, 120))
    assert [key for key, _ in _form(recording)] == ["message", "seconds_to_expire"]


@pytest.mark.parametrize("seconds", [0, -1])
async def test_a_push_never_lives_for_ever(authy: Authy, recording: RecordingAuthy, seconds: int) -> None:
    recording.will_answer(_CREATED)
    await authy.push("1635", PushRequest("Sign in?", {}, {}, seconds))
    assert dict(_form(recording))["seconds_to_expire"] == "1"


async def test_long_texts_are_cut_and_a_strangers_bytes_cannot_spoil_the_form(
    authy: Authy, recording: RecordingAuthy
) -> None:
    recording.will_answer(_CREATED)
    details = {"A label that is far too long": "x" * 500, "Browser": "a\udcff\x00\r\nb&c=d[e]ü"}
    await authy.push("1635", PushRequest("m" * 500, details, {"k": "v" * 500}, 120))
    form = dict(_form(recording))
    assert form["message"] == "m" * 144
    assert form["details[A label that is far ]"] == "x" * 200
    assert form["details[Browser]"] == "a    b&c=d[e]ü"
    assert form["hidden_details[k]"] == "v" * 200


@pytest.mark.parametrize("status", list(PushStatus))
@pytest.mark.parametrize("account", [28894864, "28894864"])
async def test_a_push_is_read_back(
    authy: Authy, recording: RecordingAuthy, status: PushStatus, account: object
) -> None:
    read = {"_authy_id": account, "uuid": _UUID, "status": status, "hidden_details": {"challenge": "c-1"}}
    recording.will_answer({"approval_request": read, "success": True})
    assert await authy.read_push(_UUID) == PushAnswer(_UUID, "28894864", status, {"challenge": "c-1"})
    _require_request(recording, "GET", f"/onetouch/json/approval_requests/{_UUID}")


async def test_an_answer_about_another_push_is_not_believed(authy: Authy, recording: RecordingAuthy) -> None:
    other = {"_authy_id": 1, "uuid": "6" + _UUID[1:], "status": "approved"}
    recording.will_answer({"approval_request": other, "success": True})
    with pytest.raises(ProviderUnavailable):
        await authy.read_push(_UUID)


@pytest.mark.parametrize(("channel", "path"), [(Channel.SMS, "sms"), (Channel.VOICE, "call")])
async def test_a_code_is_sent_bound_and_not_forced(
    authy: Authy, recording: RecordingAuthy, channel: Channel, path: str
) -> None:
    recording.will_answer(_SENT)
    assert await authy.send_code("1635", channel, binding="c-1 &?") is Delivery.SENT
    _require_request(recording, "GET", f"/protected/json/{path}/1635?action=c-1+%26?")
    assert recording.last.body == b""


@pytest.mark.parametrize("ignored", [True, "true"])
async def test_a_text_that_was_held_back_sends_the_person_to_the_app(
    authy: Authy, recording: RecordingAuthy, ignored: object
) -> None:
    recording.will_answer(_SENT | {"ignored": ignored, "device": "android"})
    assert await authy.send_code("1635", Channel.SMS, binding="c-1") is Delivery.OPEN_APP


@pytest.mark.parametrize(
    "body", [{"success": True, "message": "SMS is broken"}, {"success": True, "cellphone": "", "ignored": "false"}]
)
async def test_a_success_that_names_no_number_is_doubted(authy: Authy, recording: RecordingAuthy, body: object) -> None:
    recording.will_answer(body)
    with pytest.raises(ChannelUnavailable) as refused:
        await authy.send_code("1635", Channel.SMS, binding="c-1")
    assert refused.value.members == {"channel": "sms", "reason": "not_delivered"}


@pytest.mark.parametrize("channel", [Channel.PUSH, Channel.APP])
async def test_a_code_goes_by_text_or_call_only(authy: Authy, recording: RecordingAuthy, channel: Channel) -> None:
    with pytest.raises(ChannelUnavailable):
        await authy.send_code("1635", channel, binding="c-1")
    assert recording.received == []


async def test_a_code_of_the_app_is_checked_by_force(authy: Authy, recording: RecordingAuthy) -> None:
    recording.will_answer(_VALID)
    await authy.require_code("1635", "0012345", binding=None)
    _require_request(recording, "GET", "/protected/json/verify/0012345/1635?force=true")


async def test_a_code_that_was_sent_is_checked_with_what_it_was_bound_to(
    authy: Authy, recording: RecordingAuthy
) -> None:
    recording.will_answer(_VALID)
    await authy.require_code("1635", "123456", binding="c-1")
    _require_request(recording, "GET", "/protected/json/verify/123456/1635?force=true&action=c-1")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, _VALID),
        (200, _VALID | {"token": "is invalid"}),
        (200, _VALID | {"token": True}),
        (200, _VALID | {"success": False}),
        (200, _VALID | {"success": "false"}),
        (200, _VALID | {"success": 1}),
        (200, {"token": "is valid"}),
        (401, _VALID),
    ],
)
async def test_a_code_passes_only_when_all_four_signs_agree(
    authy: Authy, recording: RecordingAuthy, status: int, body: object
) -> None:
    recording.will_answer(body, status)
    with pytest.raises(WrongCode):
        await authy.require_code("1635", "123456", binding=None)


@pytest.mark.parametrize("body", [{"success": "true", "message": "Token is valid."}, {"success": True}, {}])
async def test_an_answer_that_does_not_speak_of_the_code_is_no_answer(
    authy: Authy, recording: RecordingAuthy, body: object
) -> None:
    recording.will_answer(body)
    with pytest.raises(ProviderUnavailable):
        await authy.require_code("1635", "123456", binding=None)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "12345",
        "1" * 13,
        "١٢٣٤٥٦",
        "123456\n",
        " 123456",
        "12 3456",
        "-123456",
        "1234567/../x",
        "123456?force=false",
        "12345a",
        "𝟏𝟐𝟑𝟒𝟓𝟔",
        "１２３４５６",
        "²²²²²²",
    ],
)
async def test_what_is_no_code_never_reaches_a_url(authy: Authy, recording: RecordingAuthy, code: str) -> None:
    with pytest.raises(WrongCode):
        await authy.require_code("1635", code, binding=None)
    assert recording.received == []


@pytest.mark.parametrize("account", ["", "../1", "1?x", "1/remove", "٣", "-1", "1" * 21])
async def test_what_is_no_account_never_reaches_a_url(authy: Authy, recording: RecordingAuthy, account: str) -> None:
    for asked in (
        authy.channels(account),
        authy.push(account, _REQUEST),
        authy.send_code(account, Channel.SMS, binding="c"),
        authy.require_code(account, "123456", binding=None),
        authy.remove(account),
    ):
        with pytest.raises(AccountUnknown):
            await asked
    assert recording.received == []


@pytest.mark.parametrize("reference", ["", "../users", "a?b", "ü", "a" * 65])
async def test_what_is_no_reference_never_reaches_a_url(
    authy: Authy, recording: RecordingAuthy, reference: str
) -> None:
    with pytest.raises(ChannelUnavailable):
        await authy.read_push(reference)
    assert recording.received == []


async def test_removing_posts_to_the_documented_path(authy: Authy, recording: RecordingAuthy) -> None:
    recording.will_answer({"message": "User removed from application", "success": True})
    await authy.remove("1635")
    _require_request(recording, "POST", "/protected/json/users/1635/remove")
    assert "Content-Type" not in recording.last.headers


async def test_the_probe_asks_for_the_application(authy: Authy, recording: RecordingAuthy) -> None:
    recording.will_answer(_APP | {"app": {"sms_enabled": False}})
    assert await authy.probe() == AppDetails(push=True, sms=False, voice=True)
    _require_request(recording, "GET", "/protected/json/app/details")


async def _channels(authy: Authy, recording: RecordingAuthy, **changes: object) -> dict[Channel, Unavailable | None]:
    """Both questions are asked at once; each answer holds the members of both."""
    status = _STATUS["status"] | changes.pop("status", {})  # type: ignore[operator]
    app = _APP["app"] | changes.pop("app", {})  # type: ignore[operator]
    recording.replies.clear()
    recording.will_answer({"status": status, "app": app, "success": True})
    return {each.channel: each.reason for each in await authy.channels("1635")}


async def test_a_person_with_the_app_can_use_all_channels_best_first(authy: Authy, recording: RecordingAuthy) -> None:
    assert await _channels(authy, recording) == dict.fromkeys(PHONE_CHANNELS)
    assert {each.target for each in recording.received} == {
        "/protected/json/users/1635/status",
        "/protected/json/app/details",
    }
    assert [each.channel for each in await authy.channels("1635")] == [
        Channel.PUSH,
        Channel.APP,
        Channel.SMS,
        Channel.VOICE,
    ]


async def test_without_the_app_there_are_texts_and_calls(authy: Authy, recording: RecordingAuthy) -> None:
    missing = Unavailable.APP_NOT_REGISTERED
    expected = {Channel.PUSH: missing, Channel.APP: missing, Channel.SMS: None, Channel.VOICE: None}
    assert await _channels(authy, recording, status={"registered": False}) == expected


@pytest.mark.parametrize(
    ("switch", "channel"),
    [("onetouch_enabled", Channel.PUSH), ("sms_enabled", Channel.SMS), ("phone_calls_enabled", Channel.VOICE)],
)
async def test_a_channel_that_is_switched_off_is_told(
    authy: Authy, recording: RecordingAuthy, switch: str, channel: Channel
) -> None:
    expected = dict.fromkeys(PHONE_CHANNELS) | {channel: Unavailable.CHANNEL_DISABLED}
    assert await _channels(authy, recording, app={switch: False}) == expected


async def test_a_disabled_person_can_use_nothing(authy: Authy, recording: RecordingAuthy) -> None:
    expected = dict.fromkeys(PHONE_CHANNELS, Unavailable.ACCOUNT_SUSPENDED)
    assert await _channels(authy, recording, status={"account_disabled": True}) == expected


async def test_the_switches_are_remembered_for_a_minute(
    authy: Authy, recording: RecordingAuthy, clock: FakeClock
) -> None:
    await _channels(authy, recording)
    clock.advance(seconds=59)
    assert await _channels(authy, recording, app={"sms_enabled": False}) == dict.fromkeys(PHONE_CHANNELS)
    clock.advance(seconds=1)
    assert (await _channels(authy, recording, app={"sms_enabled": False}))[Channel.SMS] is Unavailable.CHANNEL_DISABLED


async def test_without_the_switches_the_status_alone_counts(authy: Authy, recording: RecordingAuthy) -> None:
    recording.will_answer(_STATUS)
    assert await authy.channels("1635") == [Availability(channel) for channel in PHONE_CHANNELS]


async def test_switches_that_cannot_be_read_are_left_alone_for_five_seconds(
    authy: Authy, recording: RecordingAuthy, clock: FakeClock
) -> None:
    recording.will_answer(_STATUS)
    for seconds, asked in ((0, 1), (4, 1), (1, 2)):
        clock.advance(seconds=seconds)
        await authy.channels("1635")
        assert [each.target for each in recording.received].count("/protected/json/app/details") == asked


@pytest.mark.parametrize("status", [None, [], {}, {"registered": "yes"}, {"registered": None}])
async def test_a_status_that_makes_no_sense_is_no_answer(
    authy: Authy, recording: RecordingAuthy, status: object
) -> None:
    recording.will_answer(_APP | {"status": status})
    with pytest.raises(ProviderUnavailable):
        await authy.channels("1635")
