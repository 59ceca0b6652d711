"""Authy away, slow, broken or talking nonsense; and what may be asked twice."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from services.twofactor.model.channel import Channel, Delivery
from services.twofactor.model.errors import ProviderMisconfigured, ProviderUnavailable, Refusal
from services.twofactor.model.provider import PushRequest
from services.twofactor.providers.authy import Authy
from tests.contract.authy_wire import MockedAuthy, RecordingAuthy, answer, hang_up
from tests.contract.conftest import AUTHY_KEY
from tests.fakes.clock import FakeClock

_UUID = "550e8400-e29b-41d4-a716-446655440000"
_CODE, _PHONE, _EMAIL = "8675309", "7700900123", "eve@example.com"
Ask = Callable[[Authy], Awaitable[Any]]

REPEATABLE: dict[str, Ask] = {
    "enrol": lambda authy: authy.enrol(email=_EMAIL, country_code=44, number=_PHONE),
    "read_push": lambda authy: authy.read_push(_UUID),
    "probe": lambda authy: authy.probe(),
}
ONCE: dict[str, Ask] = {
    "push": lambda authy: authy.push("1635", PushRequest("Sign in?", {}, {}, 120)),
    "sms": lambda authy: authy.send_code("1635", Channel.SMS, binding="c"),
    "call": lambda authy: authy.send_code("1635", Channel.VOICE, binding="c"),
    "verify": lambda authy: authy.require_code("1635", _CODE, binding="c"),
    "remove": lambda authy: authy.remove("1635"),
}
EVERY = REPEATABLE | ONCE
each = pytest.mark.parametrize("ask", EVERY.values(), ids=EVERY)
each_once = pytest.mark.parametrize("ask", ONCE.values(), ids=ONCE)
each_repeatable = pytest.mark.parametrize("ask", REPEATABLE.values(), ids=REPEATABLE)


async def _require_unavailable(authy: Authy, ask: Ask) -> None:
    with pytest.raises(ProviderUnavailable) as refused:
        await ask(authy)
    assert type(refused.value) is ProviderUnavailable
    assert refused.value.args == ()
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


async def _slow(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3)
    return web.Response()


async def _never_ending(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    with suppress(ConnectionError):
        for _ in range(100):
            await response.write(b" " * 64 * 1024)
    return response


@each
@pytest.mark.parametrize(
    "body",
    [
        b"<html><h1>502 Bad Gateway</h1></html>",
        b"Requested URL was not found on this server",
        b"",
        b"null",
        b"[]",
        b'"ok"',
        b"{",
        b"{}",
        b'{"success": NaN}',
        b'{"success": true, "x": "\xff"}',
        b"[" * 50_000,
        b" " * 300_000 + b"{}",
    ],
    ids=lambda body: repr(body[:20]),
)
@pytest.mark.parametrize("status", [200, 503])
async def test_what_is_no_sound_object_is_no_answer(
    authy: Authy, recording: RecordingAuthy, ask: Ask, body: bytes, status: int
) -> None:
    recording.will(answer(body, status))
    await _require_unavailable(authy, ask)


@pytest.mark.parametrize("name", ["enrol", "read_push", "probe", "push"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"user": None, "approval_request": None, "app": None},
        {"user": [], "approval_request": "x", "app": 5},
        {"user": {}, "approval_request": {}, "app": []},
        {"user": {"id": "../1"}, "approval_request": {"uuid": "../1", "_authy_id": 1, "status": "approved"}},
        {"user": {"id": True}, "approval_request": {"uuid": 1, "_authy_id": 1, "status": "approved"}},
        {"user": {"id": 1.5}, "approval_request": {"uuid": [], "_authy_id": 1, "status": "approved"}},
    ],
    ids=str,
)
async def test_a_success_of_wrong_types_is_no_answer(
    authy: Authy, recording: RecordingAuthy, name: str, more: dict[str, object]
) -> None:
    recording.will_answer({"success": True} | more)
    await _require_unavailable(authy, EVERY[name])


@pytest.mark.parametrize(
    "odd",
    [
        {"status": "cancelled"},
        {"status": None},
        {"status": []},
        {"_authy_id": None},
        {"_authy_id": "x"},
        {"_authy_id": -1},
    ],
    ids=str,
)
async def test_a_push_in_no_known_state_is_no_answer(
    authy: Authy, recording: RecordingAuthy, odd: dict[str, object]
) -> None:
    request = {"uuid": _UUID, "_authy_id": 1635, "status": "approved"} | odd
    recording.will_answer({"success": True, "approval_request": request})
    await _require_unavailable(authy, REPEATABLE["read_push"])


@each
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed_with_our_key(
    authy: Authy, recording: RecordingAuthy, ask: Ask, status: int
) -> None:
    recording.will(answer(b"", status, Location="/elsewhere"))
    await _require_unavailable(authy, ask)
    assert all("/elsewhere" not in request.target for request in recording.received)


@each
async def test_an_answer_that_never_ends_is_cut_off(authy: Authy, recording: RecordingAuthy, ask: Ask) -> None:
    recording.will(_never_ending)
    await _require_unavailable(authy, ask)


@each
async def test_a_slow_vendor_costs_no_more_than_the_time_budget(
    authy: Authy, recording: RecordingAuthy, clock: FakeClock, ask: Ask
) -> None:
    recording.will(_slow)
    hasty = Authy.over(
        authy.http.session,
        base_url=authy.http.base_url,
        api_key=AUTHY_KEY,
        clock=clock,
        jitter=lambda: 0.0,
        budget=0.3,
    )
    begun = time.monotonic()
    await _require_unavailable(hasty, ask)
    assert time.monotonic() - begun < 2


@each
async def test_nobody_listening_is_the_vendor_being_away(session: ClientSession, clock: FakeClock, ask: Ask) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        authy = Authy.over(session, base_url=url, api_key=AUTHY_KEY, clock=clock, jitter=lambda: 0.0, budget=2.0)
        await _require_unavailable(authy, ask)


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ClientConnectionError("https://api.authy.com/protected/json/verify/8675309/1"),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError("x"),
        aiohttp.TooManyRedirects(None, ()),  # type: ignore[arg-type]
        aiohttp.InvalidURL("https://x"),
        TimeoutError(),
        ConnectionResetError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_the_client_raises_is_the_vendor_being_away(
    mocked: Authy, answers: MockedAuthy, error: Exception
) -> None:
    answers.will("GET", f"/protected/json/verify/{_CODE}/1635?force=true&action=c", exception=error, repeat=True)
    await _require_unavailable(mocked, ONCE["verify"])
    assert answers.calls == 1


@each_once
@pytest.mark.parametrize("reply", [hang_up, answer({}, 503), answer({}, 429), answer(b"<html>", 502)], ids=range(4))
async def test_what_has_an_effect_is_asked_once_only(
    authy: Authy, recording: RecordingAuthy, ask: Ask, reply: Any
) -> None:
    recording.will(reply)
    await _require_unavailable(authy, ask)
    assert len(recording.received) == 1


@each_once
async def test_a_kept_connection_that_breaks_does_not_ask_again(
    authy: Authy, recording: RecordingAuthy, ask: Ask
) -> None:
    # aiohttp sends a GET again by itself when the connection breaks: a second text message, or a spent code.
    recording.will_answer({"success": True, "app": {}})
    await authy.probe()
    recording.replies.clear()
    recording.will(hang_up)
    await _require_unavailable(authy, ask)
    assert len(recording.received) == 2


@each_repeatable
@pytest.mark.parametrize("reply", [hang_up, answer({}, 503), answer({}, 429), answer(b"<html>", 502)], ids=range(4))
async def test_what_has_no_effect_is_asked_three_times(
    authy: Authy, recording: RecordingAuthy, ask: Ask, reply: Any
) -> None:
    recording.will(reply)
    await _require_unavailable(authy, ask)
    assert len(recording.received) == 3


@each_repeatable
async def test_a_vendor_that_recovers_is_not_noticed(authy: Authy, recording: RecordingAuthy, ask: Ask) -> None:
    request = {"uuid": _UUID, "_authy_id": 1635, "status": "pending"}
    good = answer({"success": True, "user": {"id": 1}, "app": {}, "approval_request": request})
    recording.will(answer({}, 503), hang_up, good)
    await ask(authy)
    assert len(recording.received) == 3


@each_repeatable
@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_plain_refusal_is_not_asked_again(
    authy: Authy, recording: RecordingAuthy, ask: Ask, status: int
) -> None:
    recording.will_answer({}, status)
    with pytest.raises(Refusal):
        await ask(authy)
    assert len(recording.received) == 1


@each_repeatable
@pytest.mark.parametrize("status", [429, 503])
async def test_a_vendor_that_names_a_time_is_not_asked_before_it(
    authy: Authy, recording: RecordingAuthy, ask: Ask, status: int
) -> None:
    recording.will(answer({}, status, **{"Retry-After": "30"}))
    with pytest.raises(ProviderUnavailable) as refused:
        await ask(authy)
    assert (len(recording.received), refused.value.retry_after) == (1, 30)


async def test_a_caller_who_leaves_is_let_go(authy: Authy, recording: RecordingAuthy) -> None:
    recording.will(_slow)
    asked = asyncio.ensure_future(ONCE["sms"](authy))
    await asyncio.sleep(0.05)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_half_a_character_breaks_nothing(authy: Authy, recording: RecordingAuthy) -> None:
    recording.will_answer({"success": True})
    await _require_unavailable(authy, lambda a: a.enrol(email="\ud800@example.com", country_code=44, number=_PHONE))
    assert recording.received == []


@each
@pytest.mark.parametrize(
    "reply", [hang_up, answer(b"<html>", 502), answer({"error_code": "60001"}, 401), answer({}, 500)], ids=range(4)
)
async def test_nothing_secret_reaches_logs_or_errors(
    authy: Authy, recording: RecordingAuthy, ask: Ask, reply: Any
) -> None:
    recording.will(reply)
    with capture_logs() as logs, pytest.raises(Refusal) as refused:
        await ask(authy)
    told = f"{logs} {refused.value!r} {refused.value.members} {authy!r}"
    assert logs
    assert not [secret for secret in (AUTHY_KEY, _CODE, _PHONE, _EMAIL, "1635", _UUID) if secret in told]


async def test_the_probe_tells_a_bad_key_from_a_silent_vendor(authy: Authy, recording: RecordingAuthy) -> None:
    recording.will(answer({"error_code": "60001"}, 401), answer({}, 500))
    with pytest.raises(ProviderMisconfigured):
        await authy.probe()
    await _require_unavailable(authy, REPEATABLE["probe"])


async def test_an_authy_at_a_path_of_another_host_is_spoken_to_there(recording: RecordingAuthy, authy: Authy) -> None:
    recording.will_answer({"success": True, "cellphone": "X"})
    assert await ONCE["sms"](authy) is Delivery.SENT
    assert recording.last.target.startswith("/protected/json/sms/")
