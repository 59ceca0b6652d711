"""One suite for the provider in memory and for the Authy adapter in front of the simulator: what the port promises."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from services.twofactor.model.channel import PHONE_CHANNELS, Channel, Delivery, Unavailable
from services.twofactor.model.errors import (
    AccountUnknown,
    ChannelUnavailable,
    ForgedCallback,
    ProviderMisconfigured,
    ProviderUnavailable,
    Refusal,
    ReusedCode,
    WrongCode,
)
from services.twofactor.model.provider import PushAnswer, PushRequest, PushStatus
from services.twofactor.ports import Provider
from services.twofactor.providers.authy import Authy
from services.twofactor.providers.authy_callback import AuthyCallbackReader
from tests.fakes.clock import FakeClock
from tests.fakes.provider import FakeProvider
from tools.authy_simulator import API_KEY
from tools.authy_simulator.app import create_app
from tools.authy_simulator.settings import Settings

_REQUEST = PushRequest("Sign in to Countersign?", {"Browser": "Firefox ~ 1"}, {"challenge": "c-1"}, 120)
_NUMBER = "7700900123"
_NOBODY = "99999999"
_NO_PUSH = "00000000-0000-4000-8000-999999999999"


class Phone(Protocol):
    """The person's phone in the test's hand."""

    async def approve(self, reference: str) -> None: ...
    async def deny(self, reference: str) -> None: ...
    async def expire(self, reference: str) -> None: ...
    async def set_app(self, account: str, *, registered: bool) -> None: ...
    async def app_token(self, account: str) -> str: ...
    async def last_code(self, account: str) -> str: ...


@dataclass
class FakePhone:
    provider: FakeProvider

    async def approve(self, reference: str) -> None:
        self.provider.approve(reference)

    async def deny(self, reference: str) -> None:
        self.provider.deny(reference)

    async def expire(self, reference: str) -> None:
        self.provider.expire(reference)

    async def set_app(self, account: str, *, registered: bool) -> None:
        self.provider.set_app(account, registered=registered)
        # Authy texts only those who have no app.
        if registered:
            self.provider.hold_texts_back()

    async def app_token(self, account: str) -> str:
        return self.provider.app_token(account)

    async def last_code(self, account: str) -> str:
        return self.provider.last_code(account)


@dataclass
class SimulatedPhone:
    """Steers the simulator as scripts do, over its control API."""

    session: ClientSession
    url: str
    clock: FakeClock

    async def control(self, method: str, path: str, body: object = None) -> Any:
        async with self.session.request(method, f"{self.url}/control/{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def screen(self) -> dict[str, Any]:
        screen: dict[str, Any] = await self.control("GET", f"phones/44-{_NUMBER}")
        return screen

    async def approve(self, reference: str) -> None:
        await self.control("POST", f"approval_requests/{reference}/approve")

    async def deny(self, reference: str) -> None:
        await self.control("POST", f"approval_requests/{reference}/deny")

    async def expire(self, reference: str) -> None:
        self.clock.advance(seconds=_REQUEST.seconds_to_expire + 1)

    async def set_app(self, account: str, *, registered: bool) -> None:
        await self.control("PATCH", f"phones/44-{_NUMBER}", {"registered": registered})

    async def app_token(self, account: str) -> str:
        self.clock.advance(seconds=30)  # the next one: each is good once
        token: str = (await self.screen())["app_token"]
        return token

    async def last_code(self, account: str) -> str:
        code: str = (await self.screen())["messages"][0]["code"]
        return code

    async def fault(self, **rule: object) -> None:
        await self.control("PUT", "faults", {"rules": [rule]})


@dataclass
class Mailbox:
    """Where the simulator posts its callbacks."""

    letters: list[tuple[str, Any, bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.letters.append((request.method, request.headers, await request.read()))
        return web.Response()


@dataclass(frozen=True)
class Simulator:
    authy: Authy
    phone: SimulatedPhone
    mailbox: Mailbox
    reader: AuthyCallbackReader

    def read_callback(self) -> tuple[str, PushAnswer]:
        method, headers, body = self.mailbox.letters[-1]
        return self.reader.read(method=method, headers=headers, body=body)


@pytest.fixture
async def simulator(session: ClientSession, clock: FakeClock) -> AsyncIterator[Simulator]:
    mailbox = Mailbox()
    door = web.Application()
    door.router.add_route("*", "/callbacks/authy", mailbox.take)
    async with TestServer(door) as post:
        callback_url = str(post.make_url("/callbacks/authy"))
        app = create_app(Settings(callback_url=callback_url), clock=clock)
        async with TestServer(app) as server:
            url = str(server.make_url("")).rstrip("/")
            authy = Authy.over(session, base_url=url, api_key=API_KEY, clock=clock, jitter=lambda: 0.0)
            reader = AuthyCallbackReader(API_KEY, callback_url, clock)
            yield Simulator(authy, SimulatedPhone(session, url, clock), mailbox, reader)


Vendor = tuple[Provider, Phone]


@pytest.fixture(params=["fake", "simulator"])
def vendor(request: pytest.FixtureRequest) -> Vendor:
    if request.param == "fake":
        fake = FakeProvider()
        return fake, FakePhone(fake)
    simulator: Simulator = request.getfixturevalue("simulator")
    return simulator.authy, simulator.phone


async def _enrolled(vendor: Vendor, *, app: bool = True) -> str:
    provider, phone = vendor
    account = await provider.enrol(email="eve@example.com", country_code=44, number=_NUMBER)
    await phone.set_app(account, registered=app)
    return account


async def test_the_same_phone_is_the_same_account(vendor: Vendor) -> None:
    account = await _enrolled(vendor)
    assert account == await vendor[0].enrol(email="mallory@example.com", country_code=44, number=_NUMBER)
    assert account != await vendor[0].enrol(email="eve@example.com", country_code=44, number="7700900456")


async def test_a_person_with_the_app_has_four_ways_best_first(vendor: Vendor) -> None:
    found = await vendor[0].channels(await _enrolled(vendor))
    assert [(each.channel, each.reason) for each in found] == [(channel, None) for channel in PHONE_CHANNELS]


async def test_a_person_without_the_app_has_two(vendor: Vendor) -> None:
    found = await vendor[0].channels(await _enrolled(vendor, app=False))
    missing = Unavailable.APP_NOT_REGISTERED
    assert [each.reason for each in found] == [missing, missing, None, None]


async def test_a_push_is_pending_until_it_is_answered(vendor: Vendor) -> None:
    provider, phone = vendor
    account = await _enrolled(vendor)
    reference = await provider.push(account, _REQUEST)
    answer = await provider.read_push(reference)
    assert (answer.reference, answer.account, answer.status) == (reference, account, PushStatus.PENDING)
    await phone.approve(reference)
    assert await provider.read_push(reference) == PushAnswer(
        reference, account, PushStatus.APPROVED, {"challenge": "c-1"}
    )


async def test_a_push_can_be_denied(vendor: Vendor) -> None:
    provider, phone = vendor
    reference = await provider.push(await _enrolled(vendor), _REQUEST)
    await phone.deny(reference)
    assert (await provider.read_push(reference)).status is PushStatus.DENIED


async def test_a_push_that_nobody_answers_expires(vendor: Vendor) -> None:
    provider, phone = vendor
    reference = await provider.push(await _enrolled(vendor), _REQUEST)
    await phone.expire(reference)
    assert (await provider.read_push(reference)).status is PushStatus.EXPIRED


async def test_every_push_is_one_of_its_own(vendor: Vendor) -> None:
    provider, phone = vendor
    account = await _enrolled(vendor)
    first, second = await provider.push(account, _REQUEST), await provider.push(account, _REQUEST)
    await phone.approve(first)
    assert first != second
    assert (await provider.read_push(second)).status is PushStatus.PENDING


async def test_without_the_app_there_is_no_push(vendor: Vendor) -> None:
    account = await _enrolled(vendor, app=False)
    with pytest.raises(ChannelUnavailable) as refused:
        await vendor[0].push(account, _REQUEST)
    assert (refused.value.channel, refused.value.reason) == (Channel.PUSH, Unavailable.APP_NOT_REGISTERED)


async def test_a_push_that_was_never_made_cannot_be_read(vendor: Vendor) -> None:
    with pytest.raises(ChannelUnavailable) as refused:
        await vendor[0].read_push(_NO_PUSH)
    assert (refused.value.channel, refused.value.reason) == (Channel.PUSH, Unavailable.NOT_DELIVERED)


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
async def test_a_code_that_was_sent_is_good_once_and_for_its_binding_only(vendor: Vendor, channel: Channel) -> None:
    provider, phone = vendor
    account = await _enrolled(vendor, app=False)
    assert await provider.send_code(account, channel, binding="c-1") is Delivery.SENT
    code = await phone.last_code(account)
    for foreign in ("c-2", None):
        with pytest.raises(WrongCode):
            await provider.require_code(account, code, binding=foreign)
    await provider.require_code(account, code, binding="c-1")
    with pytest.raises(ReusedCode):
        await provider.require_code(account, code, binding="c-1")


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
async def test_a_person_with_the_app_is_sent_there(vendor: Vendor, channel: Channel) -> None:
    provider, phone = vendor
    account = await _enrolled(vendor)
    assert await provider.send_code(account, channel, binding="c-1") is Delivery.OPEN_APP
    await provider.require_code(account, await phone.app_token(account), binding=None)


async def test_a_code_of_the_app_is_good_once(vendor: Vendor) -> None:
    provider, phone = vendor
    account = await _enrolled(vendor)
    token = await phone.app_token(account)
    await provider.require_code(account, token, binding=None)
    with pytest.raises(ReusedCode):
        await provider.require_code(account, token, binding=None)
    await provider.require_code(account, await phone.app_token(account), binding=None)


async def test_a_code_of_the_app_is_not_good_for_what_was_sent(vendor: Vendor) -> None:
    provider, phone = vendor
    account = await _enrolled(vendor)
    with pytest.raises(WrongCode):
        await provider.require_code(account, await phone.app_token(account), binding="c-1")


@pytest.mark.parametrize("code", ["0000000", "12345", "١٢٣٤٥٦٧", "", "1234567/1", "abcdefg"])
async def test_a_wrong_code_is_wrong_even_before_the_first_right_one(vendor: Vendor, code: str) -> None:
    # Without force, Authy passes any code of a person who has never confirmed one.
    account = await _enrolled(vendor, app=False)
    with pytest.raises(WrongCode) as refused:
        await vendor[0].require_code(account, code, binding=None)
    assert type(refused.value) is WrongCode


@pytest.mark.parametrize(
    "ask",
    [
        lambda provider: provider.channels(_NOBODY),
        lambda provider: provider.push(_NOBODY, _REQUEST),
        lambda provider: provider.send_code(_NOBODY, Channel.SMS, binding="c-1"),
        lambda provider: provider.require_code(_NOBODY, "1234567", binding=None),
        lambda provider: provider.remove(_NOBODY),
    ],
    ids=["channels", "push", "send_code", "require_code", "remove"],
)
async def test_who_was_never_enrolled_is_unknown(vendor: Vendor, ask: Callable[[Provider], Awaitable[object]]) -> None:
    with pytest.raises(AccountUnknown):
        await ask(vendor[0])


async def test_who_was_removed_can_be_enrolled_again(vendor: Vendor) -> None:
    account = await _enrolled(vendor)
    await vendor[0].remove(account)
    again = await _enrolled(vendor)
    assert await vendor[0].push(again, _REQUEST)


# From here on the simulator alone: what only a wire can do.


@pytest.mark.parametrize("answer", [PushStatus.APPROVED, PushStatus.DENIED])
async def test_the_simulators_own_signature_is_believed(simulator: Simulator, answer: PushStatus) -> None:
    account = await _enrolled((simulator.authy, simulator.phone))
    reference = await simulator.authy.push(account, _REQUEST)
    press = simulator.phone.approve if answer is PushStatus.APPROVED else simulator.phone.deny
    await press(reference)
    mark, read = simulator.read_callback()
    assert read == PushAnswer(reference, account, answer, {"challenge": "c-1"})
    assert mark == simulator.read_callback()[0]
    assert read == await simulator.authy.read_push(reference)


@pytest.mark.parametrize("fault", ["badly_signed", "stale", "get"])
async def test_a_callback_that_goes_wrong_is_forged(simulator: Simulator, fault: str) -> None:
    account = await _enrolled((simulator.authy, simulator.phone))
    reference = await simulator.authy.push(account, _REQUEST)
    await simulator.phone.fault(fault=fault)
    await simulator.phone.approve(reference)
    with pytest.raises(ForgedCallback):
        simulator.read_callback()


async def test_a_flagged_approval_is_read_as_a_denial(simulator: Simulator) -> None:
    account = await _enrolled((simulator.authy, simulator.phone))
    reference = await simulator.authy.push(account, _REQUEST)
    await simulator.phone.fault(fault="flagged")
    await simulator.phone.approve(reference)
    assert simulator.read_callback()[1].status is PushStatus.DENIED


async def test_a_callback_from_a_merged_account_names_the_other_one(simulator: Simulator) -> None:
    account = await _enrolled((simulator.authy, simulator.phone))
    reference = await simulator.authy.push(account, _REQUEST)
    await simulator.phone.fault(fault="other_authy_id")
    await simulator.phone.approve(reference)
    assert simulator.read_callback()[1].account != account


async def test_the_phone_shows_what_was_asked(simulator: Simulator) -> None:
    account = await _enrolled((simulator.authy, simulator.phone))
    request = PushRequest("Sign in?", {"Browser": "Firefox"}, {"challenge": "c-1"}, 90, "https://login.example/l.png")
    reference = await simulator.authy.push(account, request)
    shown = (await simulator.phone.screen())["approval_requests"][0]
    assert shown | {"created_at": None} == {
        "uuid": reference,
        "status": "pending",
        "message": "Sign in?",
        "details": {"Browser": "Firefox"},
        "hidden_details": {"challenge": "c-1"},
        "logos": [{"res": "default", "url": "https://login.example/l.png"}],
        "seconds_to_expire": 90,
        "created_at": None,
    }


_ASK: dict[str, Callable[[Authy, str], Awaitable[object]]] = {
    "users/new": lambda authy, _: authy.enrol(email="eve@example.com", country_code=44, number=_NUMBER),
    "users/status": lambda authy, account: authy.channels(account),
    "approval_requests/create": lambda authy, account: authy.push(account, _REQUEST),
    "sms": lambda authy, account: authy.send_code(account, Channel.SMS, binding="c-1"),
    "call": lambda authy, account: authy.send_code(account, Channel.VOICE, binding="c-1"),
    "verify": lambda authy, account: authy.require_code(account, "1234567", binding=None),
    "users/remove": lambda authy, account: authy.remove(account),
    "app/details": lambda authy, _: authy.probe(),
}


@pytest.mark.parametrize("fault", ["429", "503", "html", "wrong_json", "reset", "error"])
@pytest.mark.parametrize("endpoint", _ASK)
async def test_on_a_bad_day_the_vendor_is_away_and_nothing_worse(
    simulator: Simulator, endpoint: str, fault: str
) -> None:
    account = await _enrolled((simulator.authy, simulator.phone))
    status = {"status": 500} if fault == "error" else {}
    await simulator.phone.fault(endpoint=endpoint, fault=fault, **status)
    with pytest.raises(ProviderUnavailable) as refused:
        await _ASK[endpoint](simulator.authy, account)
    assert type(refused.value) is ProviderUnavailable


async def test_a_json_answer_that_calls_itself_html_is_read(simulator: Simulator) -> None:
    account = await _enrolled((simulator.authy, simulator.phone))
    await simulator.phone.fault(endpoint="sms", fault="html_type", code="60007")
    with pytest.raises(ChannelUnavailable):
        await simulator.authy.send_code(account, Channel.SMS, binding="c-1")


async def test_a_short_trouble_is_not_noticed_where_asking_again_is_safe(simulator: Simulator) -> None:
    await simulator.phone.fault(endpoint="users/new", fault="503", count=2)
    assert await _enrolled((simulator.authy, simulator.phone))


async def test_a_lost_answer_to_a_push_leaves_one_prompt_on_the_phone(simulator: Simulator) -> None:
    account = await _enrolled((simulator.authy, simulator.phone))
    slow = Authy.over(
        simulator.phone.session,
        base_url=simulator.phone.url,
        api_key=API_KEY,
        clock=simulator.phone.clock,
        jitter=lambda: 0.0,
        budget=0.3,
    )
    await simulator.phone.fault(endpoint="approval_requests/create", fault="slow", seconds=0.6)
    with pytest.raises(ProviderUnavailable):
        await slow.push(account, _REQUEST)
    await asyncio.sleep(0.5)
    assert len((await simulator.phone.screen())["approval_requests"]) <= 1


async def test_a_wrong_key_is_the_operators_to_mend(simulator: Simulator) -> None:
    phone = simulator.phone
    stranger = Authy.over(phone.session, base_url=phone.url, api_key="wrong", clock=phone.clock, jitter=lambda: 0.0)
    for endpoint in ("users/new", "sms", "verify", "app/details"):
        with pytest.raises(ProviderMisconfigured):
            await _ASK[endpoint](stranger, "1")


@pytest.mark.parametrize(
    ("code", "endpoint", "reason"),
    [
        ("60007", "sms", "channel_disabled"),
        ("60115", "sms", "number_opted_out"),
        ("60051", "approval_requests/create", "app_not_registered"),
    ],
)
async def test_the_simulators_error_codes_are_told_as_reasons(
    simulator: Simulator, code: str, endpoint: str, reason: str
) -> None:
    account = await _enrolled((simulator.authy, simulator.phone))
    await simulator.phone.fault(endpoint=endpoint, fault="error", code=code)
    with pytest.raises(Refusal) as refused:
        await _ASK[endpoint](simulator.authy, account)
    assert refused.value.members["reason"] == reason
