"""Authy as a provider of second factors: people, OneTouch pushes, codes by app, SMS and voice."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import ClientSession

from chassis.clock import Clock
from services.twofactor.model.channel import PHONE_CHANNELS, Availability, Channel, Delivery, Unavailable
from services.twofactor.model.errors import AccountUnknown, ChannelUnavailable, WrongCode
from services.twofactor.model.provider import PushAnswer, PushRequest
from services.twofactor.providers.authy_answers import as_id, as_object, is_id, is_reference, is_true
from services.twofactor.providers.authy_call import Answer, Call, Purpose
from services.twofactor.providers.authy_errors import refusal
from services.twofactor.providers.authy_http import AuthyHttp
from services.twofactor.providers.authy_push import push_form, read_answer, read_reference
from services.twofactor.providers.authy_status import AppDetails, AppSwitches, availability, read_status

# ASCII digits only (`\d` and `isdigit` take those of every script), because the code becomes part of the URL.
_CODE = re.compile(r"[0-9]{6,12}")
_SENDING = {Channel.SMS: "sms", Channel.VOICE: "call"}
_ACTION_LENGTH = 255


@dataclass(frozen=True)
class Authy:
    """Implements `ports.Provider`; `account` is the authy_id in decimal."""

    http: AuthyHttp
    switches: AppSwitches
    name: str = "authy"

    @classmethod
    def over(
        cls,
        session: ClientSession,
        *,
        base_url: str,
        api_key: str,
        clock: Clock,
        jitter: Callable[[], float],
        budget: float = 6.0,
    ) -> "Authy":
        """For the composition root. `budget`: seconds per call in all; `jitter`: chance, 0 to 1 (`random.random`)."""
        http = AuthyHttp(session, base_url, api_key, budget, jitter)
        return cls(http, AppSwitches(http, clock))

    async def enrol(self, *, email: str, country_code: int, number: str) -> str:
        """The same phone always answers the same account, so this may be repeated."""
        form = {
            "user[email]": email,
            "user[cellphone]": number,
            "user[country_code]": str(country_code),
            "send_install_link_via_sms": "false",
        }
        return await self.http.read(Call(Purpose.ENROL, "POST", "/protected/json/users/new", form=form), _read_account)

    async def channels(self, account: str) -> Sequence[Availability]:
        """From the person's status and our application's switches, asked at the same time."""
        call = Call(Purpose.STATUS, "GET", f"/protected/json/users/{_person(account)}/status", channel=Channel.PUSH)
        try:
            person, app = await asyncio.gather(self.http.read(call, read_status), self.switches.current())
        except ChannelUnavailable as trouble:
            return [Availability(channel, trouble.reason) for channel in PHONE_CHANNELS]
        return availability(person, app)

    async def push(self, account: str, request: PushRequest) -> str:
        """One prompt on all of the person's devices."""
        path = f"/onetouch/json/users/{_person(account)}/approval_requests"
        call = Call(Purpose.PUSH, "POST", path, form=push_form(request), channel=Channel.PUSH)
        return await self.http.read(call, read_reference)

    async def read_push(self, reference: str) -> PushAnswer:
        """Believed only if Authy answers for the very request that was asked about."""
        if not is_reference(reference):
            raise ChannelUnavailable(Channel.PUSH, Unavailable.NOT_DELIVERED)
        path = f"/onetouch/json/approval_requests/{reference}"
        call = Call(Purpose.READ_PUSH, "GET", path, channel=Channel.PUSH)
        return await self.http.read(call, lambda body: read_answer(body, reference))

    async def send_code(self, account: str, channel: Channel, *, binding: str) -> Delivery:
        """Not forced: a person with the app is sent there instead, and the answer says so."""
        if channel not in _SENDING:
            raise ChannelUnavailable(channel, Unavailable.NOT_DELIVERED)
        path = f"/protected/json/{_SENDING[channel]}/{_person(account)}"
        call = Call(Purpose.SEND_CODE, "GET", path, query={"action": binding[:_ACTION_LENGTH]}, channel=channel)
        body = await self.http.good(call)
        if is_true(body.get("ignored")):
            return Delivery.OPEN_APP
        # An answer has been seen that says "success" above an error text: what was sent names the number.
        if not body.get("cellphone"):
            raise ChannelUnavailable(channel, Unavailable.NOT_DELIVERED)
        return Delivery.SENT

    async def require_code(self, account: str, code: str, *, binding: str | None) -> None:
        """Without `force=true` Authy would pass any code of a person who has never confirmed one."""
        if not _CODE.fullmatch(code):
            raise WrongCode
        query = {"force": "true"} | ({"action": binding[:_ACTION_LENGTH]} if binding is not None else {})
        path = f"/protected/json/verify/{code}/{_person(account)}"
        channel = Channel.APP if binding is None else Channel.SMS
        call = Call(Purpose.CHECK_CODE, "GET", path, query=query, channel=channel)
        answer = await self.http.ask(call)
        if not _is_accepted(answer):
            raise refusal(call, answer)

    async def remove(self, account: str) -> None:
        """Authy takes about a day: whoever calls this forgets the account at once."""
        path = f"/protected/json/users/{_person(account)}/remove"
        await self.http.good(Call(Purpose.REMOVE, "POST", path))

    async def probe(self) -> AppDetails:
        """The cheapest question that needs our key: for readiness and the doctor."""
        return await self.switches.read()


def _person(account: str) -> str:
    """Only digits become part of a URL."""
    if not is_id(account):
        raise AccountUnknown
    return account


def _read_account(body: Mapping[str, object]) -> str:
    return as_id(as_object(body.get("user"), "user").get("id"), "id")


def _is_accepted(answer: Answer) -> bool:
    """All four: HTTP 200, an object, the member `token`, and success (a string here)."""
    return (
        answer.status == HTTPStatus.OK
        and answer.body.get("token") == "is valid"
        and is_true(answer.body.get("success"))
    )
